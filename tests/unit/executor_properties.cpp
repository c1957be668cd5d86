// The executor of every pool against the executor requirements of Asio's documentation: operations, properties,
// erasure.
#include <atomic>
#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/execution.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/is_applicable_property.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/require.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_future.hpp>
#include <functional>
#include <memory>
#include <memory_resource>
#include <set>
#include <thread>
#include <type_traits>

#include "catch.hpp"
#include "support/any_pool.hpp"
#include "support/counted_memory.hpp"
#include "support/messages.hpp"

using namespace pinfold_test;
namespace asio = boost::asio;
namespace execution = asio::execution;
using pinfold::executor;

// An executor can be copied, moved and compared, and none of that throws.
static_assert(std::is_nothrow_copy_constructible_v<executor>);
static_assert(std::is_nothrow_move_constructible_v<executor>);
static_assert(std::is_nothrow_copy_assignable_v<executor>);
static_assert(std::is_nothrow_move_assignable_v<executor>);
static_assert(std::is_nothrow_destructible_v<executor>);
static_assert(noexcept(std::declval<const executor&>() == std::declval<const executor&>()));
static_assert(noexcept(std::declval<const executor&>() != std::declval<const executor&>()));

// It runs nullary functions, also those that can only be moved.
struct move_only {
  std::unique_ptr<int> value;
  void operator()() const {}
};
static_assert(execution::is_executor_v<executor>);
static_assert(execution::is_executor_of_v<executor, std::function<void()>>);
static_assert(execution::is_executor_of_v<executor, move_only>);
static_assert(execution::is_executor_v<pinfold::detail::tracked_executor>);
static_assert(asio::is_executor<asio::any_io_executor>::value || execution::is_executor_v<asio::any_io_executor>);

template <class Property>
using required = std::decay_t<decltype(asio::require(std::declval<const executor&>(), std::declval<Property>()))>;

// Every property that Asio defines for executors applies, can be required in each of its values, and can be queried.
template <class Property>
constexpr bool can_be_had =
    asio::can_require_v<executor, Property> && asio::can_prefer_v<executor, Property> == Property::is_preferable &&
    asio::can_query_v<executor, Property> && execution::is_executor_v<required<Property>>;
static_assert(can_be_had<execution::blocking_t::possibly_t>);
static_assert(can_be_had<execution::blocking_t::always_t>);
static_assert(can_be_had<execution::blocking_t::never_t>);
static_assert(can_be_had<execution::relationship_t::fork_t>);
static_assert(can_be_had<execution::relationship_t::continuation_t>);
static_assert(can_be_had<execution::outstanding_work_t::tracked_t>);
static_assert(can_be_had<execution::outstanding_work_t::untracked_t>);
static_assert(asio::can_require_v<executor, execution::allocator_t<std::pmr::polymorphic_allocator<>>>);
static_assert(asio::can_require_v<executor, execution::allocator_t<void>>);
static_assert(asio::can_query_v<executor, execution::allocator_t<void>>);
static_assert(asio::can_query_v<executor, execution::context_t>);
static_assert(asio::can_query_v<executor, execution::context_as_t<asio::execution_context&>>);
static_assert(asio::can_query_v<executor, execution::blocking_t>);
static_assert(asio::can_query_v<executor, execution::relationship_t>);
static_assert(asio::can_query_v<executor, execution::outstanding_work_t>);
static_assert(std::is_same_v<decltype(asio::query(std::declval<const executor&>(), execution::context)),
                             asio::execution_context&>);

// What cannot be: a property that pools do not have, and work-tracking as a change of a value of the same type.
static_assert(!asio::can_require_v<executor, execution::mapping_t::new_thread_t>);
static_assert(!std::is_same_v<executor, required<execution::outstanding_work_t::tracked_t>>);

// Asio's erased executors take it, each with the properties that it names.
static_assert(std::is_convertible_v<executor, asio::any_io_executor>);
static_assert(std::is_convertible_v<executor, asio::any_completion_executor>);
static_assert(std::is_convertible_v<asio::strand<executor>, asio::any_io_executor>);
static_assert(std::is_convertible_v<executor, execution::any_executor<>>);
static_assert(std::is_convertible_v<
              executor, execution::any_executor<execution::context_as_t<asio::execution_context&>,
                                                execution::blocking_t::never_t, execution::blocking_t::always_t,
                                                execution::prefer_only<execution::relationship_t::continuation_t>,
                                                execution::outstanding_work_t::tracked_t>>);

namespace {

// With a context for each thread, asio_contexts.cpp says whose is given to whom.
bool has_one_context(const any_pool& pool) { return pool.name != contract::asio_pools::apart.spec.thread_name; }

}  // namespace

TEST_CASE("requiring a property of an executor changes that property and no other") {
  const auto running = contract::topology.start();
  for (const any_pool& pool : every_pool()) {
    INFO(pool.name);
    const executor plain = pool.executor;
    CHECK(asio::query(plain, execution::blocking) == execution::blocking.possibly);
    CHECK(asio::query(plain, execution::relationship) == execution::relationship.fork);
    CHECK(asio::query(plain, execution::outstanding_work) == execution::outstanding_work.untracked);

    const auto changed = asio::require(plain, execution::blocking.never, execution::relationship.continuation,
                                       execution::outstanding_work.tracked);
    CHECK(asio::query(changed, execution::blocking) == execution::blocking.never);
    CHECK(asio::query(changed, execution::relationship) == execution::relationship.continuation);
    CHECK(asio::query(changed, execution::outstanding_work) == execution::outstanding_work.tracked);
    if (has_one_context(pool)) {
      CHECK(&asio::query(changed, execution::context) == &asio::query(plain, execution::context));
    }

    const auto always = asio::require(changed, execution::blocking.always);
    CHECK(asio::query(always, execution::blocking) == execution::blocking.always);
    CHECK(asio::query(always, execution::relationship) == execution::relationship.continuation);

    CHECK(asio::require(changed, execution::blocking.possibly, execution::relationship.fork,
                        execution::outstanding_work.untracked) == plain);
  }
}

