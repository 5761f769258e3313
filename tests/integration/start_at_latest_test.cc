// StartAt::kLatest: a group keeps the place of its first assignment, though no record has come yet.

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "conveyor/consumer.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/worker.h"
#include "support/broker.h"
#include "support/raw_kafka.h"
#include "support/running_worker.h"
#include "support/waiting.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;
using v1::Image;

/// Frames `first` to `end` - 1, in turn to the partitions.
void write_frames(const Channel<Image>& channel, int partitions, int first, int end) {
  std::vector<RawRecord> records;
  for (int i = first; i < end; ++i) {
    Image image;
    image.set_frame(i);
    records.push_back({.value = image.SerializeAsString(), .partition = i % partitions});
  }
  write_raw(channel.topic(), records);
}

/// The frames that all members of a group have handled.
class Handled {
 public:
  void add(const Message<Image>& message) {
    const std::lock_guard lock(mutex_);
    frames_.insert(message.value().frame());
  }
  [[nodiscard]] std::set<std::int64_t> frames() const {
    const std::lock_guard lock(mutex_);
    return frames_;
  }

 private:
  mutable std::mutex mutex_;
  std::set<std::int64_t> frames_;
};

std::set<std::int64_t> from_to(std::int64_t first, std::int64_t end) {
  std::set<std::int64_t> frames;
  for (std::int64_t i = first; i < end; ++i) frames.insert(i);
  return frames;
}

class Member {
 public:
  Member(const Config& config, const Channel<Image>& channel, Handled& handled)
      : worker_(config, {.start_at = StartAt::kLatest, .dead_letter = {.enabled = false}}) {
    worker_.handle(channel, [&handled](const Message<Image>& message) { handled.add(message); });
    running_.emplace(worker_);
  }
  [[nodiscard]] std::size_t partitions() const { return worker_.counters().partitions; }
  [[nodiscard]] bool has(std::size_t partitions) const {
    return eventually([&] { return worker_.counters().partitions == partitions; }, 30s);
  }
  void stop() { running_->stop(); }

 private:
  Worker worker_;
  std::optional<RunningWorker> running_;
};

class StartAtLatest : public ::testing::Test {
 protected:
  StartAtLatest() : config_(new_config()) {}
  Config config_;
  Handled handled_;
};

TEST_F(StartAtLatest, CommitsItsPlaceAtOnce) {
  const auto channel = new_channel<Image>(2, {.codec = Codec::kRaw});
  write_frames(channel, 2, 0, 10);
  const Member member(config_, channel, handled_);
  ASSERT_TRUE(member.has(2));
  for (int i = 0; i < 2; ++i) {
    const CommittedOffset committed(config_.group, channel.topic(), i);
    EXPECT_TRUE(eventually([&] { return committed.read() == 5; })) << committed.read();
  }
  EXPECT_EQ(handled_.frames(), from_to(0, 0)) << "what was there before";
}

TEST_F(StartAtLatest, AWorkerThatIsStartedAgainBeforeItsFirstRecordMissesNothing) {
  const auto channel = new_channel<Image>(2, {.codec = Codec::kRaw});
  write_frames(channel, 2, 0, 10);
  for (int life = 0; life < 3; ++life) {
    Member member(config_, channel, handled_);
    ASSERT_TRUE(member.has(2));
    member.stop();
  }
  write_frames(channel, 2, 10, 15);
  Member member(config_, channel, handled_);
  EXPECT_TRUE(eventually([&] { return handled_.frames() == from_to(10, 15); }, 30s)) << handled_.frames().size();
}

TEST_F(StartAtLatest, NorDoesAConsumer) {
  const auto channel = new_channel<Image>(2, {.codec = Codec::kRaw});
  write_frames(channel, 2, 0, 10);
  {
    Consumer<Image> consumer(config_, channel, {.start_at = StartAt::kLatest});
    ASSERT_TRUE(eventually([&] { return consumer.counters().partitions == 2; }, 30s));
    consumer.close();
  }
  write_frames(channel, 2, 10, 15);
  Consumer<Image> consumer(config_, channel, {.start_at = StartAt::kLatest});
  std::set<std::int64_t> frames;
  while (frames.size() < 5) {
    const auto* message = consumer.next(20s);
    ASSERT_NE(message, nullptr) << frames.size();
    frames.insert(message->value().frame());
  }
  EXPECT_EQ(frames, from_to(10, 15));
}

TEST_F(StartAtLatest, WhatIsWrittenWhileAPartitionChangesHandsIsHandled) {
  // When a member says that it gave a partition back, a record is written to it, before anybody has it again.
  struct Writer final : Observer {
    explicit Writer(Channel<Image> to) : channel(to) {}
    void on_event(const Event& event) override {
      if (event.kind != Event::Kind::kRevoked || !writing) return;
      const std::lock_guard lock(mutex);
      if (!written.insert(event.partition).second) return;
      Image image;
      image.set_frame(100 + event.partition);
      write_raw(channel.topic(), {{.value = image.SerializeAsString(), .partition = event.partition}});
    }
    std::set<std::int64_t> frames() {
      const std::lock_guard lock(mutex);
      std::set<std::int64_t> found;
      for (const std::int32_t partition : written) found.insert(100 + partition);
      return found;
    }
    const Channel<Image> channel;
    std::atomic<bool> writing{true};
    std::mutex mutex;
    std::set<std::int32_t> written;
  };
  const auto channel = new_channel<Image>(2, {.codec = Codec::kRaw});
  const auto writer = std::make_shared<Writer>(channel);
  Config first_config = config_;
  first_config.observer = writer;
  Member first(first_config, channel, handled_);
  ASSERT_TRUE(first.has(2));
  Member second(config_, channel, handled_);
  ASSERT_TRUE(second.has(1));
  // Of what one member keeps, nothing is written.
  EXPECT_TRUE(eventually([&] { return handled_.frames() == writer->frames(); }, 30s))
      << handled_.frames().size() << " of " << writer->frames().size();
  EXPECT_FALSE(writer->frames().empty());
  writer->writing = false;
}

TEST_F(StartAtLatest, MembersThatStartTogetherReadNothingOld) {
  const auto channel = new_channel<Image>(6, {.codec = Codec::kRaw});
  write_frames(channel, 6, 0, 60);
  Member first(config_, channel, handled_);
  Member second(config_, channel, handled_);
  Member third(config_, channel, handled_);
  ASSERT_TRUE(eventually([&] { return first.partitions() + second.partitions() + third.partitions() == 6; }, 40s));
  for (int i = 0; i < 6; ++i) {
    const CommittedOffset committed(config_.group, channel.topic(), i);
    ASSERT_TRUE(eventually([&] { return committed.read() == 10; })) << i << ": " << committed.read();
  }
  write_frames(channel, 6, 60, 120);
  EXPECT_TRUE(eventually([&] { return handled_.frames() == from_to(60, 120); }, 30s)) << handled_.frames().size();
}

}  // namespace
}  // namespace conveyor::tests
