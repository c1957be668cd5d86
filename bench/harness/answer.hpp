// A program that finds a wrong answer reports nothing else.
#pragma once

#include <stdexcept>
#include <string>

namespace bench {

class wrong_answer : public std::runtime_error {
 public:
  wrong_answer(long answer, long expected)
      : std::runtime_error("wrong answer: " + std::to_string(answer) + "; expected " + std::to_string(expected)) {}
  using std::runtime_error::runtime_error;
};

/// Throws wrong_answer.
inline void require_answer(long answer, long expected) {
  if (answer != expected) throw wrong_answer(answer, expected);
}

}  // namespace bench
