#include "figures.hpp"

#include <cmath>
#include <cstddef>
#include <cstdio>

namespace demo {
namespace {

// Below this a difference is not worth a word.
constexpr double same_within = 0.03;

}  // namespace

std::string with_thousands(double value) {
  if (std::isnan(value)) return "n/a";
  std::string digits = std::to_string(std::llround(value));
  for (std::size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, 1, ',');
  }
  return digits;
}

std::string with_decimals(int decimals, double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

std::string factor(double from, double to) {
  if (std::abs(to / from - 1) < same_within) return "no different";
  return to < from ? with_decimals(1, from / to) + "x lower" : with_decimals(1, to / from) + "x higher";
}

std::string share(double from, double to, const std::string& things) {
  const double change = to / from - 1;
  if (std::abs(change) < same_within) return "as many " + things;
  return with_decimals(0, std::abs(change) * 100) + "% " + (change > 0 ? "more " : "fewer ") + things;
}

}  // namespace demo
