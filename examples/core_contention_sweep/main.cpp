// Runs two workloads under every thread layout that the machine has cores for, and says what the layouts made of them.
#include <unistd.h>
#include <algorithm>
#include <cmath>
#include <core_contention/command_line.hpp>
#include <core_contention/figures.hpp>
#include <core_contention/load.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "allowed_cpus.hpp"
#include "chart.hpp"
#include "findings.hpp"
#include "options.hpp"
#include "results.hpp"
#include "table.hpp"

namespace {

/// Asked for, and runnable here. Throws usage_error where the command line leaves none, std::runtime_error where the
/// machine does.
std::vector<demo::result> plan(const demo::options& options, std::size_t cpus) {
  std::vector<demo::result> planned;
  bool known = false;
  bool built = false;
  for (const demo::workload& workload : demo::all_workloads()) {
    if (options.workload && *options.workload != workload.name) continue;
    known = true;
    for (const demo::layout& layout : demo::all_layouts()) {
      if (options.cores && *options.cores != layout.cores) continue;
      built = true;
      if (layout.cores <= cpus) planned.push_back({.workload = &workload, .layout = &layout});
    }
  }
  if (!known) throw demo::usage_error("--workload: there is no '" + *options.workload + "'");
  if (!built) throw demo::usage_error("--cores: no layouts were built for " + std::to_string(*options.cores));
  if (planned.empty()) {
    const std::size_t needed = options.cores.value_or(demo::all_layouts().front().cores);
    throw std::runtime_error("the layouts need " + std::to_string(needed) + " CPUs; this process may use " +
                             std::to_string(cpus));
  }
  return planned;
}

/// Opened before the runs, which take their time; what it holds from before stays until they are through.
std::ofstream open(const std::optional<std::string>& path, const char* option) {
  std::ofstream file;
  if (path) {
    file.open(*path, std::ios::app);
    if (!file) throw demo::usage_error(std::string(option) + ": cannot write '" + *path + "'");
  }
  return file;
}

template <class Write>
void replace(std::ofstream& file, const std::string& path, Write write) {
  const bool is_own = !path.starts_with("/dev/");  // /dev/stdout may be a file that has more in it
  if (is_own && std::filesystem::is_regular_file(path)) std::filesystem::resize_file(path, 0);
  write(file);
  if (!file.flush()) throw std::runtime_error("cannot write '" + path + "'");
}

/// One line on standard error: on a terminal always the same one.
class progress {
 public:
  progress(std::size_t runs, std::chrono::duration<double> each) : runs_(runs), each_(each + demo::warm_up) {
    std::cerr << runs << " runs, " << left() << " in all\n";
  }
  ~progress() {
    if (terminal_) std::cerr << clear_line;
  }
  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;

  void show(const demo::result& next) {
    std::cerr << (terminal_ ? clear_line : "") << '[' << begun_ + 1 << '/' << runs_ << "] " << next.workload->name
              << ", " << next.layout->cores << " cores, " << next.layout->name << ", round " << next.rounds.size() + 1
              << "; " << left() << " left" << (terminal_ ? "" : "\n") << std::flush;
    ++begun_;
  }

 private:
  static constexpr const char* clear_line = "\r\x1b[K";

  [[nodiscard]] std::string left() const {
    return "about " + demo::with_thousands(std::ceil(static_cast<double>(runs_ - begun_) * each_.count())) + " s";
  }

  std::size_t runs_;
  std::size_t begun_ = 0;
  std::chrono::duration<double> each_;
  bool terminal_ = ::isatty(STDERR_FILENO) != 0;
};

// In turn, so that a change of the machine's mood meets all layouts.
void measure(std::vector<demo::result>& results, const pinfold::start_options& start, const demo::options& options) {
  progress progress(results.size() * options.rounds, options.load.seconds);
  for (std::size_t round = 0; round < options.rounds; ++round) {
    for (demo::result& each : results) {
      progress.show(each);
      each.rounds.push_back((each.layout->*each.workload->run)(start, options.load));
    }
  }
}

void run(pinfold::start_options start, const demo::options& options) {
  const std::vector<int> cpus = demo::allowed_cpus();
  if (start.cpu_map.empty()) start.cpu_map = demo::cpu_map_onto(cpus);
  std::vector<demo::result> results = plan(options, cpus.size());
  if (options.json && options.json == options.svg) throw demo::usage_error("--json and --svg name the same file");
  std::ofstream json = open(options.json, "--json");
  std::ofstream svg = open(options.svg, "--svg");

  measure(results, start, options);
  std::cout << "Medians and ranges of " << options.rounds << " rounds of " << options.load.seconds.count()
            << " s; times are better lower, rates higher.\n";
  for (const demo::workload& workload : demo::all_workloads()) {
    const auto own = demo::results_of(results, workload);
    if (own.empty()) continue;
    std::cout << '\n' << workload.name << ": " << workload.description << "\n\n";
    demo::print_table(std::cout, own);
    std::cout << '\n';
    demo::print_findings(std::cout, own);
  }
  if (options.json) replace(json, *options.json, [&](std::ostream& out) { demo::write_json(out, results); });
  if (options.svg) replace(svg, *options.svg, [&](std::ostream& out) { demo::draw_chart(out, results); });
}

}  // namespace

int main(int argc, char** argv) {
  return demo::exit_status("core_contention_sweep", [&] {
    const auto start = pinfold::start_options{}.read_arguments(argc, argv);
    const demo::options options = demo::parse_options(argc, argv);
    if (options.help) {
      std::cout << demo::help_text;
    } else {
      run(start, options);
    }
  });
}
