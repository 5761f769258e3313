#ifndef IMAGE_MESSAGING_PAGE_H_
#define IMAGE_MESSAGING_PAGE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <opencv2/core/mat.hpp>
#include <string>

#include "conveyor/observer.h"
#include "frame_join.h"
#include "label_change.h"
#include "support/picture_store.h"
#include "web/server.h"

namespace image_messaging {

struct PageOptions {
  std::uint16_t port = 0;             ///< 0: any free one
  std::filesystem::path out = "out";  ///< the folder for stored pictures
  int hold_frames = 5;                ///< for which another label must hold to be a change
  std::size_t most_pictures = 1'000;  ///< that are stored; of more the oldest are deleted
  int quality = 85;                   ///< of JPEG, 1 to 100
};

/// What became of the frames that were put on the page.
struct PageCounts {
  std::int64_t unreadable = 0;  ///< no picture, and so not published
  std::int64_t changes = 0;     ///< of the top label
  std::int64_t not_stored = 0;  ///< changes whose picture could not be written
  web::FeedReport feed = {};
};

/// The page: frames with their labels, what changed when, and the pictures that were stored at each change.
///
/// Thread safety: show() and announce() on one thread; the rest from any.
class Page {
 public:
  /// @throws Error when the port is taken, std::runtime_error when the folder cannot be written to
  Page(const PageOptions& options, std::shared_ptr<conveyor::Observer> log);

  [[nodiscard]] std::string url() const { return server_.url(); }
  /// A frame in its turn.
  void show(const LabelledFrame& frame);
  /// Counters for those who watch; they are also what GET /counters answers.
  void announce(nlohmann::json counters);
  [[nodiscard]] PageCounts counts() const;

 private:
  struct Source {
    LabelChange change;
    support::StoredPicture picture = {};  // of the frame that began another label
    std::string jpeg = {};
    std::int64_t used = 0;
  };

  void add_routes();
  [[nodiscard]] bool encode(const LabelledFrame& frame);
  void follow_label(const LabelledFrame& frame, const nlohmann::json& labels, std::int64_t captured_us);
  void store_change(Source& source);
  Source& source_of(const std::string& name);
  void log(conveyor::Severity severity, const std::string& text) const;

  static constexpr std::size_t kMostSources = 16;  // their names come from outside
  static constexpr std::size_t kMostChanges = 100;

  const PageOptions options_;
  const std::shared_ptr<conveyor::Observer> log_;
  support::PictureStore store_;
  cv::Mat buffer_;
  conveyor::v1::Image encoded_;
  std::map<std::string, Source> sources_;
  std::int64_t shown_ = 0;

  mutable std::mutex mutex_;
  PageCounts counts_;
  nlohmann::json counters_ = nlohmann::json::object();
  std::deque<nlohmann::json> changes_;

  web::Server server_;
  web::Feed& feed_;
};

}  // namespace image_messaging

#endif  // IMAGE_MESSAGING_PAGE_H_
