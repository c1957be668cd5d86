#include <pinfold/start_error.hpp>

#include <utility>

#include "problem_text.hpp"

namespace pinfold {

start_error::start_error(const std::string& topology, std::vector<problem> problems)
    : error(detail::problem_text("pinfold: cannot start topology '" + topology + '\'', "problem", problems)),
      problems_(std::move(problems)) {}

}  // namespace pinfold
