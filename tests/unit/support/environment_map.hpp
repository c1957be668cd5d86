// PINFOLD_CPU_MAP in this process's environment, for a while.
#pragma once

#include <cstdlib>
#include <string>

namespace pinfold_test {

class environment_map {
 public:
  explicit environment_map(const std::string& value) { setenv("PINFOLD_CPU_MAP", value.c_str(), 1); }
  environment_map(const environment_map&) = delete;
  environment_map& operator=(const environment_map&) = delete;
  ~environment_map() { unsetenv("PINFOLD_CPU_MAP"); }
};

}  // namespace pinfold_test
