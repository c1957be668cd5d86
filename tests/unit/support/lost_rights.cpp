#include "lost_rights.hpp"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <algorithm>
#include <stdexcept>

namespace pinfold_test {
namespace {

struct capabilities {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  __user_cap_data_struct data[2] = {};

  capabilities() {
    if (syscall(SYS_capget, &header, data) != 0) throw std::runtime_error("capget failed");
  }
  void set() {
    if (syscall(SYS_capset, &header, data) != 0) throw std::runtime_error("capset failed");
  }
};

}  // namespace

without_capability::without_capability(int capability) {
  capabilities now;
  for (int i = 0; i < 2; ++i) effective_before_[i] = now.data[i].effective;
  now.data[capability / 32].effective &= ~(1U << (capability % 32));
  now.set();
}

without_capability::~without_capability() {
  capabilities now;
  for (int i = 0; i < 2; ++i) now.data[i].effective = effective_before_[i];
  now.set();
}

lowered_limit::lowered_limit(int resource, rlim_t value) : resource_(resource) {
  getrlimit(resource_, &before_);
  const rlimit lowered{.rlim_cur = std::min(value, before_.rlim_max), .rlim_max = before_.rlim_max};
  if (setrlimit(resource_, &lowered) != 0) throw std::runtime_error("setrlimit failed");
}

lowered_limit::~lowered_limit() { setrlimit(resource_, &before_); }

}  // namespace pinfold_test
