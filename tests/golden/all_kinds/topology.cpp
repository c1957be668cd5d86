// The pools of the thread layout 'md', generated with <md/topology.hpp> from md.toml.
#include <md/topology.hpp>

#include <array>
#include <string_view>

#include <pinfold/detail/topology_core.hpp>

namespace md {

// Two layouts of one name define this twice: the linker says so, and in which files.
extern const char every_topology_of_a_program_needs_a_name_of_its_own;
const char every_topology_of_a_program_needs_a_name_of_its_own = 0;
const char layout_cf61f3f3e52e5617 = 0;

namespace asio_pools {
constinit pinfold::asio_pool<tables, 0> net;
constinit pinfold::asio_pool<tables, 1> file;
}  // namespace asio_pools

namespace tbb_pools {
constinit pinfold::tbb_pool<tables, 2> sig_verify;
}  // namespace tbb_pools

namespace native_pools {
constinit pinfold::native_pool<tables, 3> poh;
constinit pinfold::native_pool<tables, 4> clock;
constinit pinfold::native_pool<tables, 5> default_;
}  // namespace native_pools

namespace {

// clang-format off
// Where to edit what, for remedies.
constexpr std::array<pinfold::detail::key_place, 2> asio_net_keys{{
    {"cores", "md.toml:21"},
    {"description", "md.toml:22"},
}};
constexpr std::array<pinfold::detail::key_place, 4> asio_file_keys{{
    {"cores", "md.toml:25"},
    {"blocking_threads", "md.toml:26"},
    {"contexts", "md.toml:27"},
    {"allow_blocking", "md.toml:28"},
}};
constexpr std::array<pinfold::detail::key_place, 6> tbb_sig_verify_keys{{
    {"cores", "md.toml:31"},
    {"policy", "md.toml:32"},
    {"nice", "md.toml:33"},
    {"idle", "md.toml:34"},
    {"spin_us", "md.toml:35"},
    {"pin", "md.toml:36"},
}};
constexpr std::array<pinfold::detail::key_place, 8> native_poh_keys{{
    {"cores", "md.toml:41"},
    {"policy", "md.toml:42"},
    {"priority", "prod.toml:3"},
    {"idle", "md.toml:44"},
    {"exclusive", "md.toml:45"},
    {"stack_kib", "md.toml:46"},
    {"prefault_stack", "md.toml:47"},
    {"task_slots", "--set"},
}};
constexpr std::array<pinfold::detail::key_place, 4> native_clock_keys{{
    {"cores", "md.toml:51"},
    {"policy", "md.toml:52"},
    {"deadline", "md.toml:53"},
    {"thread_name", "md.toml:54"},
}};
constexpr std::array<pinfold::detail::key_place, 2> native_default_keys{{
    {"threads", "PINFOLD_SET"},
    {"max_threads", "md.toml:62"},
}};
constexpr std::array<pinfold::detail::key_place, 4> process_keys{{
    {"cpuset", "md.toml:5"},
    {"cores", "md.toml:6"},
    {"lock_memory", "md.toml:7"},
    {"stray_tbb", "md.toml:8"},
}};
constexpr std::array<pinfold::detail::pool_place, 6> places{{
    {.table = "asio.net", .place = "md.toml:20", .keys = asio_net_keys},
    {.table = "asio.file", .place = "md.toml:24", .keys = asio_file_keys},
    {.table = "tbb.sig_verify", .place = "md.toml:30", .keys = tbb_sig_verify_keys},
    {.table = "native.poh", .place = "md.toml:40", .keys = native_poh_keys},
    {.table = "native.clock", .place = "md.toml:50", .keys = native_clock_keys},
    {.table = "native.default", .place = "md.toml:60", .keys = native_default_keys},
}};

constinit const std::array<pinfold::detail::pool_core*, 6> pool_cores{{
    &asio_pools::net.core(),
    &asio_pools::file.core(),
    &tbb_pools::sig_verify.core(),
    &native_pools::poh.core(),
    &native_pools::clock.core(),
    &native_pools::default_.core(),
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
    .ascii "{\"format\":1,\"pinfold\":\"0.1.0\",\"kinds\":[\"asio\",\"tbb\",\"native\"],\"name\":\"md\",\"file\""
    .ascii ":\"md.toml\",\"undeclared\":\"error\",\"on_failure\":\"degrade\",\"process\":{\"cpuset\":[0,1,"
    .ascii "2,3,4,5,6,7,8,9,10,11,12,13,14,15,16],\"cores\":[6,7,8],\"lock_memory\":true,\"timer_"
    .ascii "slack_ns\":1,\"cpu_dma_latency_us\":0,\"stray_tbb\":\"allow\",\"origins\":{\"cpuset\":{\"lay"
    .ascii "er\":\"file\",\"file\":\"md.toml\",\"line\":5},\"cores\":{\"layer\":\"file\",\"file\":\"md.toml\",\""
    .ascii "line\":6},\"lock_memory\":{\"layer\":\"file\",\"file\":\"md.toml\",\"line\":7},\"stray_tbb\":{\""
    .ascii "layer\":\"file\",\"file\":\"md.toml\",\"line\":8}}},\"core_sets\":{\"network\":[1,2,3,4],\"com"
    .ascii "pute\":[9,10,11,13]},\"pools\":[{\"kind\":\"asio\",\"name\":\"net\",\"identifier\":\"net\",\"ori"
    .ascii "gin\":{\"layer\":\"file\",\"file\":\"md.toml\",\"line\":20},\"origins\":{\"cores\":{\"layer\":\"fi"
    .ascii "le\",\"file\":\"md.toml\",\"line\":21},\"description\":{\"layer\":\"file\",\"file\":\"md.toml\",\""
    .ascii "line\":22},\"threads\":{\"layer\":\"default\",\"note\":\"number of cores\"},\"thread_name\":{"
    .ascii "\"layer\":\"default\",\"note\":\"pool name\"}},\"cores\":[1,2,3,4],\"cores_text\":\"network\","
    .ascii "\"threads\":4,\"pin\":\"thread\",\"exclusive\":false,\"policy\":\"other\",\"priority\":0,\"nice"
    .ascii "\":null,\"deadline\":null,\"idle\":\"park\",\"spin_us\":50,\"stack_kib\":2048,\"prefault_sta"
    .ascii "ck\":false,\"thread_name\":\"net\",\"description\":\"market data in, orders out\",\"blocki"
    .ascii "ng_threads\":0,\"contexts\":\"shared\",\"allow_blocking\":false,\"max_threads\":0,\"task_s"
    .ascii "lots\":8192,\"inject_slots\":4096,\"metrics\":\"off\"},{\"kind\":\"asio\",\"name\":\"file\",\"id"
    .ascii "entifier\":\"file\",\"origin\":{\"layer\":\"file\",\"file\":\"md.toml\",\"line\":24},\"origins\":"
    .ascii "{\"cores\":{\"layer\":\"file\",\"file\":\"md.toml\",\"line\":25},\"blocking_threads\":{\"layer\""
    .ascii ":\"file\",\"file\":\"md.toml\",\"line\":26},\"contexts\":{\"layer\":\"file\",\"file\":\"md.toml\","
    .ascii "\"line\":27},\"allow_blocking\":{\"layer\":\"file\",\"file\":\"md.toml\",\"line\":28},\"threads"
    .ascii "\":{\"layer\":\"default\",\"note\":\"number of cores\"},\"thread_name\":{\"layer\":\"default\","
    .ascii "\"note\":\"pool name\"}},\"cores\":[5],\"cores_text\":\"5\",\"threads\":1,\"pin\":\"thread\",\"ex"
    .ascii "clusive\":false,\"policy\":\"other\",\"priority\":0,\"nice\":null,\"deadline\":null,\"idle\":"
    .ascii "\"park\",\"spin_us\":50,\"stack_kib\":2048,\"prefault_stack\":false,\"thread_name\":\"file\""
    .ascii ",\"description\":\"\",\"blocking_threads\":2,\"contexts\":\"per_thread\",\"allow_blocking\":"
    .ascii "true,\"max_threads\":0,\"task_slots\":8192,\"inject_slots\":4096,\"metrics\":\"off\"},{\"ki"
    .ascii "nd\":\"tbb\",\"name\":\"sig_verify\",\"identifier\":\"sig_verify\",\"origin\":{\"layer\":\"file\""
    .ascii ",\"file\":\"md.toml\",\"line\":30},\"origins\":{\"cores\":{\"layer\":\"file\",\"file\":\"md.toml\""
    .ascii ",\"line\":31},\"policy\":{\"layer\":\"file\",\"file\":\"md.toml\",\"line\":32},\"nice\":{\"layer\""
    .ascii ":\"file\",\"file\":\"md.toml\",\"line\":33},\"idle\":{\"layer\":\"file\",\"file\":\"md.toml\",\"lin"
    .ascii "e\":34},\"spin_us\":{\"layer\":\"file\",\"file\":\"md.toml\",\"line\":35},\"pin\":{\"layer\":\"fil"
    .ascii "e\",\"file\":\"md.toml\",\"line\":36},\"threads\":{\"layer\":\"default\",\"note\":\"number of co"
    .ascii "res\"},\"thread_name\":{\"layer\":\"default\",\"note\":\"pool name\"}},\"cores\":[9,10,11,13]"
    .ascii ",\"cores_text\":\"9,10,11,13\",\"threads\":4,\"pin\":\"set\",\"exclusive\":false,\"policy\":\"b"
    .ascii "atch\",\"priority\":0,\"nice\":5,\"deadline\":null,\"idle\":\"spin\",\"spin_us\":20,\"stack_ki"
    .ascii "b\":2048,\"prefault_stack\":false,\"thread_name\":\"sig_verify\",\"description\":\"\",\"bloc"
    .ascii "king_threads\":0,\"contexts\":\"shared\",\"allow_blocking\":false,\"max_threads\":0,\"task"
    .ascii "_slots\":8192,\"inject_slots\":4096,\"metrics\":\"off\"},{\"kind\":\"native\",\"name\":\"poh\","
    .ascii "\"identifier\":\"poh\",\"origin\":{\"layer\":\"file\",\"file\":\"md.toml\",\"line\":40},\"origins"
    .ascii "\":{\"cores\":{\"layer\":\"file\",\"file\":\"md.toml\",\"line\":41},\"policy\":{\"layer\":\"file\","
    .ascii "\"file\":\"md.toml\",\"line\":42},\"priority\":{\"layer\":\"overlay prod.toml\",\"file\":\"prod"
    .ascii ".toml\",\"line\":3},\"idle\":{\"layer\":\"file\",\"file\":\"md.toml\",\"line\":44},\"exclusive\":"
    .ascii "{\"layer\":\"file\",\"file\":\"md.toml\",\"line\":45},\"stack_kib\":{\"layer\":\"file\",\"file\":\""
    .ascii "md.toml\",\"line\":46},\"prefault_stack\":{\"layer\":\"file\",\"file\":\"md.toml\",\"line\":47}"
    .ascii ",\"task_slots\":{\"layer\":\"set\"},\"threads\":{\"layer\":\"default\",\"note\":\"number of cor"
    .ascii "es\"},\"thread_name\":{\"layer\":\"default\",\"note\":\"pool name\"}},\"cores\":[6],\"cores_te"
    .ascii "xt\":\"6\",\"threads\":1,\"pin\":\"thread\",\"exclusive\":true,\"policy\":\"fifo\",\"priority\":5"
    .ascii "0,\"nice\":null,\"deadline\":null,\"idle\":\"busy\",\"spin_us\":50,\"stack_kib\":8192,\"prefa"
    .ascii "ult_stack\":true,\"thread_name\":\"poh\",\"description\":\"\",\"blocking_threads\":0,\"conte"
    .ascii "xts\":\"shared\",\"allow_blocking\":false,\"max_threads\":0,\"task_slots\":1024,\"inject_s"
    .ascii "lots\":4096,\"metrics\":\"off\"},{\"kind\":\"native\",\"name\":\"clock\",\"identifier\":\"clock\""
    .ascii ",\"origin\":{\"layer\":\"file\",\"file\":\"md.toml\",\"line\":50},\"origins\":{\"cores\":{\"layer"
    .ascii "\":\"file\",\"file\":\"md.toml\",\"line\":51},\"policy\":{\"layer\":\"file\",\"file\":\"md.toml\",\""
    .ascii "line\":52},\"deadline\":{\"layer\":\"file\",\"file\":\"md.toml\",\"line\":53},\"thread_name\":{"
    .ascii "\"layer\":\"file\",\"file\":\"md.toml\",\"line\":54},\"threads\":{\"layer\":\"default\",\"note\":\""
    .ascii "number of cores\"}},\"cores\":[7],\"cores_text\":\"7\",\"threads\":1,\"pin\":\"thread\",\"excl"
    .ascii "usive\":false,\"policy\":\"deadline\",\"priority\":0,\"nice\":null,\"deadline\":{\"runtime_u"
    .ascii "s\":100,\"deadline_us\":200,\"period_us\":400},\"idle\":\"park\",\"spin_us\":50,\"stack_kib\""
    .ascii ":2048,\"prefault_stack\":false,\"thread_name\":\"ck\",\"description\":\"\",\"blocking_threa"
    .ascii "ds\":0,\"contexts\":\"shared\",\"allow_blocking\":false,\"max_threads\":0,\"task_slots\":81"
    .ascii "92,\"inject_slots\":4096,\"metrics\":\"off\"},{\"kind\":\"native\",\"name\":\"default\",\"ident"
    .ascii "ifier\":\"default_\",\"origin\":{\"layer\":\"file\",\"file\":\"md.toml\",\"line\":60},\"origins\""
    .ascii ":{\"threads\":{\"layer\":\"environment\"},\"max_threads\":{\"layer\":\"file\",\"file\":\"md.tom"
    .ascii "l\",\"line\":62},\"thread_name\":{\"layer\":\"default\",\"note\":\"pool name\"}},\"cores\":[],\""
    .ascii "cores_text\":\"\",\"threads\":2,\"pin\":\"none\",\"exclusive\":false,\"policy\":\"other\",\"prio"
    .ascii "rity\":0,\"nice\":null,\"deadline\":null,\"idle\":\"park\",\"spin_us\":50,\"stack_kib\":2048,"
    .ascii "\"prefault_stack\":false,\"thread_name\":\"default\",\"description\":\"\",\"blocking_thread"
    .ascii "s\":0,\"contexts\":\"shared\",\"allow_blocking\":false,\"max_threads\":16,\"task_slots\":81"
    .ascii "92,\"inject_slots\":4096,\"metrics\":\"off\"}],\"names\":[{\"kind\":\"asio\",\"name\":\"net\",\"i"
    .ascii "dentifier\":\"net\",\"pool\":0,\"how\":\"declared\",\"target\":\"net\",\"origin\":{\"layer\":\"fil"
    .ascii "e\",\"file\":\"md.toml\",\"line\":20}},{\"kind\":\"asio\",\"name\":\"file\",\"identifier\":\"file\""
    .ascii ",\"pool\":1,\"how\":\"declared\",\"target\":\"file\",\"origin\":{\"layer\":\"file\",\"file\":\"md.t"
    .ascii "oml\",\"line\":24}},{\"kind\":\"tbb\",\"name\":\"sig_verify\",\"identifier\":\"sig_verify\",\"po"
    .ascii "ol\":2,\"how\":\"declared\",\"target\":\"sig_verify\",\"origin\":{\"layer\":\"file\",\"file\":\"md"
    .ascii ".toml\",\"line\":30}},{\"kind\":\"native\",\"name\":\"poh\",\"identifier\":\"poh\",\"pool\":3,\"ho"
    .ascii "w\":\"declared\",\"target\":\"poh\",\"origin\":{\"layer\":\"file\",\"file\":\"md.toml\",\"line\":40"
    .ascii "}},{\"kind\":\"native\",\"name\":\"clock\",\"identifier\":\"clock\",\"pool\":4,\"how\":\"declared"
    .ascii "\",\"target\":\"clock\",\"origin\":{\"layer\":\"file\",\"file\":\"md.toml\",\"line\":50}},{\"kind\""
    .ascii ":\"native\",\"name\":\"default\",\"identifier\":\"default_\",\"pool\":5,\"how\":\"declared\",\"ta"
    .ascii "rget\":\"default\",\"origin\":{\"layer\":\"file\",\"file\":\"md.toml\",\"line\":60}}],\"absent\":"
    .ascii "[],\"inputs\":[\"md.toml\",\"prod.toml\"],\"machine\":null,\"origins\":{\"name\":{\"layer\":\"f"
    .ascii "ile\",\"file\":\"md.toml\",\"line\":2}},\"written_sets\":{\"network\":{\"text\":\"1-4\",\"origin"
    .ascii "\":{\"layer\":\"overlay prod.toml\",\"file\":\"prod.toml\",\"line\":9}},\"compute\":{\"text\":\""
    .ascii "9-13,!12\",\"origin\":{\"layer\":\"file\",\"file\":\"md.toml\",\"line\":12}}}}"
7772:
    .balign 4
    .popsection
)");

// Facts that only the compiler knows, asserted where the topology file says otherwise.
#line 20 "md.toml"
static_assert(tables::pools[0].stack_kib >= pinfold::min_stack_kib,
              "PF009: asio.net: a stack of 2048 KiB is below the library's pinfold::min_stack_kib; raise stack_kib");
#line 20 "md.toml"
static_assert(tables::pools[0].threads + tables::pools[0].blocking_threads <= pinfold::max_pool_threads,
              "PF009: asio.net: more threads than the library's pinfold::max_pool_threads; lower threads or blocking_threads");
#line 20 "md.toml"
static_assert(std::string_view("net-3").size() <= pinfold::max_thread_name,
              "PF034: asio.net: thread name 'net-3' is longer than the library's pinfold::max_thread_name; shorten thread_name");
#line 24 "md.toml"
static_assert(tables::pools[1].stack_kib >= pinfold::min_stack_kib,
              "PF009: asio.file: a stack of 2048 KiB is below the library's pinfold::min_stack_kib; raise stack_kib");
#line 24 "md.toml"
static_assert(tables::pools[1].threads + tables::pools[1].blocking_threads <= pinfold::max_pool_threads,
              "PF009: asio.file: more threads than the library's pinfold::max_pool_threads; lower threads or blocking_threads");
#line 24 "md.toml"
static_assert(std::string_view("file-b1").size() <= pinfold::max_thread_name,
              "PF034: asio.file: thread name 'file-b1' is longer than the library's pinfold::max_thread_name; shorten thread_name");
#line 30 "md.toml"
static_assert(tables::pools[2].stack_kib >= pinfold::min_stack_kib,
              "PF009: tbb.sig_verify: a stack of 2048 KiB is below the library's pinfold::min_stack_kib; raise stack_kib");
#line 30 "md.toml"
static_assert(tables::pools[2].threads <= pinfold::max_pool_threads,
              "PF009: tbb.sig_verify: more threads than the library's pinfold::max_pool_threads; lower threads");
#line 30 "md.toml"
static_assert(std::string_view("sig_verify-3").size() <= pinfold::max_thread_name,
              "PF034: tbb.sig_verify: thread name 'sig_verify-3' is longer than the library's pinfold::max_thread_name; shorten thread_name");
#line 46 "md.toml"
static_assert(tables::pools[3].stack_kib >= pinfold::min_stack_kib,
              "PF009: native.poh: a stack of 8192 KiB is below the library's pinfold::min_stack_kib; raise stack_kib");
#line 40 "md.toml"
static_assert(tables::pools[3].threads + tables::pools[3].max_threads <= pinfold::max_pool_threads,
              "PF009: native.poh: more threads than the library's pinfold::max_pool_threads; lower threads or max_threads");
#line 40 "md.toml"
static_assert(std::string_view("poh-0").size() <= pinfold::max_thread_name,
              "PF034: native.poh: thread name 'poh-0' is longer than the library's pinfold::max_thread_name; shorten thread_name");
#line 50 "md.toml"
static_assert(tables::pools[4].stack_kib >= pinfold::min_stack_kib,
              "PF009: native.clock: a stack of 2048 KiB is below the library's pinfold::min_stack_kib; raise stack_kib");
#line 50 "md.toml"
static_assert(tables::pools[4].threads + tables::pools[4].max_threads <= pinfold::max_pool_threads,
              "PF009: native.clock: more threads than the library's pinfold::max_pool_threads; lower threads or max_threads");
#line 54 "md.toml"
static_assert(std::string_view("ck-0").size() <= pinfold::max_thread_name,
              "PF034: native.clock: thread name 'ck-0' is longer than the library's pinfold::max_thread_name; shorten thread_name");
#line 60 "md.toml"
static_assert(tables::pools[5].stack_kib >= pinfold::min_stack_kib,
              "PF009: native.default: a stack of 2048 KiB is below the library's pinfold::min_stack_kib; raise stack_kib");
#line 60 "md.toml"
static_assert(tables::pools[5].threads + tables::pools[5].max_threads <= pinfold::max_pool_threads,
              "PF009: native.default: more threads than the library's pinfold::max_pool_threads; lower threads or max_threads");
#line 60 "md.toml"
static_assert(std::string_view("default-1").size() <= pinfold::max_thread_name,
              "PF034: native.default: thread name 'default-1' is longer than the library's pinfold::max_thread_name; shorten thread_name");

}  // namespace md
