#ifndef IMAGE_MESSAGING_DEMO_H_
#define IMAGE_MESSAGING_DEMO_H_

#include <filesystem>
#include <stop_token>
#include <string>

#include "capture.h"
#include "feed.h"
#include "label.h"

namespace image_messaging {

struct DemoOptions {
  CaptureOptions capture = {};
  LabelOptions label = {};
  FeedOptions feed = {};
  int labellers = 2;
  bool capture_here = true;        ///< false: frames come from elsewhere, until the stop is requested
  std::filesystem::path log = {};  ///< of all parts; empty: image_messaging.jsonl in the folder for pictures
  std::string bootstrap = {};      ///< empty: an embedded broker
};

/// Runs the whole system: broker, labellers as processes of their own, feed and capture; prints what happens. A
/// labeller that ends is started again.
/// @return whether every frame that was sent was labelled and reached the page; for what has no end, whether it went
///         well until the stop
/// @throws Error, std::exception
bool run_demo(const DemoOptions& options, const std::stop_token& stop);

}  // namespace image_messaging

#endif  // IMAGE_MESSAGING_DEMO_H_
