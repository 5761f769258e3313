#ifndef SMART_CAMERA_PAGE_H_
#define SMART_CAMERA_PAGE_H_

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "by_camera.h"
#include "camera.h"
#include "channels.h"
#include "detector_pool.h"
#include "rate.h"
#include "seen_frames.h"
#include "support/latency_histogram.h"
#include "support/picture_store.h"
#include "web/server.h"

namespace smart_camera {

/// What only a demo knows of the programs around the page.
struct PageSources {
  std::function<std::vector<CameraReport>()> cameras = {};
  DetectorPool* detectors = nullptr;  ///< which the page starts and stops; null: it only lists those it hears of
};

/// What became of the frames that came to the page: frames is shown + dropped + waiting.
struct PageReport {
  std::int64_t frames = 0;  ///< each counted once
  std::int64_t shown = 0;   ///< at least one browser painted the frame
  std::int64_t dropped = 0;
  std::int64_t waiting = 0;
  support::LatencyHistogram latency = {};  ///< from capture to the browser's word
};

/// The page that people watch: cameras live, alerts, stored pictures, detectors. Listens on 127.0.0.1.
///
/// Thread safety: all functions, from any thread.
class Page {
 public:
  /// @throws conveyor::Error with errc::invalid_config when the port is taken
  Page(std::uint16_t port, support::PictureStore& pictures, PageSources sources = {});

  void on_processed(const conveyor::v1::ProcessedImage& processed, std::string_view detector);
  void on_alert(const Alert& alert);

  [[nodiscard]] std::string url() const { return server_.url(); }
  [[nodiscard]] PageReport report() const;
  [[nodiscard]] std::int64_t frames() const;  ///< PageReport::frames

 private:
  /// What the page itself knows of a camera.
  struct Seen {
    SeenFrames order = {};
    std::int64_t frames = 0;
    int people = 0;
    Rate rate = {};
    support::LatencyHistogram latency = {};  // from capture to here
    std::chrono::steady_clock::time_point last = {};
  };

  void add_routes();
  void add_detector_routes();
  [[nodiscard]] nlohmann::json state();
  [[nodiscard]] nlohmann::json cameras();
  [[nodiscard]] nlohmann::json detectors(const std::vector<CameraReport>& reports);
  [[nodiscard]] web::Response find_pictures(const web::Request& request) const;

  support::PictureStore& pictures_;
  const PageSources sources_;

  mutable std::mutex mutex_;
  ByCamera<Seen> cameras_;
  std::map<std::string, std::int64_t> heard_of_;  // detectors, and their frames
  std::deque<nlohmann::json> alerts_;             // the newest first
  std::int64_t frames_ = 0;
  std::int64_t late_ = 0;

  web::Server server_;  // last, so that it ends first
  web::Feed& feed_;
};

}  // namespace smart_camera

#endif  // SMART_CAMERA_PAGE_H_
