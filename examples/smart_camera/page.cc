#include "page.h"

#include <stdexcept>
#include <utility>

#include "boxes.h"
#include "camera_name.h"
#include "page.css.h"
#include "page.html.h"
#include "page.js.h"
#include "people.h"

namespace smart_camera {
namespace {

using nlohmann::json;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using std::chrono::system_clock;

constexpr std::size_t kMostAlerts = 50;
constexpr std::size_t kMostDetectors = 64;  // names come from messages

json to_json(const support::LatencyHistogram& latency) {
  return {{"p50_ms", latency.quantile_ms(0.5)}, {"p99_ms", latency.quantile_ms(0.99)}, {"count", latency.count()}};
}

json to_json(const Alert& alert) {
  return {{"camera", alert.camera()},
          {"frame", alert.frame()},
          {"captured_us", alert.capture_time_us()},
          {"people", alert.people()},
          {"threshold", alert.threshold()}};
}

/// What the camera itself knows, beside what was seen of it.
void add_report(json& camera, const CameraReport& report) {
  camera["name"] = report.name;
  camera["sent"] = report.sent;
  camera["processed"] = report.processed;
  camera["dropped"] = report.dropped;
  camera["live"] = report.live;
  camera["away"] = report.away;
  camera["why"] = report.why;
  camera["reconnects"] = report.reconnects;
  camera["processed_latency"] = to_json(report.latency);
}

json lag_of(const std::vector<CameraReport>& reports) {
  PartitionLag lag;
  for (const CameraReport& report : reports) lag.merge(report.lag);
  json rows = json::array();
  for (const auto& [partition, records] : lag.lags()) rows.push_back({{"partition", partition}, {"records", records}});
  return rows;
}

}  // namespace

Page::Page(std::uint16_t port, support::PictureStore& pictures, PageSources sources)
    : pictures_(pictures), sources_(std::move(sources)), server_({.port = port}), feed_(server_.feed("/feed")) {
  add_routes();
  if (sources_.detectors) add_detector_routes();
  server_.start();
}

void Page::on_processed(const conveyor::v1::ProcessedImage& processed, std::string_view detector) {
  const conveyor::v1::Image& image = processed.image();
  const system_clock::time_point captured{microseconds(image.capture_time_us())};
  const std::string camera = camera_of(image.source());
  const int people = people_in(processed);
  {
    const std::lock_guard lock(mutex_);
    Seen& seen = cameras_[camera];
    const SeenFrames::Kind kind = seen.order.add(image.source(), image.frame());
    if (kind == SeenFrames::Kind::kRepeated) return;
    const std::string name(detector);
    ++heard_of_[heard_of_.size() < kMostDetectors || heard_of_.contains(name) ? name : "others"];
    ++frames_;
    ++seen.frames;
    seen.last = steady_clock::now();
    seen.rate.add(seen.last);
    seen.latency.add(std::chrono::duration_cast<microseconds>(system_clock::now() - captured));
    if (kind == SeenFrames::Kind::kLate) {
      ++late_;
      return;
    }
    seen.people = people;
  }
  feed_.publish({.source = camera,
                 .number = image.frame(),
                 .captured = captured,
                 .header = {{"people", people}, {"boxes", boxes_of(processed.prediction())}, {"detector", detector}},
                 .jpeg = image.image_data()});
}

void Page::on_alert(const Alert& alert) {
  json note = to_json(alert);
  {
    const std::lock_guard lock(mutex_);
    alerts_.push_front(note);
    if (alerts_.size() > kMostAlerts) alerts_.pop_back();
  }
  note["kind"] = "alert";
  feed_.announce(note);
}

PageReport Page::report() const {
  const std::lock_guard lock(mutex_);
  const web::FeedReport feed = feed_.report();
  return {.frames = frames_,
          .shown = feed.shown,
          .dropped = feed.dropped + late_,
          .waiting = feed.waiting,
          .latency = feed.latency};
}

std::int64_t Page::frames() const {
  const std::lock_guard lock(mutex_);
  return frames_;
}

void Page::add_routes() {
  server_.get("/", [](const web::Request&) { return web::html(kPage); });
  server_.get("/page.js", [](const web::Request&) { return web::script(kPageScript); });
  server_.get("/page.css", [](const web::Request&) {
    return web::Response{200, "text/css; charset=utf-8", std::string(kPageStyle)};
  });
  server_.get("/api/state", [this](const web::Request&) { return web::json(state()); });
  server_.get("/api/alerts", [this](const web::Request&) {
    const std::lock_guard lock(mutex_);
    return web::json(json(alerts_));
  });
  server_.get("/api/pictures", [this](const web::Request& request) { return find_pictures(request); });
  server_.get("/pictures/", [this](const web::Request& request) {
    auto picture = pictures_.jpeg(request.path.substr(std::string_view("/pictures/").size()));
    return picture ? web::jpeg(*std::move(picture)) : web::problem(404, "there is no such picture");
  });
}

void Page::add_detector_routes() {
  const auto answer = [](const std::string& problem) {
    return problem.empty() ? web::json({{"ok", true}}) : web::problem(409, problem);
  };
  server_.post("/api/detectors/start", [this, answer](const web::Request& request) {
    const auto name = request.query.find("name");
    return answer(sources_.detectors->request_start(name == request.query.end() ? "" : name->second));
  });
  server_.post("/api/detectors/stop", [this, answer](const web::Request& request) {
    const auto name = request.query.find("name");
    if (name == request.query.end()) return web::problem(400, "name=DETECTOR is missing");
    return answer(sources_.detectors->request_stop(name->second));
  });
}

web::Response Page::find_pictures(const web::Request& request) const {
  try {
    json found = json::array();
    for (const auto& picture : pictures_.find(support::parse_query(request.query))) {
      found.push_back(support::to_json(picture));
    }
    return web::json(found);
  } catch (const std::invalid_argument& error) {
    return web::problem(400, error.what());
  }
}

json Page::cameras() {
  json all = json::object();
  const auto now = steady_clock::now();
  const std::lock_guard lock(mutex_);
  cameras_.for_each([&](const std::string& name, Seen& seen) {
    all[name] = {{"name", name},
                 {"frames", seen.frames},
                 {"people", seen.people},
                 {"frames_a_second", seen.rate.per_second(now)},
                 {"silent_ms", std::chrono::duration_cast<milliseconds>(now - seen.last).count()},
                 {"latency", to_json(seen.latency)}};
  });
  return all;
}

json Page::detectors(const std::vector<CameraReport>& reports) {
  std::map<std::string, std::int64_t> frames;
  for (const CameraReport& report : reports) {
    for (const auto& [name, count] : report.by_detector) frames[name] += count;
  }
  json rows = json::array();
  if (sources_.detectors) {
    for (const DetectorInfo& each : sources_.detectors->detectors()) {
      rows.push_back({{"name", each.name},
                      {"pid", each.pid},
                      {"state", name_of(each.state)},
                      {"code", each.code},
                      {"frames", frames[each.name]}});
    }
    return rows;
  }
  const std::lock_guard lock(mutex_);
  for (const auto& [name, count] : heard_of_) rows.push_back({{"name", name}, {"frames", count}});
  return rows;
}

json Page::state() {
  const std::vector<CameraReport> reports = sources_.cameras ? sources_.cameras() : std::vector<CameraReport>();
  json seen = cameras();
  json rows = json::array();  // in the order in which they were given
  for (const CameraReport& report : reports) {
    json& camera = seen[report.name];
    add_report(camera, report);
    rows.push_back(std::move(camera));
    seen.erase(report.name);
  }
  for (json& camera : seen) rows.push_back(std::move(camera));
  const PageReport page = report();
  return {{"cameras", rows},
          {"frames", page.frames},
          {"shown", page.shown},
          {"dropped", page.dropped},
          {"waiting", page.waiting},
          {"viewers", feed_.report().viewers},
          {"latency", to_json(page.latency)},
          {"lag", lag_of(reports)},
          {"detectors", detectors(reports)},
          {"controls", sources_.detectors != nullptr},
          {"stored", pictures_.size()}};
}

}  // namespace smart_camera
