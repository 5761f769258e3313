// Reading dead letters back and sending them to where they came from.

#include "conveyor/dead_letters.h"

#include <gtest/gtest.h>

#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "conveyor/v1/image.pb.h"
#include "conveyor/worker.h"
#include "support/broker.h"
#include "support/errors.h"
#include "support/raw_kafka.h"
#include "support/running_worker.h"
#include "support/waiting.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;
using v1::Image;

std::string frame_bytes(int frame) {
  Image image;
  image.set_frame(frame);
  return zlib_compress(image.SerializeAsString());
}

/// A topic and that of its dead letters, both new.
struct Topics {
  explicit Topics(int partitions, int dead_letter_partitions = 1) {
    create_topic(origin, partitions);
    create_topic(dead, dead_letter_partitions);
  }
  std::string origin = unique_name("topic");
  std::string dead = origin + "-dlt";
};

/// A dead letter as a worker writes it.
RawRecord letter_from(const std::string& topic, int partition, int offset, const std::string& value,
                      const std::string& stage = "handler") {
  return {.value = value,
          .key = "key-" + value,
          .headers = {{"own", value},
                      {"conveyor-dlt-topic", topic},
                      {"conveyor-dlt-partition", std::to_string(partition)},
                      {"conveyor-dlt-offset", std::to_string(offset)},
                      {"conveyor-dlt-stage", stage}}};
}

std::vector<std::string> values_read(const std::string& topic, const DeadLetterFilter& filter) {
  std::vector<std::string> values;
  read_dead_letters(new_config(), topic, filter,
                    [&](const DeadLetter& letter) { values.push_back(letter.value.value_or("(none)")); });
  return values;
}

using Values = std::vector<std::string>;

TEST(ReadDeadLetters, ShowsWhatAWorkerCouldNotHandle) {
  const Topics topics(2, 2);
  Config config = new_config();
  config.service = "labeller";
  const auto channel = Channel<Image>::named(topics.origin);
  const std::string garbage("\x00\xff not zlib", 11);
  write_raw(topics.origin, {{.value = frame_bytes(1), .partition = 1},
                            {.value = frame_bytes(2), .key = "camera-7", .headers = {{"a", "1"}}, .partition = 1},
                            {.value = garbage, .partition = 0},
                            {.key = "deleted", .partition = 0}});
  {
    Worker worker(config, {.tombstones = true, .retry = {.initial_backoff = 1ms}, .dead_letter = {.enabled = true}});
    worker.handle(channel, [](const Message<Image>& message) {
      if (message.value().frame() == 2) throw RetryableError("the model is gone");
    });
    RunningWorker running(worker);
    ASSERT_TRUE(eventually([&] { return worker.counters().dead_letters == 3; }));
  }
  std::vector<DeadLetter> letters;
  const auto before = std::chrono::system_clock::now() - 1h;
  const auto report =
      read_dead_letters(config, topics.dead, {}, [&](const DeadLetter& letter) { letters.push_back(letter); });
  EXPECT_EQ(report.matched, 3U);
  EXPECT_EQ(report.foreign, 0U);
  EXPECT_FALSE(report.stopped);
  ASSERT_EQ(letters.size(), 3U);

  EXPECT_EQ(letters[0].stage, DeadLetterStage::kDecode);  // partition by partition
  EXPECT_EQ(letters[0].value, garbage);
  EXPECT_EQ(letters[0].key, std::nullopt);
  EXPECT_EQ(letters[1].value, std::nullopt);
  EXPECT_EQ(letters[1].key, "deleted");

  const DeadLetter& letter = letters[2];
  EXPECT_EQ(letter.topic, topics.dead);
  EXPECT_EQ(letter.partition, 1);
  EXPECT_EQ(letter.offset, 0);
  EXPECT_GT(letter.timestamp, before);
  EXPECT_EQ(letter.origin.topic, topics.origin);
  EXPECT_EQ(letter.origin.partition, 1);
  EXPECT_EQ(letter.origin.offset, 1);
  EXPECT_GT(letter.origin.timestamp, before);
  EXPECT_EQ(letter.origin.group, config.group);
  EXPECT_EQ(letter.stage, DeadLetterStage::kHandler);
  EXPECT_TRUE(contains(letter.error, "the model is gone"));
  EXPECT_EQ(letter.attempts, 5);
  EXPECT_EQ(letter.service, "labeller");
  EXPECT_EQ(letter.key, "camera-7");
  EXPECT_EQ(letter.value, frame_bytes(2));
  ASSERT_GE(letter.headers.size(), 1U);
  EXPECT_EQ(letter.headers[0].value, "1");
  EXPECT_EQ(committed_offset(config.group, topics.dead, 0), -1);
}

