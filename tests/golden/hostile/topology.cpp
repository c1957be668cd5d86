// The pools of the thread layout 'hostile', generated with <hostile/topology.hpp> from we"ird \? ?/.toml.
#include <hostile/topology.hpp>

#include <array>
#include <string_view>

#include <pinfold/detail/topology_core.hpp>

namespace hostile {

// Two layouts of one name define this twice: the linker says so, and in which files.
extern const char every_topology_of_a_program_needs_a_name_of_its_own;
const char every_topology_of_a_program_needs_a_name_of_its_own = 0;
const char layout_de4df2d5aa3a4818 = 0;

namespace asio_pools {
constinit pinfold::asio_pool<tables, 0> md;
constinit pinfold::asio_pool<tables, 1> asio;
constinit pinfold::asio_pool<tables, 2> after;
}  // namespace asio_pools

namespace {

// clang-format off
// Where to edit what, for remedies.
constexpr std::array<pinfold::detail::key_place, 3> asio_md_keys{{
    {"cores", "we\"ird \\?\?/.toml:11"},
    {"description", "we\"ird \\?\?/.toml:12"},
    {"thread_name", "we\"ird \\?\?/.toml:13"},
}};
constexpr std::array<pinfold::detail::key_place, 3> asio_asio_keys{{
    {"cores", "md.toml:11"},
    {"description", "md.toml:12"},
    {"thread_name", "md.toml:13"},
}};
constexpr std::array<pinfold::detail::key_place, 1> asio_after_keys{{
    {"cores", "md.toml:11"},
}};
constexpr std::array<pinfold::detail::key_place, 0> process_keys{{
}};
constexpr std::array<pinfold::detail::pool_place, 3> places{{
    {.table = "asio.md", .place = "we\"ird \\?\?/.toml:10", .keys = asio_md_keys},
    {.table = "asio.asio", .place = "md.toml:10", .keys = asio_asio_keys},
    {.table = "asio.after", .place = "md.toml:10", .keys = asio_after_keys},
}};

constinit const std::array<pinfold::detail::pool_core*, 3> pool_cores{{
    &asio_pools::md.core(),
    &asio_pools::asio.core(),
    &asio_pools::after.core(),
}};
// clang-format on

}  // namespace

constinit pinfold::detail::topology_core tables::core{{
    .name = tables::name,
    .file = "we\"ird \\?\?/.toml",
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
    .ascii "{\"format\":1,\"pinfold\":\"0.1.0\",\"kinds\":[\"asio\"],\"name\":\"hostile\",\"file\":\"we\\\"ird "
    .ascii "\\\\??/.toml\",\"undeclared\":\"fallback\",\"on_failure\":\"fail\",\"process\":{\"cpuset\":null"
    .ascii ",\"cores\":null,\"lock_memory\":false,\"timer_slack_ns\":null,\"cpu_dma_latency_us\":nul"
    .ascii "l,\"stray_tbb\":\"serial\",\"origins\":{}},\"core_sets\":{},\"pools\":[{\"kind\":\"asio\",\"nam"
    .ascii "e\":\"md\",\"identifier\":\"md\",\"origin\":{\"layer\":\"file\",\"file\":\"we\\\"ird \\\\??/.toml\",\""
    .ascii "line\":10},\"origins\":{\"cores\":{\"layer\":\"file\",\"file\":\"we\\\"ird \\\\??/.toml\",\"line\":"
    .ascii "11},\"description\":{\"layer\":\"file\",\"file\":\"we\\\"ird \\\\??/.toml\",\"line\":12},\"thread"
    .ascii "_name\":{\"layer\":\"file\",\"file\":\"we\\\"ird \\\\??/.toml\",\"line\":13},\"threads\":{\"layer\""
    .ascii ":\"default\",\"note\":\"number of cores\"}},\"cores\":[0],\"cores_text\":\"0\",\"threads\":1,\""
    .ascii "pin\":\"thread\",\"exclusive\":false,\"policy\":\"other\",\"priority\":0,\"nice\":null,\"deadl"
    .ascii "ine\":null,\"idle\":\"park\",\"spin_us\":50,\"stack_kib\":2048,\"prefault_stack\":false,\"th"
    .ascii "read_name\":\"tables\",\"description\":\"ends */ here \\\"quoted\\\" \051\\\" ??/ 10% back\\\\sla"
    .ascii "sh\\n#error next \\u202e reversed \\u00e9\\u4e16 \\\\\",\"blocking_threads\":0,\"contexts\""
    .ascii ":\"shared\",\"allow_blocking\":false,\"max_threads\":0,\"task_slots\":8192,\"inject_slots"
    .ascii "\":4096,\"metrics\":\"off\"},{\"kind\":\"asio\",\"name\":\"asio\",\"identifier\":\"asio\",\"origin"
    .ascii "\":{\"layer\":\"file\",\"file\":\"md.toml\",\"line\":10},\"origins\":{\"cores\":{\"layer\":\"file\""
    .ascii ",\"file\":\"md.toml\",\"line\":11},\"description\":{\"layer\":\"file\",\"file\":\"md.toml\",\"lin"
    .ascii "e\":12},\"thread_name\":{\"layer\":\"file\",\"file\":\"md.toml\",\"line\":13},\"threads\":{\"lay"
    .ascii "er\":\"default\",\"note\":\"number of cores\"}},\"cores\":[1],\"cores_text\":\"1\",\"threads\":"
    .ascii "1,\"pin\":\"thread\",\"exclusive\":false,\"policy\":\"other\",\"priority\":0,\"nice\":null,\"de"
    .ascii "adline\":null,\"idle\":\"park\",\"spin_us\":50,\"stack_kib\":2048,\"prefault_stack\":false,"
    .ascii "\"thread_name\":\"x\\\"??/\\\\\\u0001\\n\",\"description\":\"a trailing backslash \\\\\",\"blocki"
    .ascii "ng_threads\":0,\"contexts\":\"shared\",\"allow_blocking\":false,\"max_threads\":0,\"task_s"
    .ascii "lots\":8192,\"inject_slots\":4096,\"metrics\":\"off\"},{\"kind\":\"asio\",\"name\":\"after\",\"i"
    .ascii "dentifier\":\"after\",\"origin\":{\"layer\":\"file\",\"file\":\"md.toml\",\"line\":10},\"origins"
    .ascii "\":{\"cores\":{\"layer\":\"file\",\"file\":\"md.toml\",\"line\":11},\"threads\":{\"layer\":\"defau"
    .ascii "lt\",\"note\":\"number of cores\"},\"thread_name\":{\"layer\":\"default\",\"note\":\"pool name"
    .ascii "\"}},\"cores\":[2],\"cores_text\":\"\\\"??/\\\\\",\"threads\":1,\"pin\":\"thread\",\"exclusive\":fa"
    .ascii "lse,\"policy\":\"other\",\"priority\":0,\"nice\":null,\"deadline\":null,\"idle\":\"park\",\"spi"
    .ascii "n_us\":50,\"stack_kib\":2048,\"prefault_stack\":false,\"thread_name\":\"after\",\"descript"
    .ascii "ion\":\"\",\"blocking_threads\":0,\"contexts\":\"shared\",\"allow_blocking\":false,\"max_thr"
    .ascii "eads\":0,\"task_slots\":8192,\"inject_slots\":4096,\"metrics\":\"off\"}],\"names\":[{\"kind\""
    .ascii ":\"asio\",\"name\":\"md\",\"identifier\":\"md\",\"pool\":0,\"how\":\"declared\",\"target\":\"md\",\"o"
    .ascii "rigin\":{\"layer\":\"file\",\"file\":\"we\\\"ird \\\\??/.toml\",\"line\":10}},{\"kind\":\"asio\",\"n"
    .ascii "ame\":\"asio\",\"identifier\":\"asio\",\"pool\":1,\"how\":\"declared\",\"target\":\"asio\",\"origi"
    .ascii "n\":{\"layer\":\"file\",\"file\":\"md.toml\",\"line\":10}},{\"kind\":\"asio\",\"name\":\"after\",\"i"
    .ascii "dentifier\":\"after\",\"pool\":2,\"how\":\"declared\",\"target\":\"after\",\"origin\":{\"layer\":"
    .ascii "\"file\",\"file\":\"md.toml\",\"line\":10}},{\"kind\":\"asio\",\"name\":\"gone\",\"identifier\":\"g"
    .ascii "one\",\"pool\":0,\"how\":\"fallback\",\"target\":\"md\",\"origin\":{\"layer\":\"file\",\"file\":\"md"
    .ascii ".toml\",\"line\":3}}],\"absent\":[{\"kind\":\"asio\",\"name\":\"gone\",\"reason\":\"why */ \\\\\",\""
    .ascii "fallback\":\"md\",\"origin\":{\"layer\":\"file\",\"file\":\"md.toml\",\"line\":3}}],\"inputs\":[\""
    .ascii "we\\\"ird \\\\??/.toml\",\"back\\\\\",\"two\\nlines.toml\"],\"machine\":null,\"origins\":{\"name\""
    .ascii ":{\"layer\":\"file\",\"file\":\"md.toml\",\"line\":2}},\"written_sets\":{}}"
7772:
    .balign 4
    .popsection
)");

// Facts that only the compiler knows, asserted where the topology file says otherwise.
#line 10 "we\"ird \\?\?/.toml"
static_assert(tables::pools[0].stack_kib >= pinfold::min_stack_kib,
              "PF009: asio.md: a stack of 2048 KiB is below the library's pinfold::min_stack_kib; raise stack_kib");
#line 10 "we\"ird \\?\?/.toml"
static_assert(tables::pools[0].threads + tables::pools[0].blocking_threads <= pinfold::max_pool_threads,
              "PF009: asio.md: more threads than the library's pinfold::max_pool_threads; lower threads or blocking_threads");
#line 13 "we\"ird \\?\?/.toml"
static_assert(std::string_view("tables-0").size() <= pinfold::max_thread_name,
              "PF034: asio.md: thread name 'tables-0' is longer than the library's pinfold::max_thread_name; shorten thread_name");
#line 10 "md.toml"
static_assert(tables::pools[1].stack_kib >= pinfold::min_stack_kib,
              "PF009: asio.asio: a stack of 2048 KiB is below the library's pinfold::min_stack_kib; raise stack_kib");
#line 10 "md.toml"
static_assert(tables::pools[1].threads + tables::pools[1].blocking_threads <= pinfold::max_pool_threads,
              "PF009: asio.asio: more threads than the library's pinfold::max_pool_threads; lower threads or blocking_threads");
#line 13 "md.toml"
static_assert(std::string_view("x\"?\?/\\\001\n-0").size() <= pinfold::max_thread_name,
              "PF034: asio.asio: thread name 'x\"?\?/\\<U+0001> -0' is longer than the library's pinfold::max_thread_name; shorten thread_name");
#line 10 "md.toml"
static_assert(tables::pools[2].stack_kib >= pinfold::min_stack_kib,
              "PF009: asio.after: a stack of 2048 KiB is below the library's pinfold::min_stack_kib; raise stack_kib");
#line 10 "md.toml"
static_assert(tables::pools[2].threads + tables::pools[2].blocking_threads <= pinfold::max_pool_threads,
              "PF009: asio.after: more threads than the library's pinfold::max_pool_threads; lower threads or blocking_threads");
#line 10 "md.toml"
static_assert(std::string_view("after-0").size() <= pinfold::max_thread_name,
              "PF034: asio.after: thread name 'after-0' is longer than the library's pinfold::max_thread_name; shorten thread_name");

}  // namespace hostile
