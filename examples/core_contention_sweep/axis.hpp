// The vertical axis of a panel: where a value stands, and which values are marked.
#pragma once

#include <string>
#include <vector>

namespace demo {

class axis {
 public:
  /// Decades, for times that lie far apart; `least` is above zero.
  static axis logarithmic(double least, double greatest);
  /// From zero, for rates.
  static axis linear(double greatest);

  /// From 0, the lower end, to 1.
  [[nodiscard]] double place_of(double value) const;
  [[nodiscard]] const std::vector<double>& marks() const { return marks_; }

 private:
  axis(bool logarithmic, std::vector<double> marks);

  bool logarithmic_;
  std::vector<double> marks_;  ///< ascending; the first and the last are the ends
};

/// 1500000 -> "1.5M", 20000 -> "20k"
std::string short_number(double value);

}  // namespace demo
