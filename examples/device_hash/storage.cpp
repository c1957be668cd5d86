#include "storage.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <map>
#include <string>
#include <system_error>
#include <utility>

namespace device_hash {
namespace {

namespace fs = std::filesystem;

constexpr std::array kinds{std::pair{device_kind::rotating, std::string_view("rotating")},
                           std::pair{device_kind::solid, std::string_view("solid")},
                           std::pair{device_kind::unknown, std::string_view("unknown")}};

dev_t device_of(const fs::path& path) {
  struct stat facts{};
  if (lstat(path.c_str(), &facts) != 0) {
    throw fs::filesystem_error("cannot look at the file", path, std::error_code(errno, std::generic_category()));
  }
  return facts.st_dev;
}

// A partition has no queue of its own: its disk's folder is around it.
device_kind kind_of_device(dev_t device) {
  const std::string folder = "/sys/dev/block/" + std::to_string(major(device)) + ':' + std::to_string(minor(device));
  for (const char* const queue : {"/queue/rotational", "/../queue/rotational"}) {
    std::ifstream in(folder + queue);
    if (int rotational = 0; in >> rotational) return rotational != 0 ? device_kind::rotating : device_kind::solid;
  }
  return device_kind::unknown;
}

bool lies_in(const fs::path& path, const fs::path& folder) {
  const fs::path inside = fs::weakly_canonical(path).lexically_relative(fs::weakly_canonical(folder));
  return !inside.empty() && *inside.begin() != "..";
}

class kinds_of_files {
 public:
  explicit kinds_of_files(const std::vector<declared_kind>& declared) : declared_(declared) {}

  device_kind operator()(const fs::path& path) {
    for (const declared_kind& each : declared_) {
      if (lies_in(path, each.folder)) return each.kind;
    }
    const dev_t device = device_of(path);
    const auto [known, is_new] = by_device_.try_emplace(device);
    if (is_new) known->second = kind_of_device(device);
    return known->second;
  }

 private:
  const std::vector<declared_kind>& declared_;
  std::map<dev_t, device_kind> by_device_;
};

}  // namespace

std::optional<device_kind> device_kind_of(std::string_view name) {
  for (const auto& [kind, text] : kinds) {
    if (text == name) return kind;
  }
  return std::nullopt;
}

std::string_view name_of(device_kind kind) { return kinds[static_cast<std::size_t>(kind)].second; }

std::vector<file> find_files(const std::vector<fs::path>& roots, const std::vector<declared_kind>& declared) {
  kinds_of_files kind_of(declared);
  std::vector<file> files;
  const auto add = [&](const fs::path& path) { files.push_back({path, kind_of(path)}); };
  for (const fs::path& root : roots) {
    if (!fs::is_directory(root)) {
      add(root);
      continue;
    }
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root)) {
      if (!entry.is_symlink() && entry.is_regular_file()) add(entry.path());
    }
  }
  std::ranges::sort(files, {}, [](const file& each) { return each.path.native(); });
  return files;
}

}  // namespace device_hash