TEST(ReadDeadLetters, FilterByOriginStagePlaceAndNumber) {
  const Topics topics(1, 2);
  std::vector<RawRecord> records{letter_from("orders", 0, 1, "a", "decode"), letter_from("orders", 0, 2, "b"),
                                 letter_from("invoices", 0, 1, "c", "crash"), letter_from("invoices", 0, 2, "d"),
                                 letter_from("scans", 0, 3, "e")};
  records.back().partition = 1;
  write_raw(topics.dead, records);
  using enum DeadLetterStage;
  EXPECT_EQ(values_read(topics.dead, {}), (Values{"a", "b", "c", "d", "e"}));
  EXPECT_EQ(values_read(topics.dead, {.topics = {"orders"}}), (Values{"a", "b"}));
  EXPECT_EQ(values_read(topics.dead, {.topics = {"scans", "invoices"}}), (Values{"c", "d", "e"}));
  EXPECT_EQ(values_read(topics.dead, {.stages = {kDecode, kCrash}}), (Values{"a", "c"}));
  EXPECT_EQ(values_read(topics.dead, {.topics = {"invoices"}, .stages = {kHandler}}), (Values{"d"}));
  EXPECT_EQ(values_read(topics.dead, {.partition = 1}), (Values{"e"}));
  EXPECT_EQ(values_read(topics.dead, {.partition = 0, .first_offset = 1, .last_offset = 2}), (Values{"b", "c"}));
  EXPECT_EQ(values_read(topics.dead, {.first_offset = 9}), Values{});
  EXPECT_EQ(values_read(topics.dead, {.stages = {kHandler}, .limit = 2}), (Values{"b", "d"}));
  EXPECT_EQ(values_read(topics.dead, {.limit = 0}), Values{});
}

TEST(ReadDeadLetters, FilterByWhenTheyWereWritten) {
  const Topics topics(1);
  write_raw(topics.dead, {letter_from("orders", 0, 1, "old")});
  const auto written = std::chrono::system_clock::now();
  ASSERT_TRUE(eventually([&] { return std::chrono::system_clock::now() > written + 5ms; }));
  write_raw(topics.dead, {letter_from("orders", 0, 2, "new")});
  EXPECT_EQ(values_read(topics.dead, {.since = written + 2ms}), (Values{"new"}));
  EXPECT_EQ(values_read(topics.dead, {.until = written + 2ms}), (Values{"old"}));
  EXPECT_EQ(values_read(topics.dead, {.since = written - 1h, .until = written + 1h}), (Values{"old", "new"}));
}

TEST(ReadDeadLetters, NamesRecordsThatNoWorkerWrote) {
  const Topics topics(1);
  RawRecord broken = letter_from("orders", 0, 1, "broken");
  broken.headers[2].value = "first";
  write_raw(topics.dead, {{.value = "mine"}, letter_from("orders", 0, 1, "a"), broken});
  int called = 0;
  const auto report = read_dead_letters(new_config(), topics.dead, {}, [&](const DeadLetter&) { ++called; });
  EXPECT_EQ(called, 1);
  EXPECT_EQ(report.matched, 1U);
  EXPECT_EQ(report.foreign, 2U);
  ASSERT_EQ(report.problems.size(), 2U);
  EXPECT_EQ(report.problems[0].offset, 0);
  EXPECT_TRUE(contains(report.problems[0].text, "conveyor-dlt-topic"));
  EXPECT_EQ(report.problems[1].offset, 2);
  EXPECT_TRUE(contains(report.problems[1].text, "conveyor-dlt-partition"));
}

TEST(ReadDeadLetters, OfATopicThatDoesNotExistIsAnErrorAndDoesNotCreateIt) {
  const std::string topic = unique_name("missing-dlt");
  for (int i = 0; i < 2; ++i) {
    const auto thrown = thrown_by([&] { read_dead_letters(new_config(), topic, {}, [](const DeadLetter&) {}); });
    EXPECT_EQ(thrown.code, errc::unknown_topic);
    EXPECT_TRUE(contains(thrown.text, topic));
  }
  const auto thrown = thrown_by([&] { replay_dead_letters(new_config(), topic); });
  EXPECT_EQ(thrown.code, errc::unknown_topic);
}

