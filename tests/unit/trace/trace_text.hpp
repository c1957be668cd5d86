// The file of a trace, read back, with the checks that every such file must pass.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <pinfold/running_topology.hpp>

namespace pinfold_test {

struct trace_entry {
  std::string phase;  ///< "X" a slice, "i" a moment, "s" and "f" ends of an arrow, "M" a name
  std::string name;
  std::size_t pool = 0;
  int thread = 0;
  std::uint64_t begin_ns = 0;
  std::uint64_t end_ns = 0;
  std::size_t arrow = 0;
  std::map<std::string, std::string> arguments = {};
};

struct trace_text {
  std::map<std::string, std::string> facts;
  std::map<std::size_t, std::string> pools;
  std::map<int, std::string> threads;
  std::vector<trace_entry> entries;

  [[nodiscard]] std::vector<trace_entry> named(const std::string& name) const;
  [[nodiscard]] std::vector<trace_entry> named_on(const std::string& name, int thread) const;
  [[nodiscard]] std::vector<trace_entry> of_phase(const std::string& phase) const;
  [[nodiscard]] std::uint64_t dropped() const { return std::stoull(facts.at("dropped_events")); }
};

/// Requires that the text is JSON; that each entry is of a thread that has a name, in a pool that has one; that slices
/// of a thread nest, the outer one first; that arrows have two ends, each in a slice.
trace_text read_trace(const std::filesystem::path& file);

/// A file in a folder for the time of a test.
class trace_place {
 public:
  trace_place();
  trace_place(const trace_place&) = delete;
  trace_place& operator=(const trace_place&) = delete;
  ~trace_place();

  [[nodiscard]] std::string file(const std::string& name = "trace.json") const { return (folder_ / name).string(); }

 private:
  std::filesystem::path folder_;
};

/// What a trace says that is written now.
trace_text text_of(pinfold::trace_recording& trace, const std::string& file);

}  // namespace pinfold_test
