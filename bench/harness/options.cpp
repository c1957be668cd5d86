#include "options.hpp"

#include <charconv>
#include <string>
#include <system_error>

namespace bench {
namespace {

long parse(std::string_view option, std::string_view text) {
  long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw usage_error(std::string(option) + " takes a whole number; got '" + std::string(text) + "'");
  }
  return value;
}

}  // namespace

options::options(int argc, const char* const* argv) {
  for (int i = 1; i < argc; i += 2) {
    const std::string_view word = argv[i];
    if (!word.starts_with("--")) throw usage_error("'" + std::string(word) + "' is no option");
    if (i + 1 == argc) throw usage_error(std::string(word) + " needs a value");
    options_.push_back({word.substr(2), parse(word, argv[i + 1])});
  }
}

long options::required(std::string_view name, long low, long high) {
  const long missing = low - 1;
  const long value = optional(name, missing, low, high);
  if (value == missing) throw usage_error("--" + std::string(name) + " is missing");
  return value;
}

long options::optional(std::string_view name, long fallback, long low, long high) {
  long value = fallback;
  for (option& each : options_) {
    if (each.name != name) continue;
    if (each.value < low || each.value > high) {
      throw usage_error("--" + std::string(name) + " takes " + std::to_string(low) + " to " + std::to_string(high) +
                        "; got " + std::to_string(each.value));
    }
    each.known = true;
    value = each.value;
  }
  return value;
}

void options::reject_unknown() const {
  for (const option& each : options_) {
    if (!each.known) throw usage_error("there is no option '--" + std::string(each.name) + "'");
  }
}

}  // namespace bench
