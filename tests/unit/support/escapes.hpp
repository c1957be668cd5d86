// The exceptions that reach start_options::on_exception.
#pragma once

#include <exception>
#include <mutex>
#include <string>
#include <vector>

#include <pinfold/start_options.hpp>

#include "messages.hpp"

namespace pinfold_test {

struct escape {
  std::string pool;
  std::string thread;
  std::string message;
};

class escapes {
 public:
  pinfold::start_options options() {
    pinfold::start_options options;
    options.on_exception = [this](const pinfold::escaped_exception& escaped) {
      const std::string message = message_of<std::exception>([&] { std::rethrow_exception(escaped.error); });
      const std::lock_guard lock(mutex_);
      all_.push_back({std::string(escaped.pool), std::string(escaped.thread), message});
    };
    return options;
  }
  [[nodiscard]] std::vector<escape> all() const {
    const std::lock_guard lock(mutex_);
    return all_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<escape> all_;
};

}  // namespace pinfold_test
