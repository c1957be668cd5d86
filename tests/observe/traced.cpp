// A process to trace: once its input has ended, it posts 100 tasks to a pool, whose thread falls asleep after them.
#include <chrono>
#include <iostream>
#include <string>
#include <thread>

#include <traced/topology.hpp>

int main() {
  const auto running = traced::topology.start();
  std::cout << "ready" << std::endl;
  std::string line;
  while (std::getline(std::cin, line)) {
  }
  auto& work = traced::native_pools::work;
  const auto parks = work.stats().parks;
  for (int i = 0; i < 100; ++i) work.post([] {});
  work.wait_idle();
  while (work.stats().parks == parks) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}
