// A recording as Chrome's trace events: "Trace Event Format" (docs.google.com, linked from perfetto.dev/docs), in the
// object form. Viewers sort by time and keep the order of what is at the same: outer slices come before inner ones.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include <pinfold/detail/pool_core.hpp>
#include <pinfold/version.hpp>

#include "recording.hpp"

namespace pinfold::detail {
namespace {

constexpr std::size_t none = std::numeric_limits<std::size_t>::max();

std::string json_string(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "\"";
  for (const char each : text) {
    const auto byte = static_cast<unsigned char>(each);
    if (each == '"' || each == '\\') {
      out += {'\\', each};
    } else if (byte < 0x20) {
      out += "\\u00";
      out += {digits[byte / 16], digits[byte % 16]};
    } else {
      out += each;
    }
  }
  return out + '"';
}

// Of nanoseconds.
std::string microseconds(std::uint64_t time) {
  const std::string fraction = std::to_string(time % 1000);
  return std::to_string(time / 1000) + '.' + std::string(3 - fraction.size(), '0') + fraction;
}

// What a thread did from `begin` to `end`; a steal is a moment.
struct slice {
  trace_kind kind = trace_kind::start;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::size_t event = none;  // that it began with; none: it began before the recording
  bool is_cut = false;       // it had not ended when the recording did, or the buffer was full
};

bool is_start(trace_kind kind) { return kind == trace_kind::start || kind == trace_kind::start_part; }

// Turns the events of one thread into slices, in the order of their beginnings and the outer one first.
//
// What a thread does nests: tasks run inside of tasks that wait, and sleeps too. But an asio pool's thread wakes up in
// the handler that it then runs, so a task that begins inside of a sleep ends that. Of what began before the recording
// only the end is there; each such end belongs to something further out than the one before.
class slices_of_thread {
 public:
  slices_of_thread(std::span<const trace_event> events, const recording& recorded, std::uint64_t until)
      : events_(events), begin_(recorded.begin), until_(until) {
    for (std::size_t i = 0; i < events.size() && events[i].when <= recorded.end; ++i) {
      if (events[i].when >= recorded.begin) add(i);
    }
    while (!open_.empty()) close(until_, true);
    std::ranges::reverse(earlier_);
  }

  [[nodiscard]] const std::vector<slice>& earlier() const { return earlier_; }
  [[nodiscard]] const std::vector<slice>& slices() const { return slices_; }

 private:
  struct open_slice {
    std::size_t at;
    bool is_over = false;
  };

  void add(std::size_t event) {
    const auto& [when, kind, subject, pool] = events_[event];
    const std::uint64_t now = when;
    switch (kind) {
      case trace_kind::post: {
        // Arrows start from slices only. A post takes longer than this nanosecond, which no other event is in.
        const bool has_room = event + 1 == events_.size() || events_[event + 1].when > now;
        slices_.push_back({.kind = kind, .begin = now, .end = now + (has_room ? 1 : 0), .event = event});
        break;
      }
      case trace_kind::start:
      case trace_kind::start_part:
        if (!open_.empty() && !open_.back().is_over && slices_[open_.back().at].kind == trace_kind::park) {
          slices_[open_.back().at].end = now;
          open_.back().is_over = true;
        }
        open(kind, now, event);
        break;
      case trace_kind::park:
        open(kind, now, event);
        break;
      case trace_kind::finish:
        end(now, true);
        break;
      case trace_kind::wake:
        end(now, false);
        break;
      case trace_kind::steal:
        slices_.push_back({.kind = kind, .begin = now, .end = now, .event = event});
        break;
      case trace_kind::taken_back:
        break;
    }
  }

  void open(trace_kind kind, std::uint64_t now, std::size_t event) {
    open_.push_back({.at = slices_.size()});
    slices_.push_back({.kind = kind, .begin = now, .event = event});
  }

  void close(std::uint64_t now, bool cut) {
    const open_slice last = open_.back();
    open_.pop_back();
    if (last.is_over) return;
    slices_[last.at].end = now;
    slices_[last.at].is_cut = cut;
  }

  void end(std::uint64_t now, bool of_task) {
    if (!open_.empty()) {
      if (is_start(slices_[open_.back().at].kind) == of_task) close(now, false);
    } else if (of_task || (slices_.empty() && earlier_.empty())) {
      earlier_.push_back({.kind = of_task ? trace_kind::start : trace_kind::park, .begin = begin_, .end = now});
    }
  }

