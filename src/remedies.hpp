// What helps against a problem: the key to edit, the right to grant.
#pragma once

#include <string>
#include <string_view>
#include <system_error>

#include <pinfold/detail/os.hpp>
#include <pinfold/detail/topology_core.hpp>

namespace pinfold::detail {

/// "[asio.net] cores (md.toml:14)"; the table's place where the file does not set the key.
[[nodiscard]] std::string key_of(const pool_place& place, std::string_view key);
/// The same of [process].
[[nodiscard]] std::string process_key(const topology_facts& facts, std::string_view key);

/// How the program gets the right to a policy.
[[nodiscard]] std::string scheduling_remedy(const os::schedule& schedule);
/// What helps where the kernel has refused one.
[[nodiscard]] std::string remedy_for_refusal(const os::schedule& schedule, std::error_code error);

}  // namespace pinfold::detail
