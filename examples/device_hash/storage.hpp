// Which files there are, and what kind of device they lie on.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

namespace device_hash {

enum class device_kind { rotating, solid, unknown };

/// "rotating"; nothing for other names.
std::optional<device_kind> device_kind_of(std::string_view name);
std::string_view name_of(device_kind kind);

/// A folder, and what it is said to lie on, in place of what the kernel says.
struct declared_kind {
  std::filesystem::path folder;
  device_kind kind;
};

struct file {
  std::filesystem::path path;
  device_kind kind;
};

/// The regular files in and below the roots, which may be files themselves, in the order of their paths' bytes;
/// symbolic links are not followed. Throws std::filesystem::filesystem_error.
std::vector<file> find_files(const std::vector<std::filesystem::path>& roots,
                             const std::vector<declared_kind>& declared);

}  // namespace device_hash
