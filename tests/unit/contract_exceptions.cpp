// Exceptions that leave posted tasks and handlers.
#include <boost/asio/post.hpp>
#include <stdexcept>
#include <string>

#include "catch.hpp"
#include "support/child.hpp"
#include "support/contract_pools.hpp"
#include "support/escapes.hpp"
#include "support/messages.hpp"

using namespace pinfold_test;

namespace {

std::string qualified_name(const pinfold::pool_spec& spec) {
  const char* const kinds[] = {"asio.", "tbb.", "native."};
  return kinds[static_cast<int>(spec.kind)] + std::string(spec.name);
}

}  // namespace

TEMPLATE_TEST_CASE("an exception that leaves a posted task reaches the handler with pool and thread", "",
                   PINFOLD_TEST_POOLS) {
  escapes seen;
  const auto running = contract::topology.start(seen.options());
  auto& pool = TestType::pool();

  pool.post([] { throw std::runtime_error("from post"); });
  pool.wait_idle();
  boost::asio::post(pool.get_executor(), [] { throw std::runtime_error("from an executor"); });
  pool.wait_idle();

  const auto all = seen.all();
  REQUIRE(all.size() == 2);
  CHECK(all[0].message == "from post");
  CHECK(all[1].message == "from an executor");
  for (const escape& each : all) {
    CHECK(each.pool == qualified_name(pool.spec));
    CHECK(each.thread.starts_with(std::string(pool.spec.thread_name) + '-'));
  }
}

TEMPLATE_TEST_CASE("a pool goes on after a task threw", "", PINFOLD_TEST_POOLS) {
  escapes seen;
  const auto running = contract::topology.start(seen.options());
  auto& pool = TestType::pool();

  for (int i = 0; i < 100; ++i) pool.post([] { throw std::runtime_error("again"); });
  pool.wait_idle();

  CHECK(seen.all().size() == 100);
  CHECK(threads_of(pool).size() == pool.size());
}

TEMPLATE_TEST_CASE("child: an exception escapes without a handler", "[.child]", PINFOLD_TEST_POOLS) {
  const auto running = contract::topology.start();
  TestType::pool().post([] { throw std::runtime_error("nobody handles this"); });
  TestType::pool().wait_idle();
}

TEMPLATE_TEST_CASE("without a handler the process ends and names pool and thread and error", "", PINFOLD_TEST_POOLS) {
  auto& pool = TestType::pool();
  const child_result child = run_case(std::string("child: an exception escapes without a handler - ") + TestType::name);

  CHECK(child.signal == SIGABRT);
  CHECK(contains(child.output, "pinfold: exception escaped from a task of " + qualified_name(pool.spec) +
                                   " on thread " + std::string(pool.spec.thread_name) + '-'));
  CHECK(contains(child.output, ": nobody handles this"));
}

TEST_CASE("child: on_exception throws", "[.child]") {
  const auto running = contract::topology.start(
      {.on_exception = [](const pinfold::escaped_exception&) { throw std::runtime_error("from the handler"); }});
  contract::native_pools::one.post([] { throw std::runtime_error("from the task"); });
  running.wait_idle();
}

TEST_CASE("child: on_thread_start throws", "[.child]") {
  const auto running = contract::topology.start({.on_thread_start = [](const pinfold::pool_thread_info& info) {
    if (info.thread == "native-one-0") throw std::runtime_error("from the handler");
  }});
  contract::native_pools::one.install([] {});
}

TEST_CASE("child: on_thread_exit throws", "[.child]") {
  contract::topology
      .start({.on_thread_exit =
                  [](const pinfold::pool_thread_info& info) {
                    if (info.thread == "native-one-0") throw 7;
                  }})
      .stop();
}

TEST_CASE("a handler that throws ends the process, and is named with its thread and the exception") {
  const std::string place = " must not throw, and did on thread native-one-0: ";
  for (const std::string handler : {"on_exception", "on_thread_start", "on_thread_exit"}) {
    const child_result child = run_case("child: " + handler + " throws");
    INFO(child.output);
    CHECK(child.signal == SIGABRT);
    CHECK(contains(child.output,
                   "pinfold: start_options::" + handler + place +
                       (handler == "on_thread_exit" ? "an exception of unknown type\n" : "from the handler\n")));
  }
}

TEST_CASE("child: an exception of no known type escapes", "[.child]") {
  const auto running = contract::topology.start();
  contract::native_pools::one.post([] { throw 7; });
  running.wait_idle();
}

TEST_CASE("an exception of no known type is reported as such") {
  const child_result child = run_case("child: an exception of no known type escapes");
  CHECK(child.signal == SIGABRT);
  CHECK(contains(child.output, "exception of unknown type escaped from a task of native.one on thread native-one-0"));
}
