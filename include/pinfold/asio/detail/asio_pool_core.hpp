// The compiled part of an asio pool.
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <span>

#include <pinfold/asio/detail/inbox.hpp>
#include <pinfold/detail/queued_pool_core.hpp>

namespace pinfold::detail {

/// An io_context whose run() does not end by itself, and whose pending operations can be destroyed before it is.
class served_context : public boost::asio::io_context {
 public:
  explicit served_context(int concurrency) : io_context(concurrency), guard_(get_executor()) {}

  void abandon() noexcept { shutdown(); }

 private:
  boost::asio::executor_work_guard<executor_type> guard_;
};

/// Tasks go through the io_context where its threads sleep in it (`idle` "park"), else through an inbox beside it.
class asio_pool_core final : public queued_pool_core {
 public:
  constexpr asio_pool_core(const pool_spec& spec, const pool_memory& memory, std::span<lazy<served_context>> contexts,
                           std::span<inbox> inboxes) noexcept
      : queued_pool_core(spec, memory), contexts_(contexts), inboxes_(inboxes) {}

  [[nodiscard]] boost::asio::io_context& context(std::size_t index);

  /// Hands the task to a blocking thread. Throws pool_stopped.
  void submit_blocking(task& item);

  [[nodiscard]] boost::asio::execution_context& execution_context(std::size_t index) override { return context(index); }
  [[nodiscard]] bool serves_on_this_thread(std::size_t context) const noexcept override;
  [[nodiscard]] std::size_t choose_context() noexcept override {
    return contexts_.size() == 1 ? any_context : choose(any_context);
  }
  void work(thread_role role, std::size_t index) override;
  void release() noexcept override;

 protected:
  void open() override;
  void abandon_io() noexcept override;
  void close() noexcept override;
  void enqueue(task& item, std::size_t context) override;
  void ring(std::size_t index) override;
  void ring_for_part(std::size_t index) override;

 private:
  [[nodiscard]] std::size_t choose(std::size_t context) noexcept;
  [[nodiscard]] std::size_t context_of_worker(std::size_t index) const noexcept;
  template <class F>
  void post_to(std::size_t context, F&& f);
  void serve(std::size_t index);
  void look_around(boost::asio::io_context& context, inbox& in);

  std::span<lazy<served_context>> contexts_;
  std::span<inbox> inboxes_;  // one a context, or none
  lazy<task_queue> blocking_;
  bool has_blocking_ = false;
  std::atomic<std::size_t> next_context_{0};
};

}  // namespace pinfold::detail