  std::span<const trace_event> events_;
  std::uint64_t begin_;
  std::uint64_t until_;
  std::vector<slice> slices_;
  std::vector<slice> earlier_;
  std::vector<open_slice> open_;
};

// Which post a start belongs to.
//
// A task is known by its address, which another one has after it. So in the order of time a start belongs to the last
// post of its address before it that has no start yet: the address is not used again before the task begins. For every
// post that is recorded the start is, too, if it is in time (see run_traces::begin), as long as nothing is dropped;
// from then on no start has a post. Nor has it one to another pool: that was of another topology's, whose starts are
// not here.
class arrows {
 public:
  arrows(const recording& recorded, const std::vector<std::span<const trace_event>>& events) {
    const std::uint64_t until = recorded.complete_until();
    std::vector<place> order;
    for (std::size_t track = 0; track < events.size(); ++track) {
      numbers_.emplace_back(events[track].size());
      for (std::size_t i = 0; i < events[track].size(); ++i) {
        const trace_event& each = events[track][i];
        const bool is_in_time = each.when >= recorded.begin && each.when <= until;
        if (is_in_time &&
            (is_start(each.kind) || each.kind == trace_kind::post || each.kind == trace_kind::taken_back)) {
          order.push_back({.track = track, .event = i, .when = each.when, .is_start = is_start(each.kind)});
        }
      }
    }
    // Of the same nanosecond posts come first.
    std::ranges::sort(order, {},
                      [](const place& each) { return std::tuple(each.when, each.is_start, each.track, each.event); });
    std::unordered_map<std::uintptr_t, place> posted;
    for (const place& at : order) {
      const trace_event& each = events[at.track][at.event];
      if (each.kind == trace_kind::post) {
        posted[each.subject] = at;
      } else if (const auto node = posted.extract(each.subject); node && at.is_start) {
        const place& from = node.mapped();
        const pool_core* const here = recorded.pools[recorded.tracks[at.track].pool];
        if (events[from.track][from.event].pool != here) continue;
        waited_.push_back(at.when - from.when);
        numbers_[at.track][at.event] = waited_.size();
        numbers_[from.track][from.event] = waited_.size();
      }
    }
  }

  /// Of the arrow that begins or ends at an event; 0: none.
  [[nodiscard]] std::size_t at(std::size_t track, std::size_t event) const { return numbers_[track][event]; }
  /// From the post to the start, in nanoseconds.
  [[nodiscard]] std::uint64_t waited(std::size_t arrow) const { return waited_[arrow - 1]; }

 private:
  struct place {
    std::size_t track;
    std::size_t event;
    std::uint64_t when;
    bool is_start;
  };

  std::vector<std::vector<std::size_t>> numbers_;
  std::vector<std::uint64_t> waited_;
};

class writer {
 public:
  writer(const recording& recorded, trace_file& file) : recorded_(recorded), file_(file) {}

  void write() {
    std::vector<std::span<const trace_event>> events;
    events.reserve(recorded_.tracks.size());
    for (const trace_track& each : recorded_.tracks) events.push_back(each.buffer->events());
    file_.add("{\"displayTimeUnit\":\"ns\",\n\"otherData\":" + facts() + ",\n\"traceEvents\":[");
    for (std::size_t i = 0; i < recorded_.pools.size(); ++i) add_pool(i);
    for (std::size_t i = 0; i < recorded_.tracks.size(); ++i) add_thread(i);
    const arrows posts(recorded_, events);
    for (std::size_t i = 0; i < recorded_.tracks.size(); ++i) add_events(i, events[i], posts);
    file_.add("\n]}\n");
  }

 private:
  [[nodiscard]] std::string facts() const {
    std::uint64_t dropped = 0;
    for (const trace_track& each : recorded_.tracks) dropped += each.buffer->dropped();
    const auto begin = std::chrono::nanoseconds(recorded_.origin.time_since_epoch()).count();
    return R"({"pinfold":")" + std::to_string(PINFOLD_VERSION_MAJOR) + '.' + std::to_string(PINFOLD_VERSION_MINOR) +
           '.' + std::to_string(PINFOLD_VERSION_PATCH) + R"(","topology":)" + json_string(recorded_.name) +
           R"(,"dropped_events":)" + std::to_string(dropped) + R"(,"events_per_thread":)" +
           std::to_string(recorded_.events_per_thread) + R"(,"steady_clock_ns":)" +
           std::to_string(static_cast<std::uint64_t>(begin) + recorded_.begin) + R"(,"recorded_us":)" +
           microseconds(recorded_.end - recorded_.begin) + '}';
  }

  // Pools are processes of the viewer.
  static std::string number_of_pool(std::size_t pool) { return std::to_string(pool + 1); }
  [[nodiscard]] static std::string place_of(const trace_track& track) {
    return R"(,"pid":)" + number_of_pool(track.pool) + R"(,"tid":)" + std::to_string(track.id);
  }
  [[nodiscard]] std::string at(std::uint64_t time) const { return R"(,"ts":)" + microseconds(time - recorded_.begin); }

