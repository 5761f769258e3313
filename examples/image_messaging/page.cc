#include "page.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <utility>

#include "conveyor/error.h"
#include "conveyor/media/image_codec.h"
#include "page.css.h"
#include "page.html.h"
#include "page.js.h"

namespace image_messaging {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;

/// When a frame was captured; of frames that do not say it, as MessageCorps sends them, when their record was written.
std::int64_t captured_us(const LabelledFrame& frame) {
  if (frame.image.capture_time_us() > 0) return frame.image.capture_time_us();
  return duration_cast<microseconds>(frame.written.time_since_epoch()).count();
}

/// Labels, surest first. Those of MessageCorps have no score.
nlohmann::json labels_of(const LabelledFrame& frame) {
  constexpr int kMost = 5;
  nlohmann::json labels = nlohmann::json::array();
  if (!frame.prediction) return labels;
  for (const auto& one : frame.prediction->classifications()) {
    if (labels.size() < kMost) labels.push_back({{"label", one.label()}, {"score", one.score()}});
  }
  if (!labels.empty()) return labels;
  for (const std::string& object : frame.prediction->object()) {
    if (labels.size() < kMost) labels.push_back({{"label", object}, {"score", nullptr}});
  }
  return labels;
}

std::string in_quotes(const std::string& text) { return '"' + text + '"'; }

}  // namespace

Page::Page(const PageOptions& options, std::shared_ptr<conveyor::Observer> log)
    : options_(options),
      log_(std::move(log)),
      store_(options_.out / "changes", options_.most_pictures),
      server_(web::ServerOptions{.port = options_.port}),
      feed_(server_.feed("/feed")) {
  add_routes();
  server_.start();
}

void Page::add_routes() {
  server_.get("/", [](const web::Request&) { return web::html(kPage); });
  server_.get("/page.js", [](const web::Request&) { return web::script(kScript); });
  server_.get("/page.css", [](const web::Request&) {
    return web::Response{.type = "text/css; charset=utf-8", .body = std::string(kPageStyle)};
  });
  server_.get("/counters", [this](const web::Request&) {
    const std::lock_guard lock(mutex_);
    return web::json(counters_);
  });
  server_.get("/changes", [this](const web::Request&) {
    const std::lock_guard lock(mutex_);
    return web::json(changes_);
  });
  server_.get("/pictures", [this](const web::Request& request) {
    try {
      nlohmann::json found = nlohmann::json::array();
      for (const auto& picture : store_.find(support::parse_query(request.query))) found.push_back(to_json(picture));
      return web::json({{"stored", store_.size()}, {"pictures", found}});
    } catch (const std::invalid_argument& error) {
      return web::problem(400, error.what());
    }
  });
  server_.get("/pictures/", [this](const web::Request& request) {
    const auto bytes = store_.jpeg(request.path.substr(request.path.rfind('/') + 1));
    return bytes ? web::jpeg(*bytes) : web::problem(404, "there is no such picture; the oldest are deleted");
  });
}

void Page::show(const LabelledFrame& frame) {
  if (!encode(frame)) return;
  const std::int64_t captured = captured_us(frame);
  const nlohmann::json labels = labels_of(frame);
  nlohmann::json header = {{"labels", labels}, {"labelled", frame.prediction.has_value()}};
  feed_.publish({.source = frame.image.source(),
                 .number = frame.image.frame(),
                 .captured = std::chrono::system_clock::time_point(microseconds(captured)),
                 .header = std::move(header),
                 .jpeg = encoded_.image_data()});
  // A frame without a prediction says nothing about the label.
  if (frame.prediction) follow_label(frame, labels, captured);
}

bool Page::encode(const LabelledFrame& frame) {
  try {
    cv::Mat pixels = conveyor::media::decode(frame.image, buffer_);
    if (pixels.depth() == CV_16U) pixels.convertTo(pixels, CV_8U, 1.0 / 257);
    conveyor::media::to_jpeg(pixels, encoded_, options_.quality);
    return true;
  } catch (const conveyor::Error& error) {
    log(conveyor::Severity::kWarning, "frame " + std::to_string(frame.image.frame()) + " of " +
                                          in_quotes(frame.image.source()) + " is not shown: " + error.what());
    const std::lock_guard lock(mutex_);
    ++counts_.unreadable;
    return false;
  }
}

