#include "axis.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

namespace demo {

axis::axis(bool logarithmic, std::vector<double> marks) : logarithmic_(logarithmic), marks_(std::move(marks)) {}

axis axis::logarithmic(double least, double greatest) {
  std::vector<double> marks;
  const double top = std::ceil(std::log10(greatest));
  for (double exponent = std::floor(std::log10(least)); exponent <= top; ++exponent) {
    marks.push_back(std::pow(10, exponent));
  }
  if (marks.size() == 1) marks.push_back(marks[0] * 10);
  return {true, marks};
}

axis axis::linear(double greatest) {
  constexpr double most_marks = 5;
  const double least_step = std::max(greatest, 1.0) / most_marks;
  const double decade = std::pow(10, std::floor(std::log10(least_step)));
  double step = 10 * decade;
  for (const double each : {5, 2, 1}) {
    if (each * decade >= least_step) step = each * decade;
  }
  std::vector<double> marks{0};
  while (marks.back() < greatest) marks.push_back(marks.back() + step);
  if (marks.size() == 1) marks.push_back(step);
  return {false, marks};
}

double axis::place_of(double value) const {
  if (!logarithmic_) return value / marks_.back();
  return std::log(value / marks_.front()) / std::log(marks_.back() / marks_.front());
}

std::string short_number(double value) {
  const char* unit = "";
  for (const char* next : {"k", "M", "G"}) {
    if (value < 1000) break;
    value /= 1000;
    unit = next;
  }
  char text[32];
  std::snprintf(text, sizeof text, "%.3g%s", value, unit);
  return text;
}

}  // namespace demo
