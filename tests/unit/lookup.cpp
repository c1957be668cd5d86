// Names become objects at compile time.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <lookup/topology.hpp>

#include "catch.hpp"

using namespace pinfold::literals;
namespace asio = boost::asio;

namespace asio_pools = lookup::asio_pools;
namespace native_pools = lookup::native_pools;

static_assert(&lookup::topology.asio<"net">() == &asio_pools::net);
static_assert(&lookup::topology.asio<"file">() == &asio_pools::file);
static_assert(&lookup::topology.native<"file">() == &native_pools::file);

// An alias is the pool, whether it is named or looked up, and whatever it leads through.
static_assert(&asio_pools::gossip == &asio_pools::net);
static_assert(&asio_pools::repair == &asio_pools::net);
static_assert(&lookup::topology.asio<"gossip">() == &asio_pools::net);
static_assert(&lookup::topology.asio<"repair">() == &asio_pools::net);

// The fallback stands in for a disabled pool, and for its aliases.
static_assert(&asio_pools::disabled == &asio_pools::file);
static_assert(&lookup::topology.asio<"disabled">() == &asio_pools::file);
static_assert(&lookup::topology.asio<"archive">() == &asio_pools::file);

// `default` is a keyword: the object has an underscore, the name has not.
static_assert(&lookup::topology.native<"default">() == &native_pools::default_);

// Without a kind the name must be one kind's only.
static_assert(&lookup::topology["net"_s] == &asio_pools::net);
static_assert(&lookup::topology["archive"_s] == &asio_pools::file);
static_assert(&lookup::topology["default"_s] == &native_pools::default_);

// What is not declared is the default of its kind; the warning is tests/compile_fail/undeclared_name_gets_default.cpp.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
static_assert(&lookup::topology.native<"undeclared">() == &native_pools::default_);
static_assert(&lookup::topology.native<"net">() == &native_pools::default_);
#pragma GCC diagnostic pop

static_assert(lookup::topology.name() == "lookup");
static_assert(lookup::topology.size() == 4);
static_assert(asio_pools::net.spec.name == "net");
static_assert(asio_pools::net.size() == 1);
static_assert(!std::is_same_v<decltype(asio_pools::net), decltype(asio_pools::file)>);

TEST_CASE("for_each visits every pool once, in declared order, with its own type") {
  std::vector<std::string_view> names;
  std::vector<const void*> objects;
  lookup::topology.for_each([&](auto& pool) {
    static_assert(pinfold::pool<std::remove_reference_t<decltype(pool)>>);
    names.push_back(pool.spec.thread_name);
    objects.push_back(&pool);
  });
  CHECK(names == std::vector<std::string_view>{"net", "file", "general", "native-file"});
  CHECK(objects ==
        std::vector<const void*>{&asio_pools::net, &asio_pools::file, &native_pools::default_, &native_pools::file});
}

TEST_CASE("a pool that was looked up by alias runs as the pool") {
  const auto running = lookup::topology.start();
  const bool same = lookup::topology.asio<"repair">().install([] { return asio_pools::net.contains_this_thread(); });
  CHECK(same);
}

TEST_CASE("a disabled pool has no threads") {
  const auto running = lookup::topology.start();
  CHECK(asio_pools::disabled.install([] { return asio_pools::file.contains_this_thread(); }));
  CHECK(asio_pools::disabled.spec.name == "file");
}

TEST_CASE("async_invoke takes the name or alias of a pool, of whatever kind it is") {
  const auto running = lookup::topology.start();
  const auto inside = [](auto& pool) { return [&pool] { return pool.contains_this_thread(); }; };
  CHECK(lookup::async_invoke<"net">(inside(asio_pools::net), asio::use_future).get());
  CHECK(lookup::async_invoke<"repair">(inside(asio_pools::net), asio::use_future).get());
  CHECK(lookup::async_invoke<"default">(inside(native_pools::default_), asio::use_future).get());
  CHECK(lookup::topology.async_invoke<"archive">(inside(asio_pools::file), asio::use_future).get());
  const auto awaited = [&]() -> asio::awaitable<bool> {
    co_return co_await lookup::async_invoke<"default">(inside(native_pools::default_)) &&
        asio_pools::net.contains_this_thread();
  };
  CHECK(asio::co_spawn(asio_pools::net, awaited(), asio::use_future).get());
}
