// The pools of the thread layout 'small', generated with <small/topology.hpp> from small.toml.
#include <small/topology.hpp>

#include <array>
#include <string_view>

#include <pinfold/detail/topology_core.hpp>

namespace small {

// Two layouts of one name define this twice: the linker says so, and in which files.
extern const char every_topology_of_a_program_needs_a_name_of_its_own;
const char every_topology_of_a_program_needs_a_name_of_its_own = 0;
const char layout_a8d309c1e2044a61 = 0;

namespace native_pools {
constinit pinfold::native_pool<tables, 0> work;
}  // namespace native_pools

namespace {

// clang-format off
// Where to edit what, for remedies.
constexpr std::array<pinfold::detail::key_place, 1> native_work_keys{{
    {"cores", "md.toml:5"},
}};
constexpr std::array<pinfold::detail::key_place, 0> process_keys{{
}};
constexpr std::array<pinfold::detail::pool_place, 1> places{{
    {.table = "native.work", .place = "md.toml:4", .keys = native_work_keys},
}};

constinit const std::array<pinfold::detail::pool_core*, 1> pool_cores{{
    &native_pools::work.core(),
}};
// clang-format on

}  // namespace

constinit pinfold::detail::topology_core tables::core{{
    .name = tables::name,
    .file = "small.toml",
    .on_failure = tables::on_failure,
    .process = tables::process,
    .pools = pool_cores,
    .places = places,
    .process_keys = process_keys,
}};

// The layout as JSON, for tools that read the binary: an ELF note of owner "pinfold" and type 1.
asm(R"(
    .pushsection .note.pinfold, "a", %note
    .balign 4
    .long 8
    .long 7772f - 7771f
    .long 1
    .asciz "pinfold"
7771:
    .ascii "{\"format\":1,\"pinfold\":\"0.1.0\",\"kinds\":[\"native\"],\"name\":\"small\",\"file\":\"small.to"
    .ascii "ml\",\"undeclared\":\"fallback\",\"on_failure\":\"fail\",\"process\":{\"cpuset\":null,\"cores\""
    .ascii ":null,\"lock_memory\":false,\"timer_slack_ns\":null,\"cpu_dma_latency_us\":null,\"stray"
    .ascii "_tbb\":\"serial\",\"origins\":{}},\"core_sets\":{},\"pools\":[{\"kind\":\"native\",\"name\":\"wo"
    .ascii "rk\",\"identifier\":\"work\",\"origin\":{\"layer\":\"file\",\"file\":\"md.toml\",\"line\":4},\"ori"
    .ascii "gins\":{\"cores\":{\"layer\":\"file\",\"file\":\"md.toml\",\"line\":5},\"threads\":{\"layer\":\"de"
    .ascii "fault\",\"note\":\"number of cores\"},\"thread_name\":{\"layer\":\"default\",\"note\":\"pool n"
    .ascii "ame\"}},\"cores\":[0,1],\"cores_text\":\"0,1\",\"threads\":2,\"pin\":\"thread\",\"exclusive\":f"
    .ascii "alse,\"policy\":\"other\",\"priority\":0,\"nice\":null,\"deadline\":null,\"idle\":\"park\",\"sp"
    .ascii "in_us\":50,\"stack_kib\":2048,\"prefault_stack\":false,\"thread_name\":\"work\",\"descript"
    .ascii "ion\":\"\",\"blocking_threads\":0,\"contexts\":\"shared\",\"allow_blocking\":false,\"max_thr"
    .ascii "eads\":0,\"task_slots\":8192,\"inject_slots\":4096,\"metrics\":\"off\"}],\"names\":[{\"kind\""
    .ascii ":\"native\",\"name\":\"work\",\"identifier\":\"work\",\"pool\":0,\"how\":\"declared\",\"target\":\""
    .ascii "work\",\"origin\":{\"layer\":\"file\",\"file\":\"md.toml\",\"line\":4}}],\"absent\":[],\"inputs\""
    .ascii ":[\"small.toml\"],\"machine\":null,\"origins\":{\"name\":{\"layer\":\"file\",\"file\":\"md.toml"
    .ascii "\",\"line\":2}},\"written_sets\":{}}"
7772:
    .balign 4
    .popsection
)");

// Facts that only the compiler knows, asserted where the topology file says otherwise.
#line 4 "md.toml"
static_assert(tables::pools[0].stack_kib >= pinfold::min_stack_kib,
              "PF009: native.work: a stack of 2048 KiB is below the library's pinfold::min_stack_kib; raise stack_kib");
#line 4 "md.toml"
static_assert(tables::pools[0].threads + tables::pools[0].max_threads <= pinfold::max_pool_threads,
              "PF009: native.work: more threads than the library's pinfold::max_pool_threads; lower threads or max_threads");
#line 4 "md.toml"
static_assert(std::string_view("work-1").size() <= pinfold::max_thread_name,
              "PF034: native.work: thread name 'work-1' is longer than the library's pinfold::max_thread_name; shorten thread_name");

}  // namespace small
