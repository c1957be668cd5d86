// A source that is read by an Asio asynchronous operation: a channel, a generator, any async_stream.
#pragma once

#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/channel_error.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>
#include <cstdint>
#include <exception>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>

#include <pinfold/async_stream.hpp>
#include <pinfold/detail/operation_aborted.hpp>
#include <pinfold/detail/shared_ref.hpp>
#include <pinfold/detail/slab.hpp>
#include <pinfold/detail/stream_core.hpp>
#include <pinfold/detail/stream_reader.hpp>

namespace pinfold::detail {

/// How such an object is read: the items' type, `start(object, handler)`, and what stops a read that waits. The primary
/// template is for what cannot be read. Boost's experimental headers are not included: who has such an object has them.
template <class Object>
struct asynchronous_read {};

template <class Object>
concept asynchronous_object = requires { typename asynchronous_read<Object>::value_type; };

/// Asio's basic_channel and basic_concurrent_channel.
template <template <class, class, class...> class Channel, class Executor, class Traits, class T>
  requires requires(Channel<Executor, Traits, void(boost::system::error_code, T)>& channel,
                    void (*handler)(boost::system::error_code, T)) {
    channel.async_receive(handler);
    channel.close();
  }
struct asynchronous_read<Channel<Executor, Traits, void(boost::system::error_code, T)>> {
  using value_type = std::decay_t<T>;
  static constexpr auto cancellation = boost::asio::cancellation_type::total;
  template <class Object, class Handler>
  static void start(Object& channel, Handler&& handler) {
    channel.async_receive(std::forward<Handler>(handler));
  }
};

/// Asio's coro<T>, where it yields values, takes none, and returns nothing.
template <class G>
concept async_generator = requires(G& generator, sample_next_handler<typename G::yield_type> handler) {
  generator.async_resume(handler);
} && std::is_void_v<typename G::input_type> && std::is_void_v<typename G::return_type>;

template <async_generator Generator>
struct asynchronous_read<Generator> {
  using value_type = typename Generator::yield_type;
  static constexpr auto cancellation = boost::asio::cancellation_type::terminal;
  template <class Handler>
  static void start(Generator& generator, Handler&& handler) {
    generator.async_resume(std::forward<Handler>(handler));
  }
};

template <async_stream Stream>
struct asynchronous_read<Stream> {
  using value_type = typename Stream::value_type;
  static constexpr auto cancellation = boost::asio::cancellation_type::total;
  template <class Handler>
  static void start(Stream& stream, Handler&& handler) {
    stream.async_next(std::forward<Handler>(handler));
  }
};

/// `Object` as a forwarding reference deduces it: an lvalue is borrowed, anything else moved in. The object is used on
/// its executor only: each read goes there by dispatch(), and its handler is called there.
///
/// A read: idle -> posted, on its way to the executor -> busy, while the operation is being started -> waiting -> idle.
/// What happens in `busy` is noted and seen to by who is busy, when that is over: the answer (`answered`) and let_go().
/// A waiting read that is to be let go is made busy once more, to emit the cancellation. So the signal has one user at
/// a time, no lock is held while Asio works, and no answer ends the stream while its object is still being called.
/// `mutex_` guards the stage and the two flags; `reader_` belongs to the read that is not idle.
template <class Object>
class asynchronous_source {
  using protocol = asynchronous_read<std::remove_reference_t<Object>>;

 public:
  using value_type = typename protocol::value_type;
  static constexpr bool works = false;

  explicit asynchronous_source(Object&& object) : object_(std::forward<Object>(object)) {}

  bool read(stream_reader<value_type>& to) noexcept {
    reader_ = &to;
    enter(stage::posted);
    on_executor([this, reading = ticket(*this)]() mutable { start(std::move(reading)); });
    return false;
  }

  /// Keeps the stream until the object's executor has seen to it.
  void let_go() noexcept {
    {
      const std::lock_guard lock(mutex_);
      let_go_ = true;
      if (stage_ != stage::waiting) return;
    }
    on_executor([this, kept = shared_ref<stream_core>::another(reader_->core())] { interrupt(); });
  }

 private:
  enum class stage : std::uint8_t { idle, posted, busy, answered, waiting };

