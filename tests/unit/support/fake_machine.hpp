// A tree of files like /proc, /sys and the cgroups' of some machine, for a while.
#pragma once

#include <stdlib.h>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <utility>

namespace pinfold_test {

class fake_machine {
 public:
  /// {"proc/loadavg", "contents"}
  fake_machine(std::initializer_list<std::pair<const char*, std::string>> files) {
    std::string name = (std::filesystem::temp_directory_path() / "pinfold-machine-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    root_ = name;
    for (const auto& [path, contents] : files) write(path, contents);
  }
  fake_machine(const fake_machine&) = delete;
  fake_machine& operator=(const fake_machine&) = delete;
  ~fake_machine() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }

  void write(const std::filesystem::path& path, const std::string& contents) const {
    std::filesystem::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << contents;
  }

  [[nodiscard]] const std::filesystem::path& root() const { return root_; }

 private:
  std::filesystem::path root_;
};

}  // namespace pinfold_test