  void add(const std::string& event) {
    file_.add(is_first_ ? "\n{" : ",\n{");
    is_first_ = false;
    file_.add(event + '}');
  }

  void add_pool(std::size_t pool) {
    const std::string place = R"(,"pid":)" + number_of_pool(pool) + R"(,"args":{)";
    add(R"("ph":"M","name":"process_name")" + place + R"("name":)" +
        json_string(recorded_.pools[pool]->qualified_name()) + '}');
    add(R"("ph":"M","name":"process_sort_index")" + place + R"("sort_index":)" + std::to_string(pool) + '}');
  }

  void add_thread(std::size_t index) {
    const trace_track& track = recorded_.tracks[index];
    const std::string place = place_of(track) + R"(,"args":{)";
    add(R"("ph":"M","name":"thread_name")" + place + R"("name":)" + json_string(track.thread) + '}');
    add(R"("ph":"M","name":"thread_sort_index")" + place + R"("sort_index":)" + std::to_string(index) + '}');
  }

  void add_events(std::size_t index, std::span<const trace_event> events, const arrows& posts) {
    const trace_track& track = recorded_.tracks[index];
    const std::uint64_t dropped = track.buffer->dropped();
    const std::uint64_t until = dropped == 0 ? recorded_.end : std::min(recorded_.end, track.buffer->full_since());
    const slices_of_thread done(events, recorded_, until);
    for (const slice& each : done.earlier()) add_slice(track, each, R"("began":"before the recording")");
    for (const slice& each : done.slices()) {
      if (each.kind == trace_kind::post) {
        add_post(track, each, events[each.event], posts.at(index, each.event));
      } else if (each.kind == trace_kind::steal) {
        add(R"("ph":"i","s":"t","name":"steal","cat":"steal")" + place_of(track) + at(each.begin) +
            R"(,"args":{"from":)" + json_string(thread_of(track.pool, events[each.event].subject)) + '}');
      } else {
        add_start(track, each, posts, posts.at(index, each.event));
      }
    }
    if (dropped == 0) return;
    add(R"("ph":"i","s":"t","name":"full: )" + std::to_string(dropped) + R"( events dropped","cat":"dropped")" +
        place_of(track) + at(std::max(until, recorded_.begin)) + R"(,"args":{"dropped":)" + std::to_string(dropped) +
        '}');
  }

  void add_start(const trace_track& track, const slice& each, const arrows& posts, std::size_t arrow) {
    std::string arguments = each.is_cut ? R"("ended":"after the recording")" : "";
    if (arrow != 0) {
      arguments += (arguments.empty() ? "" : ",");
      arguments += R"("waited_us":)" + microseconds(posts.waited(arrow));
    }
    add_slice(track, each, arguments);
    if (arrow != 0) add_arrow(R"(f","bp":"e)", track, each.begin, arrow);
  }

  void add_post(const trace_track& track, const slice& each, const trace_event& event, std::size_t arrow) {
    add_slice(track, each, R"("to":)" + json_string(event.pool->qualified_name()));
    if (arrow != 0) add_arrow("s", track, each.begin, arrow);
  }

  void add_arrow(std::string_view phase, const trace_track& track, std::uint64_t time, std::size_t number) {
    add(R"("ph":")" + std::string(phase) + R"(","name":"post","cat":"post","id":)" + std::to_string(number) +
        place_of(track) + at(time));
  }

  void add_slice(const trace_track& track, const slice& each, const std::string& arguments) {
    const auto [name, category] = words_of(each.kind);
    add(R"("ph":"X","name":")" + std::string(name) + R"(","cat":")" + std::string(category) + '"' + place_of(track) +
        at(each.begin) + R"(,"dur":)" + microseconds(each.end - each.begin) +
        (arguments.empty() ? "" : R"(,"args":{)" + arguments + '}'));
  }

  static std::pair<std::string_view, std::string_view> words_of(trace_kind kind) {
    switch (kind) {
      case trace_kind::post:
        return {"post", "post"};
      case trace_kind::start_part:
        return {"part", "task"};
      case trace_kind::park:
        return {"asleep", "sleep"};
      default:
        return {"task", "task"};
    }
  }

  [[nodiscard]] std::string_view thread_of(std::size_t pool, std::size_t worker) const {
    const auto first = std::ranges::find(recorded_.tracks, pool, &trace_track::pool);
    return first[static_cast<std::ptrdiff_t>(worker)].thread;
  }

  const recording& recorded_;
  trace_file& file_;
  bool is_first_ = true;
};

}  // namespace

void write_trace(const recording& recorded, trace_file& file) { writer(recorded, file).write(); }

}  // namespace pinfold::detail