TEST_CASE("executors are equal where pool and properties are, and copies and moved ones are equal") {
  const auto running = contract::topology.start();
  const auto pools = every_pool();
  for (const any_pool& pool : pools) {
    INFO(pool.name);
    executor copy = pool.executor;
    CHECK(copy == pool.executor);
    const executor moved = std::move(copy);
    CHECK(moved == pool.executor);
    copy = pools.front().executor;
    CHECK((copy == pool.executor) == (&pool == &pools.front()));
    const auto tracked = asio::require(pool.executor, execution::outstanding_work.tracked);
    auto other = tracked;
    CHECK(other == tracked);
    CHECK(asio::require(tracked, execution::blocking.never) != tracked);
    CHECK(asio::require(pool.executor, execution::relationship.continuation) != pool.executor);
  }
}

TEST_CASE("every pool has one context of its own, and that of an asio pool is its io_context") {
  const auto running = contract::topology.start();
  std::set<const asio::execution_context*> contexts;
  const auto pools = every_pool();
  for (const any_pool& pool : pools) contexts.insert(&asio::query(pool.executor, execution::context));
  CHECK(contexts.size() == pools.size());
  CHECK(&asio::query(contract::asio_pools::one.get_executor(), execution::context) ==
        &contract::asio_pools::one.context());
  CHECK(&asio::query(contract::asio_pools::apart.get_executor(1), execution::context) ==
        &contract::asio_pools::apart.context(1));
}

TEST_CASE("a function of an executor with an allocator lies in that allocator's memory") {
  for (std::size_t which = 0; which < every_pool().size(); ++which) {
    counted_memory memory;
    const auto running = contract::topology.start();
    const any_pool pool = every_pool()[which];
    INFO(pool.name);
    const std::pmr::polymorphic_allocator<> allocator(&memory);
    const auto with = asio::require(pool.executor, execution::blocking.never, execution::allocator(allocator));
    CHECK(asio::query(with, execution::allocator) == allocator);
    std::atomic<int> runs = 0;
    with.execute([&runs, held = std::make_unique<int>(1)] { runs += *held; });
    pool.wait_idle();
    CHECK(runs == 1);
    CHECK(memory.ever() == 1);
    CHECK(memory.live() == 0);
    const auto without = asio::require(with, execution::allocator);
    without.execute([&] { ++runs; });
    pool.wait_idle();
    CHECK(memory.ever() == 1);
  }
}

TEST_CASE("with blocking.always execute waits for its function, in the pool it is a call") {
  const auto running = contract::topology.start();
  for (const any_pool& pool : every_pool()) {
    INFO(pool.name);
    const auto waits = asio::require(pool.executor, execution::blocking.always);
    std::thread::id ran;  // not guarded: execute returns after it was written
    waits.execute([&] { ran = std::this_thread::get_id(); });
    CHECK(ran != std::thread::id());
    CHECK(ran != std::this_thread::get_id());
    const bool called = asio::post(pool.executor, asio::use_future([&] {
                                     std::thread::id inside;
                                     waits.execute([&] { inside = std::this_thread::get_id(); });
                                     return inside == std::this_thread::get_id();
                                   }))
                            .get();
    CHECK(called);
    CHECK(message_of<std::runtime_error>([&] { waits.execute([] { throw std::runtime_error("to the caller"); }); }) ==
          "to the caller");
  }
}

TEST_CASE("with blocking.always a reactor's thread is refused where install would be") {
  const auto running = contract::topology.start();
  const auto waits = asio::require(contract::native_pools::one.get_executor(), execution::blocking.always);
  const std::string refused = contract::asio_pools::one.install(
      [&] { return message_of<pinfold::would_block>([&] { waits.execute([] {}); }); });
  CHECK(contains(refused, "native.one.execute() would stall asio.one"));
}

TEST_CASE("erased executors run functions on the pool, keep its properties, and know it again") {
  const auto running = contract::topology.start();
  using erased =
      execution::any_executor<execution::context_as_t<asio::execution_context&>, execution::blocking_t::never_t,
                              execution::prefer_only<execution::relationship_t::continuation_t>,
                              execution::prefer_only<execution::outstanding_work_t::tracked_t>>;
  for (const any_pool& pool : every_pool()) {
    INFO(pool.name);
    const erased any = pool.executor;
    CHECK(any.target<executor>() != nullptr);
    CHECK(*any.target<executor>() == pool.executor);
    CHECK(any == erased(pool.executor));
    CHECK(any != erased());
    if (has_one_context(pool)) {
      CHECK(&asio::query(any, execution::context) == &asio::query(pool.executor, execution::context));
    }
    std::atomic<int> inside = 0;
    const auto note = [&] { inside += pool.contains_this_thread() ? 1 : 0; };
    any.execute(note);
    asio::require(any, execution::blocking.never).execute(note);
    asio::prefer(any, execution::outstanding_work.tracked).execute(note);
    const asio::any_completion_executor completion = pool.executor;
    completion.execute(note);
    execution::any_executor<>(pool.executor).execute(note);
    pool.wait_idle();
    CHECK(inside == 5);
  }
}

TEST_CASE("erased executors are refused work as theirs are") {
  for (const any_pool& pool : every_pool()) {
    INFO(pool.name);
    const asio::any_io_executor any = pool.executor;
    CHECK_THROWS_AS(any.execute([] {}), pinfold::pool_stopped);
  }
}