TEST(ReadDeadLetters, OfAPartitionThatDoesNotExistIsAnError) {
  const Topics topics(1);
  const auto thrown = thrown_by([&] { values_read(topics.dead, {.partition = 1}); });
  EXPECT_EQ(thrown.code, errc::unknown_partition);
}

TEST(ReadDeadLetters, WithoutABrokerIsAnErrorInTime) {
  const Config config{.bootstrap_servers = "127.0.0.1:1"};
  Thrown thrown;
  const auto took = time_of([&] {
    thrown = thrown_by(
        [&] { read_dead_letters(config, "orders-dlt", {}, [](const DeadLetter&) {}, {.broker_timeout = 300ms}); });
  });
  EXPECT_EQ(thrown.code, errc::broker_unreachable);
  EXPECT_TRUE(contains(thrown.text, "127.0.0.1:1"));
  EXPECT_LT(took, 10s);
}

TEST(ReadDeadLetters, StopsWhenAsked) {
  const Topics topics(1);
  write_raw(topics.dead, {letter_from("orders", 0, 1, "a"), letter_from("orders", 0, 2, "b")});
  std::stop_source stop;
  int called = 0;
  const auto report = read_dead_letters(new_config(), topics.dead, {},
                                        [&](const DeadLetter&) {
                                          ++called;
                                          stop.request_stop();
                                        },
                                        {.stop = stop.get_token()});
  EXPECT_TRUE(report.stopped);
  EXPECT_EQ(called, 1);
}

TEST(ReadDeadLetters, PassesOnWhatTheCallbackThrows) {
  const Topics topics(1);
  write_raw(topics.dead, {letter_from("orders", 0, 1, "a")});
  EXPECT_THROW(read_dead_letters(new_config(), topics.dead, {},
                                 [](const DeadLetter&) { throw std::runtime_error("the disk is full"); }),
               std::runtime_error);
}

TEST(ReplayDeadLetters, EveryRecordIsHandledOnceByAFixedHandler) {
  constexpr int kRecords = 1'000;
  constexpr int kPartitions = 3;
  const Topics topics(kPartitions, 2);  // fewer: letters of the third partition lie in another
  const auto channel = Channel<Image>::named(topics.origin);
  const Config config = new_config();
  std::vector<RawRecord> records;
  std::map<int, int> partition_of;
  for (int i = 0; i < kRecords; ++i) {
    partition_of[i] = i % kPartitions;
    records.push_back({.value = frame_bytes(i),
                       .key = "key-" + std::to_string(i % 7),
                       .headers = {{"frame", std::to_string(i)}},
                       .partition = i % kPartitions});
  }
  write_raw(topics.origin, records);

  std::mutex mutex;
  std::multiset<std::int64_t> handled;
  std::vector<Record> again;
  const auto run_until = [&](bool broken, std::uint64_t count) {
    Worker worker(config, {.threads = 2, .dead_letter = {.enabled = true}});
    worker.handle(channel, [&](const Message<Image>& message) {
      const auto frame = message.value().frame();
      if (broken && frame % 10 == 3) throw std::runtime_error("a bug");
      const std::lock_guard lock(mutex);
      handled.insert(frame);
      if (!broken) again.push_back(message.record());
    });
    RunningWorker running(worker);
    EXPECT_TRUE(eventually([&] { return worker.counters().handled == count; }, 60s));
    EXPECT_EQ(running.stop().dead_lettered, broken ? count / 10 : 0U);
  };
  run_until(true, kRecords);
  ASSERT_EQ(handled.size(), kRecords - 100U);

  std::uint64_t seen = 0;
  const auto report = replay_dead_letters(config, topics.dead, {}, {.each = [&](const DeadLetter&) { ++seen; }});
  EXPECT_EQ(report.matched, 100U);
  EXPECT_EQ(report.sent, 100U);
  EXPECT_EQ(report.failed, 0U);
  EXPECT_EQ(seen, 100U);
  run_until(false, 100);

  ASSERT_EQ(handled.size(), static_cast<std::size_t>(kRecords));
  for (int i = 0; i < kRecords; ++i) EXPECT_EQ(handled.count(i), 1U) << "frame " << i;
  for (const Record& record : again) {
    const int frame = std::stoi(header(record.headers, "frame").value_or("-1"));
    EXPECT_EQ(record.partition, partition_of[frame]);
    EXPECT_EQ(record.key, "key-" + std::to_string(frame % 7));
    EXPECT_TRUE(contains(header(record.headers, "conveyor-replayed-from").value_or(""), topics.dead + "/"));
    for (const Header& one : record.headers) EXPECT_FALSE(one.name.starts_with("conveyor-dlt-")) << one.name;
  }
}

