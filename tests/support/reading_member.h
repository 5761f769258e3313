#ifndef CONVEYOR_TESTS_SUPPORT_READING_MEMBER_H_
#define CONVEYOR_TESTS_SUPPORT_READING_MEMBER_H_

#include <chrono>
#include <cstddef>
#include <mutex>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "consume/group_member.h"

namespace conveyor::tests {

/// A member of a group that finishes at once what it reads, and keeps the values.
class ReadingMember : public worker::Receiver {
 public:
  ReadingMember(const Config& config, worker::MemberOptions options)
      : group_member(config, std::move(options), *this),
        thread_([this](const std::stop_token& stop) { group_member.run(stop, std::chrono::seconds(5)); }) {}

  /// Lets it end; the destructor waits for that.
  void stop() { thread_.request_stop(); }

  void receive(std::span<worker::Incoming> incoming) override {
    for (auto& one : incoming) {
      {
        const std::lock_guard lock(mutex_);
        values_.emplace_back(one.record.value());
        different_.insert(values_.back());
      }
      group_member.finish(worker::receipt_for(std::move(one)));
    }
  }
  std::size_t drop(const worker::Partition&) override { return 0; }
  void release(std::span<const worker::PartitionPtr> partitions, std::chrono::milliseconds within) override {
    const std::lock_guard lock(mutex_);
    releases_.push_back({partitions.size(), within});
  }

  /// In the order in which they came.
  [[nodiscard]] std::vector<std::string> values() const {
    const std::lock_guard lock(mutex_);
    return values_;
  }
  struct Release {
    std::size_t partitions = 0;
    std::chrono::milliseconds within{};
  };
  [[nodiscard]] std::vector<Release> releases() const {
    const std::lock_guard lock(mutex_);
    return releases_;
  }
  [[nodiscard]] std::size_t different() const {
    const std::lock_guard lock(mutex_);
    return different_.size();
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> values_;
  std::set<std::string, std::less<>> different_;
  std::vector<Release> releases_;

 public:
  worker::GroupMember group_member;

 private:
  std::jthread thread_;
};

}  // namespace conveyor::tests

#endif  // CONVEYOR_TESTS_SUPPORT_READING_MEMBER_H_
