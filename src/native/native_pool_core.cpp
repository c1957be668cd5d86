#include <pinfold/native/detail/native_pool_core.hpp>

#include <pinfold/detail/topology_core.hpp>

namespace pinfold::detail {

void native_pool_core::open() { context_.emplace(); }

void native_pool_core::close() noexcept { context_.reset(); }

void native_pool_core::work(thread_role, std::size_t index) {
  while (task* item = queue().pop(index, spec().idle, spec().spin_us)) run(*item);
}

void native_pool_core::release() noexcept { queue().close(); }

void native_pool_core::enqueue(task& item, std::size_t) { queue().push(item); }

boost::asio::execution_context& native_pool_core::execution_context(std::size_t) {
  require_running();
  return *context_;
}

}  // namespace pinfold::detail
