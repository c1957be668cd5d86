// A process to look at: says when its topology runs, works without a pause if told to be --busy, and ends with its
// input.
#include <atomic>
#include <iostream>
#include <string_view>

#include <observed/topology.hpp>

int main(int argc, char** argv) try {
  auto running = observed::topology.start(pinfold::start_options().read_arguments(argc, argv));
  std::atomic<bool> over = false;
  auto decoder = observed::native_pools::work.spawn_thread("decoder", [&] { over.wait(false); });
  if (argc > 1 && std::string_view(argv[1]) == "--busy") {
    observed::native_pools::work.post([&] {
      while (!over.load(std::memory_order_relaxed)) {
      }
    });
  }
  std::cout << "running" << std::endl;
  std::cin.get();
  over = true;
  over.notify_all();
} catch (const pinfold::start_error& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
