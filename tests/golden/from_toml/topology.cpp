// The pools of the thread layout 'layout', generated with <layout/topology.hpp> from layout.toml.
#include <layout/topology.hpp>

#include <array>
#include <string_view>

#include <pinfold/detail/topology_core.hpp>

namespace layout {

// Two layouts of one name define this twice: the linker says so, and in which files.
extern const char every_topology_of_a_program_needs_a_name_of_its_own;
const char every_topology_of_a_program_needs_a_name_of_its_own = 0;
const char layout_155d09d1f9f4dfac = 0;

namespace asio_pools {
constinit pinfold::asio_pool<tables, 0> net;
constinit pinfold::asio_pool<tables, 1> file;
}  // namespace asio_pools

namespace tbb_pools {
constinit pinfold::tbb_pool<tables, 2> sig_verify;
}  // namespace tbb_pools

namespace native_pools {
constinit pinfold::native_pool<tables, 3> default_;
}  // namespace native_pools

namespace {

// clang-format off
// Where to edit what, for remedies.
constexpr std::array<pinfold::detail::key_place, 5> asio_net_keys{{
    {"cores", "layout.toml:17"},
    {"exclusive", "layout.toml:18"},
    {"idle", "overlay.toml:2"},
    {"spin_us", "overlay.toml:3"},
    {"description", "layout.toml:19"},
}};
constexpr std::array<pinfold::detail::key_place, 3> asio_file_keys{{
    {"cores", "layout.toml:22"},
    {"threads", "layout.toml:23"},
    {"blocking_threads", "layout.toml:24"},
}};
constexpr std::array<pinfold::detail::key_place, 2> tbb_sig_verify_keys{{
    {"cores", "layout.toml:32"},
    {"policy", "layout.toml:33"},
}};
constexpr std::array<pinfold::detail::key_place, 5> native_default_keys{{
    {"cores", "layout.toml:36"},
    {"pin", "layout.toml:37"},
    {"threads", "layout.toml:38"},
    {"nice", "PINFOLD_SET"},
    {"max_threads", "PINFOLD_SET"},
}};
constexpr std::array<pinfold::detail::key_place, 4> process_keys{{
    {"cpuset", "layout.toml:6"},
    {"cores", "layout.toml:7"},
    {"lock_memory", "layout.toml:8"},
    {"timer_slack_ns", "layout.toml:9"},
}};
constexpr std::array<pinfold::detail::pool_place, 4> places{{
    {.table = "asio.net", .place = "layout.toml:16", .keys = asio_net_keys},
    {.table = "asio.file", .place = "layout.toml:21", .keys = asio_file_keys},
    {.table = "tbb.sig_verify", .place = "layout.toml:31", .keys = tbb_sig_verify_keys},
    {.table = "native.default", .place = "layout.toml:35", .keys = native_default_keys},
}};

constinit const std::array<pinfold::detail::pool_core*, 4> pool_cores{{
    &asio_pools::net.core(),
    &asio_pools::file.core(),
    &tbb_pools::sig_verify.core(),
    &native_pools::default_.core(),
}};
// clang-format on

}  // namespace

constinit pinfold::detail::topology_core tables::core{{
    .name = tables::name,
    .file = "layout.toml",
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
    .ascii "{\"format\":1,\"pinfold\":\"0.1.0\",\"kinds\":[\"asio\",\"tbb\",\"native\"],\"name\":\"layout\",\"f"
    .ascii "ile\":\"layout.toml\",\"undeclared\":\"error\",\"on_failure\":\"degrade\",\"process\":{\"cpuse"
    .ascii "t\":[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16],\"cores\":[6,7,8],\"lock_memory\":true"
    .ascii ",\"timer_slack_ns\":1,\"cpu_dma_latency_us\":null,\"stray_tbb\":\"serial\",\"origins\":{\"c"
    .ascii "puset\":{\"layer\":\"file\",\"file\":\"layout.toml\",\"line\":6},\"cores\":{\"layer\":\"file\",\"f"
    .ascii "ile\":\"layout.toml\",\"line\":7},\"lock_memory\":{\"layer\":\"file\",\"file\":\"layout.toml\","
    .ascii "\"line\":8},\"timer_slack_ns\":{\"layer\":\"file\",\"file\":\"layout.toml\",\"line\":9}}},\"cor"
    .ascii "e_sets\":{\"network\":[1,2,3,4],\"disk\":[0],\"compute\":[9,10,11,13,14,15,16]},\"pools\""
    .ascii ":[{\"kind\":\"asio\",\"name\":\"net\",\"identifier\":\"net\",\"origin\":{\"layer\":\"file\",\"file\""
    .ascii ":\"layout.toml\",\"line\":16},\"origins\":{\"cores\":{\"layer\":\"file\",\"file\":\"layout.toml"
    .ascii "\",\"line\":17},\"threads\":{\"layer\":\"default\",\"note\":\"number of cores\"},\"exclusive\":"
    .ascii "{\"layer\":\"file\",\"file\":\"layout.toml\",\"line\":18},\"idle\":{\"layer\":\"overlay overlay"
    .ascii ".toml\",\"file\":\"overlay.toml\",\"line\":2},\"spin_us\":{\"layer\":\"overlay overlay.toml\""
    .ascii ",\"file\":\"overlay.toml\",\"line\":3},\"thread_name\":{\"layer\":\"default\",\"note\":\"pool n"
    .ascii "ame\"},\"description\":{\"layer\":\"file\",\"file\":\"layout.toml\",\"line\":19}},\"cores\":[1,"
    .ascii "2,3,4],\"cores_text\":\"network\",\"threads\":4,\"pin\":\"thread\",\"exclusive\":true,\"polic"
    .ascii "y\":\"other\",\"priority\":0,\"nice\":null,\"deadline\":null,\"idle\":\"spin\",\"spin_us\":20,\""
    .ascii "stack_kib\":2048,\"prefault_stack\":false,\"thread_name\":\"net\",\"description\":\"market"
    .ascii " data in, orders out\",\"blocking_threads\":0,\"contexts\":\"shared\",\"allow_blocking\":"
    .ascii "false,\"max_threads\":0,\"task_slots\":8192,\"inject_slots\":4096,\"metrics\":\"off\"},{\"k"
    .ascii "ind\":\"asio\",\"name\":\"file\",\"identifier\":\"file\",\"origin\":{\"layer\":\"file\",\"file\":\"l"
    .ascii "ayout.toml\",\"line\":21},\"origins\":{\"cores\":{\"layer\":\"file\",\"file\":\"layout.toml\",\""
    .ascii "line\":22},\"threads\":{\"layer\":\"file\",\"file\":\"layout.toml\",\"line\":23},\"thread_name"
    .ascii "\":{\"layer\":\"default\",\"note\":\"pool name\"},\"blocking_threads\":{\"layer\":\"file\",\"fil"
    .ascii "e\":\"layout.toml\",\"line\":24}},\"cores\":[0],\"cores_text\":\"disk\",\"threads\":1,\"pin\":\""
    .ascii "thread\",\"exclusive\":false,\"policy\":\"other\",\"priority\":0,\"nice\":null,\"deadline\":n"
    .ascii "ull,\"idle\":\"park\",\"spin_us\":50,\"stack_kib\":2048,\"prefault_stack\":false,\"thread_n"
    .ascii "ame\":\"file\",\"description\":\"\",\"blocking_threads\":2,\"contexts\":\"shared\",\"allow_blo"
    .ascii "cking\":false,\"max_threads\":0,\"task_slots\":8192,\"inject_slots\":4096,\"metrics\":\"of"
    .ascii "f\"},{\"kind\":\"tbb\",\"name\":\"sig_verify\",\"identifier\":\"sig_verify\",\"origin\":{\"layer"
    .ascii "\":\"file\",\"file\":\"layout.toml\",\"line\":31},\"origins\":{\"cores\":{\"layer\":\"file\",\"fil"
    .ascii "e\":\"layout.toml\",\"line\":32},\"threads\":{\"layer\":\"default\",\"note\":\"number of cores"
    .ascii "\"},\"policy\":{\"layer\":\"file\",\"file\":\"layout.toml\",\"line\":33},\"thread_name\":{\"laye"
    .ascii "r\":\"default\",\"note\":\"pool name\"}},\"cores\":[9,10,11,13,14,15,16],\"cores_text\":\"co"
    .ascii "mpute\",\"threads\":7,\"pin\":\"thread\",\"exclusive\":false,\"policy\":\"batch\",\"priority\":"
    .ascii "0,\"nice\":null,\"deadline\":null,\"idle\":\"park\",\"spin_us\":50,\"stack_kib\":2048,\"prefa"
    .ascii "ult_stack\":false,\"thread_name\":\"sig_verify\",\"description\":\"\",\"blocking_threads\":"
    .ascii "0,\"contexts\":\"shared\",\"allow_blocking\":false,\"max_threads\":0,\"task_slots\":8192,\""
    .ascii "inject_slots\":4096,\"metrics\":\"off\"},{\"kind\":\"native\",\"name\":\"default\",\"identifie"
    .ascii "r\":\"default_\",\"origin\":{\"layer\":\"file\",\"file\":\"layout.toml\",\"line\":35},\"origins\""
    .ascii ":{\"cores\":{\"layer\":\"file\",\"file\":\"layout.toml\",\"line\":36},\"pin\":{\"layer\":\"file\","
    .ascii "\"file\":\"layout.toml\",\"line\":37},\"threads\":{\"layer\":\"file\",\"file\":\"layout.toml\",\""
    .ascii "line\":38},\"nice\":{\"layer\":\"environment\"},\"thread_name\":{\"layer\":\"default\",\"note\""
    .ascii ":\"pool name\"},\"max_threads\":{\"layer\":\"environment\"}},\"cores\":[6,7,8],\"cores_text"
    .ascii "\":\"6-8\",\"threads\":2,\"pin\":\"set\",\"exclusive\":false,\"policy\":\"other\",\"priority\":0,"
    .ascii "\"nice\":5,\"deadline\":null,\"idle\":\"park\",\"spin_us\":50,\"stack_kib\":2048,\"prefault_s"
    .ascii "tack\":false,\"thread_name\":\"default\",\"description\":\"\",\"blocking_threads\":0,\"conte"
    .ascii "xts\":\"shared\",\"allow_blocking\":false,\"max_threads\":3,\"task_slots\":8192,\"inject_s"
    .ascii "lots\":4096,\"metrics\":\"off\"}],\"names\":[{\"kind\":\"asio\",\"name\":\"file\",\"identifier\":"
    .ascii "\"file\",\"pool\":1,\"how\":\"declared\",\"target\":\"file\",\"origin\":{\"layer\":\"file\",\"file\""
    .ascii ":\"layout.toml\",\"line\":21}},{\"kind\":\"asio\",\"name\":\"net\",\"identifier\":\"net\",\"pool\""
    .ascii ":0,\"how\":\"declared\",\"target\":\"net\",\"origin\":{\"layer\":\"file\",\"file\":\"layout.toml\""
    .ascii ",\"line\":16}},{\"kind\":\"asio\",\"name\":\"replay\",\"identifier\":\"replay\",\"pool\":1,\"how\""
    .ascii ":\"fallback\",\"target\":\"file\",\"origin\":{\"layer\":\"file\",\"file\":\"layout.toml\",\"line\""
    .ascii ":29}},{\"kind\":\"tbb\",\"name\":\"gossip_consume\",\"identifier\":\"gossip_consume\",\"pool\""
    .ascii ":2,\"how\":\"alias\",\"target\":\"sig_verify\",\"origin\":{\"layer\":\"file\",\"file\":\"layout.t"
    .ascii "oml\",\"line\":42}},{\"kind\":\"tbb\",\"name\":\"sig_verify\",\"identifier\":\"sig_verify\",\"po"
    .ascii "ol\":2,\"how\":\"declared\",\"target\":\"sig_verify\",\"origin\":{\"layer\":\"file\",\"file\":\"la"
    .ascii "yout.toml\",\"line\":31}},{\"kind\":\"native\",\"name\":\"default\",\"identifier\":\"default_\""
    .ascii ",\"pool\":3,\"how\":\"declared\",\"target\":\"default\",\"origin\":{\"layer\":\"file\",\"file\":\"l"
    .ascii "ayout.toml\",\"line\":35}}],\"absent\":[{\"kind\":\"asio\",\"name\":\"replay\",\"reason\":\"disa"
    .ascii "bled\",\"fallback\":\"file\",\"origin\":{\"layer\":\"file\",\"file\":\"layout.toml\",\"line\":26}"
    .ascii "}],\"inputs\":[\"layout.toml\",\"overlay.toml\"],\"machine\":null,\"origins\":{\"name\":{\"la"
    .ascii "yer\":\"file\",\"file\":\"layout.toml\",\"line\":2},\"undeclared\":{\"layer\":\"file\",\"file\":\""
    .ascii "layout.toml\",\"line\":3},\"on_failure\":{\"layer\":\"set\"}},\"written_sets\":{\"network\":{"
    .ascii "\"text\":\"1-4\",\"origin\":{\"layer\":\"file\",\"file\":\"layout.toml\",\"line\":12}},\"disk\":{\""
    .ascii "text\":\"0\",\"origin\":{\"layer\":\"overlay overlay.toml\",\"file\":\"overlay.toml\",\"line\":"
    .ascii "6}},\"compute\":{\"text\":\"9-16,!12\",\"origin\":{\"layer\":\"file\",\"file\":\"layout.toml\",\""
    .ascii "line\":14}}}}"
7772:
    .balign 4
    .popsection
)");

// Facts that only the compiler knows, asserted where the topology file says otherwise.
#line 16 "layout.toml"
static_assert(tables::pools[0].stack_kib >= pinfold::min_stack_kib,
              "PF009: asio.net: a stack of 2048 KiB is below the library's pinfold::min_stack_kib; raise stack_kib");
#line 16 "layout.toml"
static_assert(tables::pools[0].threads + tables::pools[0].blocking_threads <= pinfold::max_pool_threads,
              "PF009: asio.net: more threads than the library's pinfold::max_pool_threads; lower threads or blocking_threads");
#line 16 "layout.toml"
static_assert(std::string_view("net-3").size() <= pinfold::max_thread_name,
              "PF034: asio.net: thread name 'net-3' is longer than the library's pinfold::max_thread_name; shorten thread_name");
#line 21 "layout.toml"
static_assert(tables::pools[1].stack_kib >= pinfold::min_stack_kib,
              "PF009: asio.file: a stack of 2048 KiB is below the library's pinfold::min_stack_kib; raise stack_kib");
#line 23 "layout.toml"
static_assert(tables::pools[1].threads + tables::pools[1].blocking_threads <= pinfold::max_pool_threads,
              "PF009: asio.file: more threads than the library's pinfold::max_pool_threads; lower threads or blocking_threads");
#line 21 "layout.toml"
static_assert(std::string_view("file-b1").size() <= pinfold::max_thread_name,
              "PF034: asio.file: thread name 'file-b1' is longer than the library's pinfold::max_thread_name; shorten thread_name");
#line 31 "layout.toml"
static_assert(tables::pools[2].stack_kib >= pinfold::min_stack_kib,
              "PF009: tbb.sig_verify: a stack of 2048 KiB is below the library's pinfold::min_stack_kib; raise stack_kib");
#line 31 "layout.toml"
static_assert(tables::pools[2].threads <= pinfold::max_pool_threads,
              "PF009: tbb.sig_verify: more threads than the library's pinfold::max_pool_threads; lower threads");
#line 31 "layout.toml"
static_assert(std::string_view("sig_verify-6").size() <= pinfold::max_thread_name,
              "PF034: tbb.sig_verify: thread name 'sig_verify-6' is longer than the library's pinfold::max_thread_name; shorten thread_name");
#line 35 "layout.toml"
static_assert(tables::pools[3].stack_kib >= pinfold::min_stack_kib,
              "PF009: native.default: a stack of 2048 KiB is below the library's pinfold::min_stack_kib; raise stack_kib");
#line 38 "layout.toml"
static_assert(tables::pools[3].threads + tables::pools[3].max_threads <= pinfold::max_pool_threads,
              "PF009: native.default: more threads than the library's pinfold::max_pool_threads; lower threads or max_threads");
#line 35 "layout.toml"
static_assert(std::string_view("default-1").size() <= pinfold::max_thread_name,
              "PF034: native.default: thread name 'default-1' is longer than the library's pinfold::max_thread_name; shorten thread_name");

}  // namespace layout