TEST(ReplayDeadLetters, KeepsRecordsAsTheyWereAndInTheirOrder) {
  const Topics topics(2);
  std::vector<RawRecord> letters;
  for (int i = 0; i < 200; ++i) letters.push_back(letter_from(topics.origin, 1, i, std::to_string(i)));
  letters.push_back(letter_from(topics.origin, 1, 200, "gone"));
  letters.back().value.reset();
  letters.push_back(letter_from(topics.origin, 1, 201, ""));
  letters.back().key.reset();
  write_raw(topics.dead, letters);
  EXPECT_EQ(replay_dead_letters(new_config(), topics.dead).sent, letters.size());
  const auto records = read_raw(topics.origin, 2, letters.size());
  ASSERT_EQ(records.size(), letters.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    EXPECT_EQ(records[i].partition, 1);
    EXPECT_EQ(records[i].value, letters[i].value);
    EXPECT_EQ(records[i].key, letters[i].key);
    ASSERT_EQ(records[i].headers.size(), 2U);
    EXPECT_EQ(records[i].headers[0].value, letters[i].headers[0].value);
    EXPECT_EQ(records[i].headers[1].name, "conveyor-replayed-from");
    EXPECT_EQ(records[i].headers[1].value, topics.dead + "/0/" + std::to_string(i));
  }
}

TEST(ReplayDeadLetters, ADryRunSendsNothing) {
  const Topics topics(1);
  write_raw(topics.dead, {letter_from(topics.origin, 0, 1, "a"), letter_from("nowhere", 0, 1, "b")});
  Values seen;
  const Config config = new_config();
  const auto report = replay_dead_letters(
      config, topics.dead, {}, {.dry_run = true, .group = config.group, .each = [&](const DeadLetter& letter) {
                                  seen.push_back(letter.value.value_or(""));
                                }});
  EXPECT_EQ(report.matched, 2U);
  EXPECT_EQ(report.sent, 0U);
  EXPECT_EQ(report.failed, 1U);  // its topic is missing
  EXPECT_EQ(seen, (Values{"a", "b"}));
  EXPECT_EQ(committed_offset(config.group, topics.dead, 0), -1);
  write_raw(topics.origin, {{.value = "the first"}});
  const auto records = read_raw(topics.origin, 1, 1);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].value, "the first");
}

TEST(ReplayDeadLetters, SendsOnlyWhatTheFilterWants) {
  const Topics topics(1);
  write_raw(topics.dead, {letter_from(topics.origin, 0, 1, "a", "decode"), letter_from(topics.origin, 0, 2, "b"),
                          letter_from(topics.origin, 0, 3, "c"), letter_from(topics.origin, 0, 4, "d")});
  const auto report = replay_dead_letters(new_config(), topics.dead,
                                          {.stages = {DeadLetterStage::kHandler}, .first_offset = 2, .limit = 1});
  EXPECT_EQ(report.matched, 1U);
  EXPECT_EQ(report.sent, 1U);
  write_raw(topics.origin, {{.value = "the last"}});
  const auto records = read_raw(topics.origin, 1, 2);
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].value, "c");
  EXPECT_EQ(records[1].value, "the last");
}

TEST(ReplayDeadLetters, OneThatCannotBeSentIsNamedAndTheOthersGoOn) {
  const Topics topics(1);
  const std::string missing = unique_name("missing");
  write_raw(topics.dead, {letter_from(missing, 0, 1, "a"),
                          {.value = "foreign"},
                          letter_from(topics.origin, 0, 2, "b"),
                          letter_from(missing, 0, 2, "c")});
  const auto report = replay_dead_letters(new_config(), topics.dead);
  EXPECT_EQ(report.matched, 3U);
  EXPECT_EQ(report.sent, 1U);
  EXPECT_EQ(report.failed, 2U);
  EXPECT_EQ(report.foreign, 1U);
  ASSERT_EQ(report.problems.size(), 3U);
  EXPECT_EQ(report.problems[0].offset, 0);
  EXPECT_TRUE(contains(report.problems[0].text, missing));
  EXPECT_EQ(report.problems[1].offset, 3);
  EXPECT_EQ(report.problems[2].offset, 1);
  EXPECT_EQ(read_raw(topics.origin, 1, 1).at(0).value, "b");
}

