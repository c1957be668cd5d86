// The command line of a benchmark program: `--name N` again and again. Every program takes --workers, --size and
// --repeat; its workload may take more.
#pragma once

#include <stdexcept>
#include <string_view>
#include <vector>

namespace bench {

/// What is wrong with the command line, in one line.
class usage_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class options {
 public:
  /// Throws usage_error where a word is no option or a value no whole number, as all members do.
  options(int argc, const char* const* argv);

  /// The value of --name, which must be there, in low..high.
  long required(std::string_view name, long low, long high);
  /// The same, or `fallback` where --name is absent.
  long optional(std::string_view name, long fallback, long low, long high);

  /// Throws for an option that nobody asked for.
  void reject_unknown() const;

 private:
  struct option {
    std::string_view name;
    long value;
    bool known = false;
  };

  std::vector<option> options_;
};

}  // namespace bench
