// The pools of the thread layout 'names', generated with <names/topology.hpp> from md.toml.
#include <names/topology.hpp>

#include <array>
#include <string_view>

#include <pinfold/detail/topology_core.hpp>

namespace names {

// Two layouts of one name define this twice: the linker says so, and in which files.
extern const char every_topology_of_a_program_needs_a_name_of_its_own;
const char every_topology_of_a_program_needs_a_name_of_its_own = 0;
const char layout_d68ad21711947bb1 = 0;

namespace asio_pools {
constinit pinfold::asio_pool<tables, 1> net;
}  // namespace asio_pools

namespace tbb_pools {
constinit pinfold::tbb_pool<tables, 0> verify;
}  // namespace tbb_pools

namespace {

// clang-format off
// Where to edit what, for remedies.
constexpr std::array<pinfold::detail::key_place, 1> tbb_verify_keys{{
    {"cores", "md.toml:11"},
}};
constexpr std::array<pinfold::detail::key_place, 1> asio_net_keys{{
    {"cores", "md.toml:15"},
}};
constexpr std::array<pinfold::detail::key_place, 0> process_keys{{
}};
constexpr std::array<pinfold::detail::pool_place, 2> places{{
    {.table = "tbb.verify", .place = "md.toml:10", .keys = tbb_verify_keys},
    {.table = "asio.net", .place = "md.toml:14", .keys = asio_net_keys},
}};

constinit const std::array<pinfold::detail::pool_core*, 2> pool_cores{{
    &tbb_pools::verify.core(),
    &asio_pools::net.core(),
}};
// clang-format on

}  // namespace

constinit pinfold::detail::topology_core tables::core{{
    .name = tables::name,
    .file = "md.toml",
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
    .ascii "{\"format\":1,\"pinfold\":\"0.1.0\",\"kinds\":[\"asio\",\"tbb\"],\"name\":\"names\",\"file\":\"md.t"
    .ascii "oml\",\"undeclared\":\"fallback\",\"on_failure\":\"fail\",\"process\":{\"cpuset\":null,\"cores"
    .ascii "\":null,\"lock_memory\":false,\"timer_slack_ns\":null,\"cpu_dma_latency_us\":null,\"stra"
    .ascii "y_tbb\":\"serial\",\"origins\":{}},\"core_sets\":{},\"pools\":[{\"kind\":\"tbb\",\"name\":\"veri"
    .ascii "fy\",\"identifier\":\"verify\",\"origin\":{\"layer\":\"file\",\"file\":\"md.toml\",\"line\":10},\""
    .ascii "origins\":{\"cores\":{\"layer\":\"file\",\"file\":\"md.toml\",\"line\":11},\"threads\":{\"layer\""
    .ascii ":\"default\",\"note\":\"number of cores\"},\"thread_name\":{\"layer\":\"default\",\"note\":\"po"
    .ascii "ol name\"}},\"cores\":[2,3],\"cores_text\":\"2,3\",\"threads\":2,\"pin\":\"thread\",\"exclusiv"
    .ascii "e\":false,\"policy\":\"other\",\"priority\":0,\"nice\":null,\"deadline\":null,\"idle\":\"park\""
    .ascii ",\"spin_us\":50,\"stack_kib\":2048,\"prefault_stack\":false,\"thread_name\":\"verify\",\"de"
    .ascii "scription\":\"\",\"blocking_threads\":0,\"contexts\":\"shared\",\"allow_blocking\":false,\"m"
    .ascii "ax_threads\":0,\"task_slots\":8192,\"inject_slots\":4096,\"metrics\":\"off\"},{\"kind\":\"as"
    .ascii "io\",\"name\":\"net\",\"identifier\":\"net\",\"origin\":{\"layer\":\"file\",\"file\":\"md.toml\",\"l"
    .ascii "ine\":14},\"origins\":{\"cores\":{\"layer\":\"file\",\"file\":\"md.toml\",\"line\":15},\"threads"
    .ascii "\":{\"layer\":\"default\",\"note\":\"number of cores\"},\"thread_name\":{\"layer\":\"default\","
    .ascii "\"note\":\"pool name\"}},\"cores\":[0],\"cores_text\":\"0\",\"threads\":1,\"pin\":\"thread\",\"ex"
    .ascii "clusive\":false,\"policy\":\"other\",\"priority\":0,\"nice\":null,\"deadline\":null,\"idle\":"
    .ascii "\"park\",\"spin_us\":50,\"stack_kib\":2048,\"prefault_stack\":false,\"thread_name\":\"net\","
    .ascii "\"description\":\"\",\"blocking_threads\":0,\"contexts\":\"shared\",\"allow_blocking\":false"
    .ascii ",\"max_threads\":0,\"task_slots\":8192,\"inject_slots\":4096,\"metrics\":\"off\"}],\"names\""
    .ascii ":[{\"kind\":\"tbb\",\"name\":\"verify\",\"identifier\":\"verify\",\"pool\":0,\"how\":\"declared\","
    .ascii "\"target\":\"verify\",\"origin\":{\"layer\":\"file\",\"file\":\"md.toml\",\"line\":10}},{\"kind\":"
    .ascii "\"asio\",\"name\":\"net\",\"identifier\":\"net\",\"pool\":1,\"how\":\"declared\",\"target\":\"net\","
    .ascii "\"origin\":{\"layer\":\"file\",\"file\":\"md.toml\",\"line\":14}},{\"kind\":\"tbb\",\"name\":\"goss"
    .ascii "ip_consume\",\"identifier\":\"gossip_consume\",\"pool\":0,\"how\":\"alias\",\"target\":\"verif"
    .ascii "y\",\"origin\":{\"layer\":\"file\",\"file\":\"md.toml\",\"line\":31}},{\"kind\":\"tbb\",\"name\":\"a"
    .ascii "_consume\",\"identifier\":\"a_consume\",\"pool\":0,\"how\":\"alias\",\"target\":\"gossip_consu"
    .ascii "me\",\"origin\":{\"layer\":\"file\",\"file\":\"md.toml\",\"line\":30}},{\"kind\":\"asio\",\"name\":"
    .ascii "\"rx\",\"identifier\":\"rx\",\"pool\":1,\"how\":\"fallback\",\"target\":\"net\",\"origin\":{\"layer"
    .ascii "\":\"file\",\"file\":\"md.toml\",\"line\":18}},{\"kind\":\"asio\",\"name\":\"rx2\",\"identifier\":\""
    .ascii "rx2\",\"pool\":1,\"how\":\"fallback\",\"target\":\"rx\",\"origin\":{\"layer\":\"file\",\"file\":\"md"
    .ascii ".toml\",\"line\":22}}],\"absent\":[{\"kind\":\"asio\",\"name\":\"rx\",\"reason\":\"disabled\",\"fa"
    .ascii "llback\":\"net\",\"origin\":{\"layer\":\"file\",\"file\":\"md.toml\",\"line\":18}},{\"kind\":\"asi"
    .ascii "o\",\"name\":\"rx2\",\"reason\":\"needs core 12; the machine has 0-7\",\"fallback\":\"rx\",\"o"
    .ascii "rigin\":{\"layer\":\"file\",\"file\":\"md.toml\",\"line\":22}},{\"kind\":\"tbb\",\"name\":\"spare\""
    .ascii ",\"reason\":\"disabled\",\"fallback\":null,\"origin\":{\"layer\":\"file\",\"file\":\"md.toml\",\""
    .ascii "line\":26}}],\"inputs\":[\"md.toml\"],\"machine\":null,\"origins\":{\"name\":{\"layer\":\"file"
    .ascii "\",\"file\":\"md.toml\",\"line\":2}},\"written_sets\":{}}"
7772:
    .balign 4
    .popsection
)");

// Facts that only the compiler knows, asserted where the topology file says otherwise.
#line 10 "md.toml"
static_assert(tables::pools[0].stack_kib >= pinfold::min_stack_kib,
              "PF009: tbb.verify: a stack of 2048 KiB is below the library's pinfold::min_stack_kib; raise stack_kib");
#line 10 "md.toml"
static_assert(tables::pools[0].threads <= pinfold::max_pool_threads,
              "PF009: tbb.verify: more threads than the library's pinfold::max_pool_threads; lower threads");
#line 10 "md.toml"
static_assert(std::string_view("verify-1").size() <= pinfold::max_thread_name,
              "PF034: tbb.verify: thread name 'verify-1' is longer than the library's pinfold::max_thread_name; shorten thread_name");
#line 14 "md.toml"
static_assert(tables::pools[1].stack_kib >= pinfold::min_stack_kib,
              "PF009: asio.net: a stack of 2048 KiB is below the library's pinfold::min_stack_kib; raise stack_kib");
#line 14 "md.toml"
static_assert(tables::pools[1].threads + tables::pools[1].blocking_threads <= pinfold::max_pool_threads,
              "PF009: asio.net: more threads than the library's pinfold::max_pool_threads; lower threads or blocking_threads");
#line 14 "md.toml"
static_assert(std::string_view("net-0").size() <= pinfold::max_thread_name,
              "PF034: asio.net: thread name 'net-0' is longer than the library's pinfold::max_thread_name; shorten thread_name");

}  // namespace names
