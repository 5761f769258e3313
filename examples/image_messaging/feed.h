#ifndef IMAGE_MESSAGING_FEED_H_
#define IMAGE_MESSAGING_FEED_H_

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <stop_token>
#include <string>
#include <variant>

#include "conveyor/v1/prediction.pb.h"
#include "event_queue.h"
#include "frame_join.h"
#include "page.h"
#include "source_order.h"
#include "support/cluster.h"

namespace image_messaging {

struct FeedOptions {
  std::string group = "feed";  ///< the consumer group; every feed that shall see all frames needs one of its own
  PageOptions page = {};
  JoinOptions join = {};
  OrderOptions order = {};
};

/// What became of the frames of VideoStream.
struct FeedCounts {
  JoinCounts join = {};
  std::int64_t late = 0;     ///< came after their turn, and so were not published
  std::int64_t waiting = 0;  ///< for their prediction or their turn
  PageCounts page = {};
};

/// Shows what travels on VideoStream and Predictions: joins frames with their predictions and puts them on the page.
///
/// Thread safety: run() on one thread, once; the rest from any.
class Feed {
 public:
  /// Begins to serve the page. @throws Error, std::runtime_error as Page
  Feed(const support::ConfigFor& config_for, FeedOptions options);

  [[nodiscard]] std::string url() const { return page_.url(); }
  /// Runs until the stop is requested. @param ready called once it has been given partitions of both topics
  /// @throws Error
  void run(const std::stop_token& stop, const std::function<void()>& ready);
  [[nodiscard]] FeedCounts counts() const;
  /// What another part knows and the page shows too, as {"name": number}; it is called once a second.
  void show_also(std::function<nlohmann::json()> counters);

 private:
  struct Arrived {
    conveyor::v1::InputRecord record;
    LabelledFrame frame;
  };
  using Event = std::variant<Arrived, conveyor::v1::Prediction>;

  void read_frames(const std::stop_token& stop, const std::function<void()>& assigned);
  void read_predictions(const std::stop_token& stop, const std::function<void()>& assigned);
  void take(Event event);
  void show_what_is_ready();
  void announce();

  const support::ConfigFor config_for_;
  const FeedOptions options_;
  EventQueue<Event> events_{8};
  FrameJoin join_;
  SourceOrder order_;
  Page page_;

  mutable std::mutex mutex_;
  FeedCounts counts_;
  std::function<nlohmann::json()> also_;
};

}  // namespace image_messaging

#endif  // IMAGE_MESSAGING_FEED_H_