TEST(ReplayDeadLetters, GoByTheirKeyWhereTheirPartitionIsGone) {
  const Topics topics(2);
  write_raw(topics.dead, {letter_from(topics.origin, 5, 1, "a")});
  EXPECT_EQ(replay_dead_letters(new_config(), topics.dead).sent, 1U);
  const auto records = read_raw(topics.origin, 2, 1);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].key, "key-a");
}

TEST(ReplayDeadLetters, AreSentAgainByEachRunWithoutAGroup) {
  const Topics topics(1);
  write_raw(topics.dead, {letter_from(topics.origin, 0, 1, "a")});
  EXPECT_EQ(replay_dead_letters(new_config(), topics.dead).sent, 1U);
  EXPECT_EQ(replay_dead_letters(new_config(), topics.dead).sent, 1U);
  EXPECT_EQ(read_raw(topics.origin, 1, 2).size(), 2U);
}

TEST(ReplayDeadLetters, AGroupRemembersWhatWasSent) {
  const Topics topics(1, 2);
  const ReplayOptions options{.group = unique_name("replay")};
  const auto replay = [&](const DeadLetterFilter& filter = {}) {
    return replay_dead_letters(new_config(), topics.dead, filter, options).sent;
  };
  write_raw(topics.dead, {letter_from(topics.origin, 0, 1, "a"),
                          {.value = "foreign"},
                          letter_from(topics.origin, 0, 2, "b"),
                          letter_from(topics.origin, 0, 3, "c")});
  EXPECT_EQ(replay({.limit = 2}), 2U);
  EXPECT_EQ(replay(), 1U);
  EXPECT_EQ(replay(), 0U);
  RawRecord other = letter_from(topics.origin, 0, 4, "d");
  other.partition = 1;
  write_raw(topics.dead, {letter_from(topics.origin, 0, 5, "e"), other});
  EXPECT_EQ(replay(), 2U);
  EXPECT_EQ(replay(), 0U);
  std::multiset<std::string> values;
  for (const auto& record : read_raw(topics.origin, 1, 5)) values.insert(record.value.value_or(""));
  EXPECT_EQ(values, (std::multiset<std::string>{"a", "b", "c", "d", "e"}));
}

TEST(ReplayDeadLetters, AGroupDoesNotPassOneThatFailed) {
  const Topics topics(1);
  const std::string missing = unique_name("missing");
  const ReplayOptions options{.group = unique_name("replay")};
  write_raw(topics.dead, {letter_from(topics.origin, 0, 1, "a"), letter_from(missing, 0, 1, "b")});
  EXPECT_EQ(replay_dead_letters(new_config(), topics.dead, {}, options).failed, 1U);
  create_topic(missing, 1);
  const auto report = replay_dead_letters(new_config(), topics.dead, {}, options);
  EXPECT_EQ(report.sent, 1U);
  EXPECT_EQ(report.failed, 0U);
  EXPECT_EQ(read_raw(missing, 1, 1).at(0).value, "b");
}

TEST(ReplayDeadLetters, AGroupTogetherWithAFilterIsRefused) {
  const auto thrown = thrown_by(
      [] { replay_dead_letters(new_config(), "any-dlt", {.stages = {DeadLetterStage::kDecode}}, {.group = "g"}); });
  EXPECT_EQ(thrown.code, errc::invalid_config);
  EXPECT_TRUE(contains(thrown.text, "ReplayOptions::group"));
}

TEST(ReplayDeadLetters, StopsWhenAskedAndSaysHowFarItCame) {
  const Topics topics(1);
  write_raw(topics.dead, {letter_from(topics.origin, 0, 1, "a"), letter_from(topics.origin, 0, 2, "b")});
  std::stop_source stop;
  const ReplayOptions options{.group = unique_name("replay"), .stop = stop.get_token(), .each = [&](const DeadLetter&) {
                                stop.request_stop();
                              }};
  const auto report = replay_dead_letters(new_config(), topics.dead, {}, options);
  EXPECT_TRUE(report.stopped);
  EXPECT_EQ(report.matched, 1U);
  const auto rest = replay_dead_letters(new_config(), topics.dead, {}, {.group = options.group});
  EXPECT_EQ(report.sent + rest.sent, 2U);
}

}  // namespace
}  // namespace conveyor::tests
