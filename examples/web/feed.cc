#include "web/feed.h"

#include <array>
#include <utility>

namespace web {
namespace {

using std::chrono::microseconds;

std::int64_t since_epoch(std::chrono::system_clock::time_point time) {
  return std::chrono::duration_cast<microseconds>(time.time_since_epoch()).count();
}

std::string text_of(const nlohmann::json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

WireFramePtr to_wire(Frame frame) {
  const std::int64_t captured = since_epoch(frame.captured);
  frame.header["source"] = frame.source;
  frame.header["number"] = frame.number;
  frame.header["captured_us"] = captured;
  const std::string header = text_of(frame.header);
  const auto size = static_cast<std::uint32_t>(header.size());
  std::string bytes;
  bytes.reserve(4 + header.size() + frame.jpeg.size());
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(size >> shift & 0xff));
  bytes.append(header).append(frame.jpeg);
  return std::make_shared<const WireFrame>(
      WireFrame{std::move(frame.source), frame.number, captured, std::move(bytes)});
}

/// The bytes of a frame, which keep it alive.
std::shared_ptr<const std::string> bytes_of(const WireFramePtr& frame) { return {frame, &frame->bytes}; }

}  // namespace

void Feed::publish(Frame frame) {
  const WireFramePtr wire = to_wire(std::move(frame));
  const std::lock_guard lock(mutex_);
  for (const ViewerId viewer : ledger_.published(wire)) viewers_.at(viewer)(bytes_of(wire), true);
}

void Feed::announce(const nlohmann::json& note) {
  const auto text = std::make_shared<const std::string>(text_of(note));
  const std::lock_guard lock(mutex_);
  for (const auto& [viewer, send] : viewers_) send(text, false);
}

FeedReport Feed::report() const {
  const std::lock_guard lock(mutex_);
  return {.published = ledger_.published_count(),
          .shown = ledger_.shown_count(),
          .dropped = ledger_.dropped_count(),
          .waiting = ledger_.waiting_count(),
          .viewers = static_cast<int>(ledger_.viewers()),
          .latency = latency_};
}

ViewerId Feed::join(Send send) {
  const std::lock_guard lock(mutex_);
  const ViewerId viewer = next_viewer_++;
  const Send& kept = viewers_[viewer] = std::move(send);
  for (const WireFramePtr& frame : ledger_.joined(viewer)) kept(bytes_of(frame), true);
  return viewer;
}

void Feed::answer(ViewerId viewer, std::string_view message) {
  const nlohmann::json answer = nlohmann::json::parse(message, nullptr, false);
  if (!answer.is_object()) return;
  const auto source = answer.find("source");
  const auto number = answer.find("number");
  const auto painted = answer.find("painted");
  if (source == answer.end() || !source->is_string() || number == answer.end() || !number->is_number_integer() ||
      painted == answer.end() || !painted->is_boolean()) {
    return;
  }
  const std::int64_t now = since_epoch(std::chrono::system_clock::now());
  const std::lock_guard lock(mutex_);
  const auto result = ledger_.answered(viewer, *source, *number, *painted);
  if (result.first && !result.from_before) latency_.add(microseconds(now - result.frame->captured_us));
  if (result.next) viewers_.at(viewer)(bytes_of(result.next), true);
}

void Feed::leave(ViewerId viewer) {
  const std::lock_guard lock(mutex_);
  ledger_.left(viewer);
  viewers_.erase(viewer);
}

}  // namespace web
