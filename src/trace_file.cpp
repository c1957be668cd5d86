#include "trace_file.hpp"

#include <cerrno>
#include <system_error>

#include <pinfold/errors.hpp>

namespace pinfold::detail {

void trace_file::fail(const char* what) {
  const int number = errno;
  file_.reset();
  throw trace_error("trace file '" + path_ + "' " + what + ": " + std::generic_category().message(number) + " (errno " +
                    std::to_string(number) + ')');
}

void trace_file::open() {
  if (file_ != nullptr) return;
  file_.reset(std::fopen(path_.c_str(), "we"));
  if (file_ == nullptr) fail("cannot be opened");
}

void trace_file::add(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size()) fail("cannot be written");
}

void trace_file::close() {
  if (std::fclose(file_.release()) != 0) fail("cannot be written");
}

}  // namespace pinfold::detail
