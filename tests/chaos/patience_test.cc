// Time that passes: a handler that takes very long, dead letters that cannot be written for long.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "chaos/kafka_view.h"
#include "chaos/sender.h"
#include "chaos/service.h"
#include "chaos/stage.h"
#include "conveyor/v1/image.pb.h"
#include "support/broker.h"
#include "support/group_protocol.h"
#include "support/raw_kafka.h"
#include "support/waiting.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;

TEST(Patience, AHandlerThatSleepsThreeTimesTheLongestPollIntervalKeepsItsPartitions) {
  constexpr int kMessages = 400;
  const Stage stage(bootstrap_servers(), "sleeper");
  ServiceOptions options = stage.service();
  set_session_timeout(options.properties, "4000");
  options.properties["max.poll.interval.ms"] = "4000";  // at least session.timeout.ms
  OutputLog log(stage.bootstrap, stage.output, Stage::kPartitions);
  Service service("a", options, stage.log_of("a"));
  // All of one partition and the two threads are asleep at some time, with records waiting behind them.
  Sender sender(stage.config(), stage.input,
                {.messages = kMessages, .source = [](int id) { return id == 40 || id == 41 ? "sleep 12000" : ""; }});
  EXPECT_EQ(sender.finish(60s).delivered, static_cast<std::uint64_t>(kMessages));
  EXPECT_TRUE(log.wait_for(kMessages, 60s)) << service.log();
  EXPECT_EQ(service.partitions().size(), static_cast<std::size_t>(Stage::kPartitions));
  EXPECT_EQ(service.events("assigned").size(), static_cast<std::size_t>(Stage::kPartitions)) << service.log();
  EXPECT_EQ(service.events("revoked").size(), 0U) << service.log();
  EXPECT_EQ(service.stop(), 0) << service.log();
  EXPECT_EQ(service.events("lost").size(), 0U) << service.log();
  const Tally& tally = log.finish(60s);
  EXPECT_EQ(tally.missing(kMessages), 0);
  EXPECT_EQ(tally.duplicates(), 0);
  EXPECT_EQ(tally.out_of_order(), 0);
}

TEST(Patience, NothingIsCommittedPastADeadLetterThatCannotBeWrittenForHalfAMinute) {
  constexpr int kRecords = 400;
  constexpr int kPoisoned = 200;  // the first record of its partition's second half
  constexpr int kAffected = kPoisoned % Stage::kPartitions;
  Stage stage(bootstrap_servers(), "outage");
  // A compacted topic takes no record without a key, and the poisoned one has none.
  stage.admin.set_topic_configs(stage.dead_letters, {{"cleanup.policy", "compact"}});
  std::vector<RawRecord> records;
  for (int id = 0; id < kRecords; ++id) {
    v1::Image image;
    image.set_frame(id);
    if (id == kPoisoned) image.set_source("throw");
    records.push_back({.value = zlib_compress(image.SerializeAsString()), .partition = id % Stage::kPartitions});
  }
  write_raw(stage.input, records);

  ServiceOptions options = stage.service();
  set_session_timeout(options.properties, "10000");
  options.flags = {"--max-backoff", "1000"};
  OutputLog log(stage.bootstrap, stage.output, Stage::kPartitions);
  CommittedOffsets offsets(stage.bootstrap, stage.group, stage.input, Stage::kPartitions);
  Service service("a", options, stage.log_of("a"));
  constexpr std::int64_t kEach = kRecords / Stage::kPartitions;
  std::vector<std::int64_t> others_done(Stage::kPartitions, kEach);
  others_done[kAffected] = kPoisoned / Stage::kPartitions;
  EXPECT_TRUE(eventually([&] { return offsets.read() == others_done; }, 30s)) << service.log();
  EXPECT_TRUE(eventually([&] { return !service.events("dead_letter_failed").empty(); }, 30s)) << service.log();
  for (const auto end = Clock::now() + 30s; Clock::now() < end;) {
    ASSERT_EQ(offsets.read(), others_done) << service.log();
    std::this_thread::sleep_for(500ms);
  }
  EXPECT_EQ(records_in(stage.bootstrap, stage.dead_letters, Stage::kPartitions), 0);
  EXPECT_GE(service.events("dead_letter_failed").size(), 10U) << "it is not tried again";

  stage.admin.set_topic_configs(stage.dead_letters, {{"cleanup.policy", "delete"}});
  EXPECT_TRUE(log.wait_for(kRecords - 1, 30s)) << service.log();
  EXPECT_EQ(service.stop(), 0) << service.log();
  const Tally& tally = log.finish(60s);
  EXPECT_EQ(tally.missing(kRecords), 1);
  EXPECT_FALSE(tally.has(kPoisoned));
  EXPECT_EQ(tally.duplicates(), 0);
  EXPECT_EQ(tally.out_of_order(), 0);
  EXPECT_EQ(offsets.read(), std::vector<std::int64_t>(Stage::kPartitions, kEach));
  const auto letters = read_raw(stage.dead_letters, Stage::kPartitions, 1);
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_EQ(letters[0].value, records[kPoisoned].value);
  EXPECT_EQ(records_in(stage.bootstrap, stage.dead_letters, Stage::kPartitions), 1);
}

}  // namespace
}  // namespace conveyor::tests
