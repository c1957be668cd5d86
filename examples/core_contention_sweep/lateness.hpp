// How late a tick is that is due each millisecond.
#pragma once

#include <chrono>
#include <core_contention/load.hpp>
#include <future>
#include <vector>

#include <pinfold/executor.hpp>

namespace demo {

/// Of each tick in the window, which runs on a thread of the pool. A tick that was missed is made up for at once, and
/// was that late.
std::future<std::vector<std::chrono::nanoseconds>> lateness_of_ticks(pinfold::executor pool, time_window window);

}  // namespace demo
