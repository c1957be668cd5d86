// Runs a hidden test case of this binary ("[.child]") in a process of its own: for what ends the process.
#pragma once

#include <csignal>
#include <string>
#include <vector>

namespace pinfold_test {

struct child_result {
  int exit_code = -1;  ///< -1: ended by a signal
  int signal = 0;      ///< 0: none
  std::string output;  ///< standard output and error together
};

/// `environment`: "NAME=value", laid over this process's.
child_result run_case(const std::string& test_case, const std::vector<std::string>& environment = {});

}  // namespace pinfold_test
