#include "trace/trace_text.hpp"

#include <stdlib.h>
#include <algorithm>
#include <boost/property_tree/json_parser.hpp>
#include <boost/property_tree/ptree.hpp>
#include <cmath>
#include <iterator>

#include "catch.hpp"

namespace pinfold_test {
namespace {

using boost::property_tree::ptree;

std::uint64_t nanoseconds(const std::string& microseconds) {
  const std::size_t point = microseconds.find('.');
  REQUIRE(point + 4 == microseconds.size());
  return std::stoull(microseconds.substr(0, point)) * 1000 + std::stoull(microseconds.substr(point + 1));
}

trace_entry entry_of(const ptree& tree) {
  trace_entry entry{.phase = tree.get<std::string>("ph"),
                    .name = tree.get<std::string>("name"),
                    .pool = tree.get<std::size_t>("pid"),
                    .thread = tree.get<int>("tid", 0)};
  if (entry.phase != "M") entry.begin_ns = nanoseconds(tree.get<std::string>("ts"));
  if (entry.phase == "X") entry.end_ns = entry.begin_ns + nanoseconds(tree.get<std::string>("dur"));
  if (entry.phase == "s" || entry.phase == "f") entry.arrow = tree.get<std::size_t>("id");
  if (entry.phase == "f") REQUIRE(tree.get<std::string>("bp") == "e");
  if (const auto arguments = tree.get_child_optional("args")) {
    for (const auto& [key, value] : *arguments) entry.arguments[key] = value.data();
  }
  return entry;
}

void require_nesting(const std::vector<trace_entry>& slices) {
  std::vector<trace_entry> open;
  std::uint64_t before = 0;
  for (const trace_entry& each : slices) {
    REQUIRE(each.begin_ns >= before);
    REQUIRE(each.end_ns >= each.begin_ns);
    before = each.begin_ns;
    while (!open.empty() && open.back().end_ns <= each.begin_ns && each.end_ns > open.back().end_ns) open.pop_back();
    if (!open.empty()) REQUIRE(each.end_ns <= open.back().end_ns);
    open.push_back(each);
  }
}

void require_arrows(const trace_text& text) {
  std::map<std::size_t, std::vector<trace_entry>> arrows;
  for (const trace_entry& each : text.entries) {
    if (each.arrow == 0) continue;
    arrows[each.arrow].push_back(each);
    REQUIRE(std::ranges::any_of(text.entries, [&](const trace_entry& slice) {
      return slice.phase == "X" && slice.thread == each.thread && slice.begin_ns <= each.begin_ns &&
             slice.end_ns >= each.begin_ns;
    }));
  }
  for (auto& [number, ends] : arrows) {
    REQUIRE(ends.size() == 2);
    std::ranges::sort(ends, {}, &trace_entry::phase);
    REQUIRE(ends[0].phase == "f");
    REQUIRE(ends[1].phase == "s");
    REQUIRE(ends[1].begin_ns <= ends[0].begin_ns);
  }
}

}  // namespace

std::vector<trace_entry> trace_text::named(const std::string& name) const {
  std::vector<trace_entry> found;
  std::ranges::copy_if(entries, std::back_inserter(found),
                       [&](const auto& each) { return each.name == name && (each.phase == "X" || each.phase == "i"); });
  return found;
}

std::vector<trace_entry> trace_text::named_on(const std::string& name, int thread) const {
  std::vector<trace_entry> found = named(name);
  std::erase_if(found, [&](const trace_entry& each) { return each.thread != thread; });
  return found;
}

std::vector<trace_entry> trace_text::of_phase(const std::string& phase) const {
  std::vector<trace_entry> found;
  std::ranges::copy_if(entries, std::back_inserter(found), [&](const auto& each) { return each.phase == phase; });
  return found;
}

trace_text read_trace(const std::filesystem::path& file) {
  ptree tree;
  read_json(file.string(), tree);
  trace_text text;
  for (const auto& [key, value] : tree.get_child("otherData")) text.facts[key] = value.data();
  std::map<int, std::vector<trace_entry>> slices;
  for (const auto& [key, value] : tree.get_child("traceEvents")) {
    trace_entry entry = entry_of(value);
    if (entry.name == "process_name") text.pools[entry.pool] = entry.arguments.at("name");
    if (entry.name == "thread_name") text.threads[entry.thread] = entry.arguments.at("name");
    if (entry.phase == "M") continue;
    REQUIRE(text.pools.contains(entry.pool));
    REQUIRE(text.threads.contains(entry.thread));
    if (entry.phase == "X") slices[entry.thread].push_back(entry);
    text.entries.push_back(std::move(entry));
  }
  for (const auto& [thread, each] : slices) require_nesting(each);
  require_arrows(text);
  return text;
}

trace_place::trace_place() {
  std::string name = (std::filesystem::temp_directory_path() / "pinfold-trace-XXXXXX").string();
  REQUIRE(mkdtemp(name.data()) != nullptr);
  folder_ = name;
}

trace_place::~trace_place() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

trace_text text_of(pinfold::trace_recording& trace, const std::string& file) {
  trace.write();
  return read_trace(file);
}

}  // namespace pinfold_test
