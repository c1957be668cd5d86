// The pools of the thread layout 'layout', generated with <layout/topology.hpp> from layout.toml.
#include <layout/topology.hpp>

#include <array>
#include <string_view>

#include <pinfold/detail/topology_core.hpp>

namespace layout {

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
    .ascii "false,\"max_threads\":0,\"task_slots\":8192,\"inject_slots\":4096},{\"kind\":\"asio\",\"nam"
    .ascii "e\":\"file\",\"identifier\":\"file\",\"origin\":{\"layer\":\"file\",\"file\":\"layout.toml\",\"lin"
    .ascii "e\":21},\"origins\":{\"cores\":{\"layer\":\"file\",\"file\":\"layout.toml\",\"line\":22},\"threa"
    .ascii "ds\":{\"layer\":\"file\",\"file\":\"layout.toml\",\"line\":23},\"thread_name\":{\"layer\":\"defa"
    .ascii "ult\",\"note\":\"pool name\"},\"blocking_threads\":{\"layer\":\"file\",\"file\":\"layout.toml\""
    .ascii ",\"line\":24}},\"cores\":[0],\"cores_text\":\"disk\",\"threads\":1,\"pin\":\"thread\",\"exclusi"
    .ascii "ve\":false,\"policy\":\"other\",\"priority\":0,\"nice\":null,\"deadline\":null,\"idle\":\"park"
    .ascii "\",\"spin_us\":50,\"stack_kib\":2048,\"prefault_stack\":false,\"thread_name\":\"file\",\"des"
    .ascii "cription\":\"\",\"blocking_threads\":2,\"contexts\":\"shared\",\"allow_blocking\":false,\"ma"
    .ascii "x_threads\":0,\"task_slots\":8192,\"inject_slots\":4096},{\"kind\":\"tbb\",\"name\":\"sig_ve"
    .ascii "rify\",\"identifier\":\"sig_verify\",\"origin\":{\"layer\":\"file\",\"file\":\"layout.toml\",\"l"
    .ascii "ine\":31},\"origins\":{\"cores\":{\"layer\":\"file\",\"file\":\"layout.toml\",\"line\":32},\"thr"
    .ascii "eads\":{\"layer\":\"default\",\"note\":\"number of cores\"},\"policy\":{\"layer\":\"file\",\"fil"
    .ascii "e\":\"layout.toml\",\"line\":33},\"thread_name\":{\"layer\":\"default\",\"note\":\"pool name\"}"
    .ascii "},\"cores\":[9,10,11,13,14,15,16],\"cores_text\":\"compute\",\"threads\":7,\"pin\":\"thread"
    .ascii "\",\"exclusive\":false,\"policy\":\"batch\",\"priority\":0,\"nice\":null,\"deadline\":null,\"i"
    .ascii "dle\":\"park\",\"spin_us\":50,\"stack_kib\":2048,\"prefault_stack\":false,\"thread_name\":\""
    .ascii "sig_verify\",\"description\":\"\",\"blocking_threads\":0,\"contexts\":\"shared\",\"allow_blo"
    .ascii "cking\":false,\"max_threads\":0,\"task_slots\":8192,\"inject_slots\":4096},{\"kind\":\"nat"
    .ascii "ive\",\"name\":\"default\",\"identifier\":\"default_\",\"origin\":{\"layer\":\"file\",\"file\":\"l"
    .ascii "ayout.toml\",\"line\":35},\"origins\":{\"cores\":{\"layer\":\"file\",\"file\":\"layout.toml\",\""
    .ascii "line\":36},\"pin\":{\"layer\":\"file\",\"file\":\"layout.toml\",\"line\":37},\"threads\":{\"laye"
    .ascii "r\":\"file\",\"file\":\"layout.toml\",\"line\":38},\"nice\":{\"layer\":\"environment\"},\"thread"
    .ascii "_name\":{\"layer\":\"default\",\"note\":\"pool name\"},\"max_threads\":{\"layer\":\"environmen"
    .ascii "t\"}},\"cores\":[6,7,8],\"cores_text\":\"6-8\",\"threads\":2,\"pin\":\"set\",\"exclusive\":fals"
    .ascii "e,\"policy\":\"other\",\"priority\":0,\"nice\":5,\"deadline\":null,\"idle\":\"park\",\"spin_us\""
    .ascii ":50,\"stack_kib\":2048,\"prefault_stack\":false,\"thread_name\":\"default\",\"description"
    .ascii "\":\"\",\"blocking_threads\":0,\"contexts\":\"shared\",\"allow_blocking\":false,\"max_thread"
    .ascii "s\":3,\"task_slots\":8192,\"inject_slots\":4096}],\"names\":[{\"kind\":\"asio\",\"name\":\"fil"
    .ascii "e\",\"identifier\":\"file\",\"pool\":1,\"how\":\"declared\",\"target\":\"file\",\"origin\":{\"laye"
    .ascii "r\":\"file\",\"file\":\"layout.toml\",\"line\":21}},{\"kind\":\"asio\",\"name\":\"net\",\"identifi"
    .ascii "er\":\"net\",\"pool\":0,\"how\":\"declared\",\"target\":\"net\",\"origin\":{\"layer\":\"file\",\"fil"
    .ascii "e\":\"layout.toml\",\"line\":16}},{\"kind\":\"asio\",\"name\":\"replay\",\"identifier\":\"replay"
    .ascii "\",\"pool\":1,\"how\":\"fallback\",\"target\":\"file\",\"origin\":{\"layer\":\"file\",\"file\":\"lay"
    .ascii "out.toml\",\"line\":29}},{\"kind\":\"tbb\",\"name\":\"gossip_consume\",\"identifier\":\"gossip"
    .ascii "_consume\",\"pool\":2,\"how\":\"alias\",\"target\":\"sig_verify\",\"origin\":{\"layer\":\"file\","
    .ascii "\"file\":\"layout.toml\",\"line\":42}},{\"kind\":\"tbb\",\"name\":\"sig_verify\",\"identifier\":"
    .ascii "\"sig_verify\",\"pool\":2,\"how\":\"declared\",\"target\":\"sig_verify\",\"origin\":{\"layer\":\""
    .ascii "file\",\"file\":\"layout.toml\",\"line\":31}},{\"kind\":\"native\",\"name\":\"default\",\"identi"
    .ascii "fier\":\"default_\",\"pool\":3,\"how\":\"declared\",\"target\":\"default\",\"origin\":{\"layer\":"
    .ascii "\"file\",\"file\":\"layout.toml\",\"line\":35}}],\"absent\":[{\"kind\":\"asio\",\"name\":\"replay"
    .ascii "\",\"reason\":\"disabled\",\"fallback\":\"file\",\"origin\":{\"layer\":\"file\",\"file\":\"layout."
    .ascii "toml\",\"line\":26}}],\"inputs\":[\"layout.toml\",\"overlay.toml\"],\"machine\":null,\"origi"
    .ascii "ns\":{\"name\":{\"layer\":\"file\",\"file\":\"layout.toml\",\"line\":2},\"undeclared\":{\"layer\""
    .ascii ":\"file\",\"file\":\"layout.toml\",\"line\":3},\"on_failure\":{\"layer\":\"set\"}},\"written_se"
    .ascii "ts\":{\"network\":{\"text\":\"1-4\",\"origin\":{\"layer\":\"file\",\"file\":\"layout.toml\",\"line"
    .ascii "\":12}},\"disk\":{\"text\":\"0\",\"origin\":{\"layer\":\"overlay overlay.toml\",\"file\":\"overl"
    .ascii "ay.toml\",\"line\":6}},\"compute\":{\"text\":\"9-16,!12\",\"origin\":{\"layer\":\"file\",\"file\""
    .ascii ":\"layout.toml\",\"line\":14}}}}"
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
