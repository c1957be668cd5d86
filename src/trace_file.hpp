// The file of a trace while it is written.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace pinfold::detail {

/// A file that was opened for writing. What fails throws trace_error with its path.
class trace_file {
 public:
  explicit trace_file(std::string path) : path_(std::move(path)) {}

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  /// Empties it; if it is open already, it does nothing.
  void open();
  void add(std::string_view text);
  void close();
  /// open() begins it anew.
  void give_up() noexcept { file_.reset(); }

 private:
  struct close_file {
    void operator()(std::FILE* file) const noexcept { (void)std::fclose(file); }
  };
  [[noreturn]] void fail(const char* what);

  std::string path_;
  std::unique_ptr<std::FILE, close_file> file_;
};

}  // namespace pinfold::detail