  /// Owns the read until it is answered. Where it is lost, as in an executor that shuts down, the source has ended.
  class ticket {
   public:
    explicit ticket(asynchronous_source& source) noexcept : source_(&source) {}
    ticket(ticket&& other) noexcept : source_(std::exchange(other.source_, nullptr)) {}
    ticket& operator=(ticket&&) = delete;
    ~ticket() {
      if (source_ != nullptr) redeem().answer_end(operation_aborted(), false);
    }
    asynchronous_source& redeem() noexcept { return *std::exchange(source_, nullptr); }

   private:
    asynchronous_source* source_;
  };

  using memory = slab_allocator<void, operation_slab>;

  class handler {
   public:
    using allocator_type = memory;
    using cancellation_slot_type = boost::asio::cancellation_slot;

    handler(asynchronous_source& source, ticket&& reading) noexcept
        : memory_(source.slots()), slot_(source.signal_.slot()), reading_(std::move(reading)) {}

    [[nodiscard]] allocator_type get_allocator() const noexcept { return memory_; }
    [[nodiscard]] cancellation_slot_type get_cancellation_slot() const noexcept { return slot_; }

    void operator()(boost::system::error_code error, value_type item) {
      asynchronous_source& source = reading_.redeem();
      if (!error) return source.answer_item(std::move(item));
      namespace channel_error = boost::asio::experimental::error;
      const bool is_end = error == channel_error::channel_closed || error == channel_error::channel_cancelled ||
                          error == boost::asio::error::eof;
      source.answer_end(is_end ? nullptr : std::make_exception_ptr(boost::system::system_error(error)), true);
    }
    void operator()(std::exception_ptr error, std::optional<value_type> item) {
      asynchronous_source& source = reading_.redeem();
      if (error || !item) return source.answer_end(std::move(error), true);
      source.answer_item(std::move(*item));
    }
    void operator()(std::optional<value_type> item) { (*this)(nullptr, std::move(item)); }

   private:
    memory memory_;
    cancellation_slot_type slot_;
    ticket reading_;
  };

  [[nodiscard]] memory slots() const noexcept { return memory(reader_->core().pool().operations()); }

  /// What `f` owns says what becomes of it where the executor does not take it.
  template <class F>
  void on_executor(F&& f) noexcept {
    try {
      boost::asio::dispatch(object_.get_executor(), boost::asio::bind_allocator(slots(), std::forward<F>(f)));
    } catch (...) {  // NOLINT(bugprone-empty-catch)
    }
  }

  void enter(stage next) noexcept {
    const std::lock_guard lock(mutex_);
    stage_ = next;
  }

  void start(ticket reading) noexcept {
    {
      std::unique_lock lock(mutex_);
      if (let_go_) {
        lock.unlock();
        return reading.redeem().answer_end(nullptr, false);
      }
      stage_ = stage::busy;
    }
    try {
      protocol::start(object_, handler(*this, std::move(reading)));
    } catch (...) {  // NOLINT(bugprone-empty-catch): the handler has lost the ticket
    }
    see_to_it();
  }

  void interrupt() noexcept {
    {
      const std::lock_guard lock(mutex_);
      if (stage_ != stage::waiting || interrupted_) return;
      stage_ = stage::busy;
    }
    see_to_it();
  }

  /// By who is busy, at last. Once the read waits this may be gone.
  void see_to_it() noexcept {
    for (;;) {
      std::unique_lock lock(mutex_);
      if (stage_ == stage::answered) {
        stage_ = stage::idle;
        lock.unlock();
        return reader_->completed(false);
      }
      if (!let_go_ || std::exchange(interrupted_, true)) {
        stage_ = stage::waiting;
        return;
      }
      lock.unlock();
      try {
        signal_.emit(protocol::cancellation);
      } catch (...) {  // NOLINT(bugprone-empty-catch): an executor that did not take the handler has lost the ticket
      }
    }
  }

  void answer_item(value_type&& item) noexcept {
    reader_->put(std::move(item));
    answered(true);
  }

  void answer_end(std::exception_ptr error, bool now) noexcept {
    reader_->end(std::move(error));
    answered(now);
  }

  void answered(bool now) noexcept {
    {
      const std::lock_guard lock(mutex_);
      if (stage_ == stage::busy) {
        stage_ = stage::answered;
        return;
      }
      stage_ = stage::idle;
    }
    reader_->completed(now);
  }

  Object object_;
  boost::asio::cancellation_signal signal_;
  stream_reader<value_type>* reader_ = nullptr;
  std::mutex mutex_;
  stage stage_ = stage::idle;
  bool let_go_ = false;
  bool interrupted_ = false;
};

}  // namespace pinfold::detail