void Page::follow_label(const LabelledFrame& frame, const nlohmann::json& labels, std::int64_t captured) {
  Source& source = source_of(frame.image.source());
  const std::string top = labels.empty() ? std::string() : labels[0]["label"].get<std::string>();
  const LabelChange::Step step = source.change.add(top);
  const bool begins = step == LabelChange::Step::kBegan;
  if (begins || (step == LabelChange::Step::kChanged && options_.hold_frames == 1)) {
    source.picture = {.source = frame.image.source(),
                      .frame = frame.image.frame(),
                      .captured_us = captured,
                      .count = static_cast<int>(labels.size())};
    for (const auto& one : labels) source.picture.labels.push_back(one["label"]);
    source.picture.details = {{"labels", labels}, {"model", frame.prediction->model().name()}};
    source.jpeg = encoded_.image_data();
  }
  if (step == LabelChange::Step::kChanged) store_change(source);
}

void Page::store_change(Source& source) {
  support::StoredPicture& picture = source.picture;
  picture.details["before"] = source.change.before();
  // PictureQuery asks for any of the labels; a change is found by what it changed to.
  picture.labels = {source.change.label()};
  std::string file;
  try {
    file = store_.add(picture, source.jpeg);
  } catch (const std::runtime_error& error) {
    // A full disk must not end the live picture. The log may be on the same disk.
    log(conveyor::Severity::kError, error.what());
    const std::lock_guard lock(mutex_);
    if (counts_.not_stored++ == 0) std::fprintf(stderr, "image_messaging: %s\n", error.what());
  }
  nlohmann::json change = {{"kind", "change"},
                           {"source", picture.source},
                           {"frame", picture.frame},
                           {"captured_us", picture.captured_us},
                           {"label", source.change.label()},
                           {"before", source.change.before()},
                           {"labels", picture.details["labels"]},
                           {"file", file}};
  log(conveyor::Severity::kInfo, "label of " + in_quotes(picture.source) + " changed to " +
                                     in_quotes(source.change.label()) + " from " + in_quotes(source.change.before()) +
                                     " at frame " + std::to_string(picture.frame));
  {
    const std::lock_guard lock(mutex_);
    ++counts_.changes;
    changes_.push_back(change);
    if (changes_.size() > kMostChanges) changes_.pop_front();
  }
  feed_.announce(change);
}

Page::Source& Page::source_of(const std::string& name) {
  auto found = sources_.find(name);
  if (found == sources_.end()) {
    if (sources_.size() >= kMostSources) {
      sources_.erase(std::min_element(sources_.begin(), sources_.end(),
                                      [](const auto& a, const auto& b) { return a.second.used < b.second.used; }));
    }
    found = sources_.emplace(name, Source{.change = LabelChange(options_.hold_frames)}).first;
  }
  found->second.used = ++shown_;
  return found->second;
}

void Page::announce(nlohmann::json counters) {
  const PageCounts now = counts();
  counters["kind"] = "counters";
  counters["unreadable"] = now.unreadable;
  counters["changes"] = now.changes;
  counters["stored"] = store_.size();
  counters["published"] = now.feed.published;
  counters["shown"] = now.feed.shown;
  counters["dropped"] = now.feed.dropped;
  counters["waiting"] = now.feed.waiting;
  counters["viewers"] = now.feed.viewers;
  if (now.feed.latency.count() > 0) {
    counters["latency_p50_ms"] = now.feed.latency.quantile_ms(0.5);
    counters["latency_p99_ms"] = now.feed.latency.quantile_ms(0.99);
  }
  {
    const std::lock_guard lock(mutex_);
    counters_ = counters;
  }
  feed_.announce(counters);
}

PageCounts Page::counts() const {
  PageCounts counts;
  {
    const std::lock_guard lock(mutex_);
    counts = counts_;
  }
  counts.feed = feed_.report();
  return counts;
}

void Page::log(conveyor::Severity severity, const std::string& text) const {
  log_->on_log({.severity = severity, .source = "image_messaging", .text = text});
}

}  // namespace image_messaging
