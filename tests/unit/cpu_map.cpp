// The CPU map: a binary that was built for a large host on a small one.
#include <string>
#include <vector>

#include <mapped/topology.hpp>

#include "catch.hpp"
#include "support/environment_map.hpp"
#include "support/messages.hpp"
#include "support/threads.hpp"

using namespace pinfold_test;

namespace {

const std::string garbage = "no map";

std::string valid_map() { return "4100:" + std::to_string(cpu_of_core(0)) + ";4101:" + std::to_string(cpu_of_core(1)); }

// main's arguments, as the operating system hands them over.
class arguments {
 public:
  explicit arguments(std::vector<std::string> words)
      : words_(std::move(words)), count(static_cast<int>(words_.size())) {
    for (std::string& word : words_) pointers_.push_back(word.data());
    pointers_.push_back(nullptr);
  }
  char** vector() { return pointers_.data(); }
  [[nodiscard]] std::vector<std::string> left() const { return {pointers_.begin(), pointers_.begin() + count}; }
  [[nodiscard]] bool terminated() const { return pointers_[static_cast<std::size_t>(count)] == nullptr; }

 private:
  std::vector<std::string> words_;
  std::vector<char*> pointers_;

 public:
  int count;
};

std::string start_and_fail(pinfold::start_options options) {
  return message_of<pinfold::start_error>([&] { (void)mapped::topology.start(std::move(options)); });
}

void check_that_it_runs(pinfold::start_options options) {
  const auto running = mapped::topology.start(std::move(options));
  const auto first = thread_named("far-0");
  const auto second = thread_named("far-1");
  REQUIRE(first.has_value());
  REQUIRE(second.has_value());
  CHECK(first->cpus == cpus_of_cores({0}));
  CHECK(second->cpus == cpus_of_cores({1}));
}

}  // namespace

TEST_CASE("a map from code puts threads where it says") { check_that_it_runs({.cpu_map = valid_map()}); }

TEST_CASE("the environment's map replaces the one from code") {
  const environment_map environment(valid_map());
  check_that_it_runs({.cpu_map = garbage});
}

TEST_CASE("the arguments' map replaces the environment's and the one from code") {
  const environment_map environment(garbage);
  arguments given({"server", "--pinfold-cpu-map=" + valid_map()});
  pinfold::start_options options{.cpu_map = garbage};
  check_that_it_runs(options.read_arguments(given.count, given.vector()));
}

TEST_CASE("a shorter right side is used again from its start") {
  const auto running = mapped::topology.start({.cpu_map = "4100-4101:" + std::to_string(cpu_of_core(0))});
  CHECK(thread_named("far-0")->cpus == cpus_of_cores({0}));
  CHECK(thread_named("far-1")->cpus == cpus_of_cores({0}));
}

TEST_CASE("a malformed map starts nothing, and the message names its source and the form") {
  const std::string remedy = "remedy: write FROM:TO with lists like 0-3,8; entries are separated by ';': 9-16:0-7;5:0";
  for (const char* text :
       {"1", "1:", ":1", ":", "a:b", "3-1:0", "1:2:3", "1:0 2", "-1:0", "1:99999999999", "1:0-", "1,:0"}) {
    CAPTURE(text);
    const std::string message = start_and_fail({.cpu_map = text});
    CHECK(contains(message, std::string("PF212 start_options::cpu_map: CPU map entry '") + text + "' is malformed"));
    CHECK(contains(message, remedy));
  }
  {
    const environment_map environment(garbage);
    CHECK(contains(start_and_fail({.cpu_map = valid_map()}),
                   "PF212 PINFOLD_CPU_MAP: CPU map entry 'no map' is malformed"));
  }
  CHECK(contains(start_and_fail({.cpu_map = "\033[31m\u202e:0"}), R"(entry '\x1b[31m\xe2\x80\xae:0' is malformed)"));
  arguments given({"server", "--pinfold-cpu-map", "x:y"});
  pinfold::start_options options;
  options.read_arguments(given.count, given.vector());
  CHECK(contains(start_and_fail(options), "PF212 --pinfold-cpu-map: CPU map entry 'x:y' is malformed"));
}

TEST_CASE("every fault of a map is reported") {
  const std::string message = start_and_fail({.cpu_map = "x:0;4100:0;4100:0;y"});
  CHECK(contains(message, "3 problems"));
  CHECK(contains(message, "entry 'x:0' is malformed"));
  CHECK(contains(message, "CPU map maps core 4100 twice"));
  CHECK(contains(message, "entry 'y' is malformed"));
}

TEST_CASE("an empty map maps nothing") {
  for (const char* text : {"", "  ", ";", " ; "}) {
    CHECK(contains(start_and_fail({.cpu_map = text}), "PF201 native.far thread 0: core 4100 is not online"));
  }
}

TEST_CASE("read_arguments takes its option out and leaves the rest in order") {
  arguments given({"server", "--port", "80", "--pinfold-cpu-map", "1:0", "file", "--pinfold-cpu-map=2:0", "-v"});
  pinfold::start_options options;
  options.read_arguments(given.count, given.vector());
  CHECK(given.left() == std::vector<std::string>{"server", "--port", "80", "file", "-v"});
  CHECK(given.terminated());
  CHECK(options.cpu_map == "2:0");
}

TEST_CASE("read_arguments stops at two dashes and leaves what it does not know") {
  arguments given({"server", "--pinfold-cpu-maps=1:0", "--", "--pinfold-cpu-map=1:0"});
  pinfold::start_options options;
  options.read_arguments(given.count, given.vector());
  CHECK(given.left() == std::vector<std::string>{"server", "--pinfold-cpu-maps=1:0", "--", "--pinfold-cpu-map=1:0"});
  CHECK(options.cpu_map.empty());

  arguments without_value({"server", "--pinfold-cpu-map"});
  options.read_arguments(without_value.count, without_value.vector());
  CHECK(without_value.left() == std::vector<std::string>{"server", "--pinfold-cpu-map"});
  CHECK(without_value.terminated());

  arguments none({});
  options.read_arguments(none.count, none.vector());
  CHECK(none.left().empty());
}
