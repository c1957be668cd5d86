// A process to trace: once its input has ended, it posts 100 tasks to a pool.
#include <iostream>
#include <string>

#include <traced/topology.hpp>

int main() {
  const auto running = traced::topology.start();
  std::cout << "ready" << std::endl;
  std::string line;
  while (std::getline(std::cin, line)) {
  }
  for (int i = 0; i < 100; ++i) traced::native_pools::work.post([] {});
}
