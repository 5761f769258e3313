#ifndef WEB_FEED_H_
#define WEB_FEED_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "support/latency_histogram.h"
#include "web/feed_ledger.h"

namespace web {

/// A picture that a source (a camera) shows.
struct Frame {
  std::string source = {};  ///< a viewer always gets the newest frame of each source
  std::int64_t number = 0;  ///< of the frame in its source
  std::chrono::system_clock::time_point captured = {};
  nlohmann::json header = nlohmann::json::object();  ///< an object: what the page draws, such as boxes and labels; the
                                                     ///< feed adds source, number and captured_us
  std::string jpeg = {};
};

/// What became of the frames: published is shown + dropped + waiting.
struct FeedReport {
  std::int64_t published = 0;
  std::int64_t shown = 0;    ///< a browser said that it painted the frame; several browsers count once
  std::int64_t dropped = 0;  ///< a newer one came first, no browser was there, or it left before it painted the frame
  std::int64_t waiting = 0;
  int viewers = 0;
  /// From capture until the word of the first browser that the frame is painted came back: the way of the answer is in
  /// it too. A frame that waited for its first viewer does not count.
  support::LatencyHistogram latency = {};
};

/// A WebSocket that gives each browser the newest frame of every source. A slow browser drops frames, and slows nobody
/// else down.
///
/// Frames go out as binary messages: the header's size in 4 bytes, most significant first, the header as JSON, the JPEG.
/// For each the browser answers {"source": ..., "number": ..., "painted": true}. Notes are text messages.
///
/// Thread safety: all functions, from any thread.
class Feed {
 public:
  void publish(Frame frame);
  /// A message for all browsers that are connected, such as {"kind": "alert", ...}. A browser that is slow loses the
  /// oldest when more than 64 wait.
  void announce(const nlohmann::json& note);
  [[nodiscard]] FeedReport report() const;

  /// For the server. `send` is called from any thread, with one call for each message, and must not block.
  using Send = std::function<void(std::shared_ptr<const std::string> bytes, bool binary)>;
  [[nodiscard]] ViewerId join(Send send);
  void answer(ViewerId viewer, std::string_view message);  ///< anything else than an answer is ignored
  void leave(ViewerId viewer);

 private:
  mutable std::mutex mutex_;
  FeedLedger ledger_;
  std::map<ViewerId, Send> viewers_;
  ViewerId next_viewer_ = 1;
  support::LatencyHistogram latency_;
};

}  // namespace web

#endif  // WEB_FEED_H_
