// Numbers as people read them.
#pragma once

#include <string>

namespace demo {

/// 39512.3 -> "39,512"; "n/a" for what is not available.
std::string with_thousands(double value);

std::string with_decimals(int decimals, double value);

/// How many times as low or high: "2.5x lower".
std::string factor(double from, double to);

/// How many more or fewer: "18% more requests".
std::string share(double from, double to, const std::string& things);

}  // namespace demo
