// Signals: pool threads leave them to the program's own threads, but for those that say what the thread itself has
// done.
#include <pthread.h>
#include <signal.h>
#include <unistd.h>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <string>
#include <vector>

#include "catch.hpp"
#include "support/child.hpp"
#include "support/contract_pools.hpp"
#include "support/held_gate.hpp"
#include "support/messages.hpp"
#include "support/threads.hpp"

using namespace pinfold_test;

namespace {

// As the kernel has it: bit n - 1 is signal n.
std::uint64_t blocked_signals_of(int thread) {
  std::ifstream status("/proc/self/task/" + std::to_string(thread) + "/status");
  for (std::string word; status >> word;) {
    if (word != "SigBlk:") continue;
    std::uint64_t mask = 0;
    status >> std::hex >> mask;
    return mask;
  }
  return 0;
}

bool is_in(std::uint64_t mask, int signal) { return (mask >> static_cast<unsigned>(signal - 1) & 1U) != 0; }

constexpr std::array unblocked{SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS, SIGPROF};
constexpr std::array blocked{SIGHUP,  SIGINT,  SIGQUIT, SIGUSR1, SIGUSR2, SIGPIPE, SIGALRM,  SIGTERM,  SIGCHLD,
                             SIGTSTP, SIGTTIN, SIGTTOU, SIGURG,  SIGIO,   SIGPWR,  SIGWINCH, SIGVTALRM};

std::vector<thread_facts> threads_of_pools() {
  std::vector<thread_facts> all;
  for (const thread_facts& each : threads_of_this_process()) {
    for (const char* prefix : {"asio-", "native-", "tbb-one", "tbb-two", "visitor"}) {
      if (each.name.starts_with(prefix)) all.push_back(each);
    }
  }
  return all;
}

std::atomic<int> handled_by{0};
std::atomic<int> handled{0};

void note_signal(int) {
  handled_by = static_cast<int>(gettid());
  ++handled;
}

}  // namespace

TEST_CASE("threads of pools block what others send, SIGPROF excepted, and nothing that they do themselves") {
  const auto running = contract::topology.start();
  held_gate gate;
  auto visitor = contract::native_pools::two.spawn_thread("visitor", [&] { gate.wait(); });
  gate.wait_for_arrivals(1);
  std::size_t expected = 1;
  contract::topology.for_each([&](auto& pool) { expected += pool.size(); });

  const auto threads = threads_of_pools();
  CHECK(threads.size() == expected);
  for (const thread_facts& each : threads) {
    CAPTURE(each.name);
    const std::uint64_t mask = blocked_signals_of(each.id);
    for (const int signal : unblocked) CHECK_FALSE(is_in(mask, signal));
    for (const int signal : blocked) CHECK(is_in(mask, signal));
    for (int signal = SIGRTMIN; signal <= SIGRTMAX; ++signal) CHECK(is_in(mask, signal));
  }
  gate.open();
}

TEST_CASE("a start leaves the signal mask of its caller alone") {
  sigset_t usr2;
  sigemptyset(&usr2);
  sigaddset(&usr2, SIGUSR2);
  sigset_t before;
  pthread_sigmask(SIG_BLOCK, &usr2, &before);
  const std::uint64_t mask = blocked_signals_of(gettid());
  {
    const auto running = contract::topology.start();
    CHECK(blocked_signals_of(gettid()) == mask);
  }
  CHECK(blocked_signals_of(gettid()) == mask);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TEST_CASE("a signal to the process is handled on the program's own thread, however busy that and idle the pools are") {
  const auto running = contract::topology.start();
  for (const int signal : {SIGTERM, SIGINT, SIGUSR1}) {
    CAPTURE(signal);
    struct sigaction action{};
    action.sa_handler = note_signal;
    struct sigaction before{};
    REQUIRE(sigaction(signal, &action, &before) == 0);
    handled = 0;
    for (int i = 0; i < 20; ++i) {
      kill(getpid(), signal);  // delivered before it returns: no other thread takes it
      CHECK(handled == i + 1);
      CHECK(handled_by == gettid());
    }
    sigaction(signal, &before, nullptr);
  }
}

TEST_CASE("a program may wait for signals while its pools run") {
  sigset_t awaited;
  sigemptyset(&awaited);
  for (const int signal : {SIGTERM, SIGINT, SIGUSR1}) sigaddset(&awaited, signal);
  sigset_t before;
  pthread_sigmask(SIG_BLOCK, &awaited, &before);
  {
    const auto running = contract::topology.start();
    for (const int signal : {SIGTERM, SIGINT, SIGUSR1}) {
      contract::native_pools::one.post([signal] { kill(getpid(), signal); });
      const timespec limit{.tv_sec = 20, .tv_nsec = 0};
      CHECK(sigtimedwait(&awaited, nullptr, &limit) == signal);
    }
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TEST_CASE("child: a task makes a fault", "[.child]") {
  struct sigaction action{};
  action.sa_handler = [](int) {
    std::array<char, 16> name{};
    pthread_getname_np(pthread_self(), name.data(), name.size());
    std::printf("a fault of %s\n", name.data());
    std::fflush(stdout);
    _exit(7);
  };
  sigaction(SIGSEGV, &action, nullptr);
  const auto running = contract::topology.start();
  contract::native_pools::one.install([] { raise(SIGSEGV); });
}

TEST_CASE("a fault in a task is handled on the pool's thread that made it") {
  const child_result child = run_case("child: a task makes a fault");
  CHECK(child.exit_code == 7);
  CHECK(contains(child.output, "a fault of native-one-0\n"));
}
