#include "web/feed_ledger.h"

#include <algorithm>
#include <utility>

namespace web {

void FeedLedger::hold(const EntryPtr& entry) {
  if (entry->holders++ == 0 && !entry->shown) ++waiting_;
}

void FeedLedger::release(const EntryPtr& entry) {
  if (--entry->holders == 0 && !entry->shown) --waiting_;
}

void FeedLedger::remember(const EntryPtr& entry) {
  newest_[entry->frame->source] = {entry, published_};
  if (newest_.size() <= kMostSources) return;
  newest_.erase(std::min_element(newest_.begin(), newest_.end(),
                                 [](const auto& a, const auto& b) { return a.second.order < b.second.order; }));
}

std::vector<WireFramePtr> FeedLedger::joined(ViewerId viewer) {
  Lanes& lanes = viewers_[viewer];
  std::vector<WireFramePtr> frames;
  for (const auto& [source, newest] : newest_) {
    hold(newest.entry);
    lanes[source].unanswered.push_back({newest.entry, true});
    frames.push_back(newest.entry->frame);
  }
  return frames;
}

std::vector<ViewerId> FeedLedger::published(const WireFramePtr& frame) {
  ++published_;
  const auto entry = std::make_shared<Entry>(Entry{frame});
  remember(entry);
  std::vector<ViewerId> now;
  for (auto& [viewer, lanes] : viewers_) {
    if (!lanes.contains(frame->source) && lanes.size() >= kMostSources) continue;
    Lane& lane = lanes[frame->source];
    hold(entry);
    if (lane.unanswered.size() < kUnanswered) {
      lane.unanswered.push_back({entry});
      now.push_back(viewer);
    } else if (const EntryPtr older = std::exchange(lane.waiting, entry)) {
      release(older);
    }
  }
  return now;
}

FeedLedger::Answer FeedLedger::answered(ViewerId viewer, const std::string& source, std::int64_t number, bool painted) {
  const auto lanes = viewers_.find(viewer);
  if (lanes == viewers_.end()) return {};
  const auto found = lanes->second.find(source);
  if (found == lanes->second.end()) return {};
  Lane& lane = found->second;
  const auto answered = std::find_if(lane.unanswered.begin(), lane.unanswered.end(),
                                     [&](const Sent& each) { return each.entry->frame->number == number; });
  if (answered == lane.unanswered.end()) return {};
  const EntryPtr entry = answered->entry;
  Answer answer{.from_before = answered->from_before, .frame = entry->frame};
  lane.unanswered.erase(answered);
  if (painted && !entry->shown) {
    answer.first = true;
    entry->shown = true;
    ++shown_;
    --waiting_;  // this viewer held it
  }
  release(entry);
  if (lane.waiting) {
    answer.next = lane.waiting->frame;
    lane.unanswered.push_back({std::exchange(lane.waiting, nullptr)});
  } else if (lane.unanswered.empty()) {
    lanes->second.erase(found);
  }
  return answer;
}

void FeedLedger::left(ViewerId viewer) {
  const auto lanes = viewers_.find(viewer);
  if (lanes == viewers_.end()) return;
  for (const auto& [source, lane] : lanes->second) {
    for (const Sent& each : lane.unanswered) release(each.entry);
    if (lane.waiting) release(lane.waiting);
  }
  viewers_.erase(lanes);
}

}  // namespace web
