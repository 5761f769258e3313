#ifndef WEB_FEED_LEDGER_H_
#define WEB_FEED_LEDGER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace web {

using ViewerId = std::uint64_t;

/// A frame as it goes over the wire, and which one it is.
struct WireFrame {
  std::string source;
  std::int64_t number = 0;
  std::int64_t captured_us = 0;  ///< microseconds since the Unix epoch
  std::string bytes;
};
using WireFramePtr = std::shared_ptr<const WireFrame>;

/// Decides which frame each viewer gets next, and counts what became of every frame.
///
/// A viewer has at most two frames of a source that it has not answered yet. Of those that come meanwhile the newest
/// waits for its answer; the others are dropped for this viewer. A frame counts as shown when any viewer painted it, as
/// dropped when nobody did and nobody will.
///
/// Thread safety: as a standard container.
class FeedLedger {
 public:
  /// A new viewer, and the newest frame of every source for it, so that its page is not empty while nothing moves.
  std::vector<WireFramePtr> joined(ViewerId viewer);
  /// @return the viewers that get the frame at once
  std::vector<ViewerId> published(const WireFramePtr& frame);

  struct Answer {
    bool first = false;        ///< nobody had painted the frame before
    bool from_before = false;  ///< the viewer came after it
    WireFramePtr frame = {};   ///< the one that was answered; null for an answer that nobody waited for
    WireFramePtr next = {};    ///< what this viewer gets now; null: nothing waits
  };
  /// @param painted false: the browser could not show it
  Answer answered(ViewerId viewer, const std::string& source, std::int64_t number, bool painted);
  void left(ViewerId viewer);

  [[nodiscard]] std::int64_t published_count() const noexcept { return published_; }
  [[nodiscard]] std::int64_t shown_count() const noexcept { return shown_; }
  [[nodiscard]] std::int64_t dropped_count() const noexcept { return published_ - shown_ - waiting_; }
  [[nodiscard]] std::int64_t waiting_count() const noexcept { return waiting_; }
  [[nodiscard]] std::size_t viewers() const noexcept { return viewers_.size(); }

 private:
  struct Entry {
    WireFramePtr frame;
    int holders = 0;  // viewers that have it or wait for it
    bool shown = false;
  };
  using EntryPtr = std::shared_ptr<Entry>;
  struct Sent {
    EntryPtr entry;
    bool from_before = false;
  };
  struct Lane {  // of one source to one viewer
    std::deque<Sent> unanswered = {};
    EntryPtr waiting = {};
  };
  using Lanes = std::map<std::string, Lane>;
  struct Newest {
    EntryPtr entry;
    std::int64_t order = 0;
  };

  static constexpr std::size_t kUnanswered = 2;
  static constexpr std::size_t kMostSources = 64;  // names of sources come from outside

  void hold(const EntryPtr& entry);
  void release(const EntryPtr& entry);
  void remember(const EntryPtr& entry);

  std::map<ViewerId, Lanes> viewers_;
  std::map<std::string, Newest> newest_;
  std::int64_t published_ = 0;
  std::int64_t shown_ = 0;
  std::int64_t waiting_ = 0;
};

}  // namespace web

#endif  // WEB_FEED_LEDGER_H_
