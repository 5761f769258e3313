// Records that no handler can ever do, among many that it can.

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "chaos/kafka_view.h"
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

constexpr int kMaxMessageBytes = 1'000'000;

std::string frame(int id, const std::string& source = {}, std::size_t bytes = 50) {
  v1::Image image;
  image.set_frame(id);
  image.set_source(source);
  image.set_image_data(std::string(bytes, 'x'));
  return zlib_compress(image.SerializeAsString(), 1);
}

// None: an honest one.
std::string poison(int id) {
  if (id % 100 != 42) return {};
  switch (id / 100 % 3) {
    case 0:
      return "undecodable " + std::to_string(id);
    case 1:
      return frame(id, "throw");
    default:
      return frame(id, {}, 2 * kMaxMessageBytes);  // 2 KB as it travels
  }
}

TEST(Poison, InEqualsOutPlusDeadLettersByteForByteAndTheRestIsInOrder) {
  constexpr int kRecords = 50'000;
  const Stage stage(bootstrap_servers(), "poison");
  std::vector<RawRecord> records;
  std::map<std::pair<int, std::int64_t>, RawRecord> poisoned;  // by partition and offset
  for (int id = 0; id < kRecords; ++id) {
    const int partition = id % Stage::kPartitions;
    const std::string bad = poison(id);
    RawRecord record{.value = bad.empty() ? frame(id) : bad,
                     .key = "key-" + std::to_string(partition),
                     .partition = partition,
                     .offset = id / Stage::kPartitions};
    if (!bad.empty()) poisoned[{partition, record.offset}] = record;
    records.push_back(std::move(record));
  }
  write_raw(stage.input, records);

  ServiceOptions options = stage.service();
  set_session_timeout(options.properties, "10000");
  options.flags = {"--max-message-bytes", std::to_string(kMaxMessageBytes)};
  OutputLog log(stage.bootstrap, stage.output, Stage::kPartitions);
  Service service("a", options, stage.log_of("a"));
  const int honest = kRecords - static_cast<int>(poisoned.size());
  EXPECT_TRUE(log.wait_for(honest, 120s)) << service.log();
  const auto letters = read_raw(stage.dead_letters, Stage::kPartitions, poisoned.size(), 60s);
  EXPECT_EQ(service.stop(), 0) << service.log();
  const Tally& tally = log.finish(60s);

  EXPECT_EQ(tally.different(), honest);
  EXPECT_EQ(tally.duplicates(), 0);
  EXPECT_EQ(tally.out_of_order(), 0);
  EXPECT_EQ(letters.size(), poisoned.size());
  EXPECT_EQ(records_in(stage.bootstrap, stage.dead_letters, Stage::kPartitions),
            static_cast<std::int64_t>(poisoned.size()));
  std::map<std::string, int> stages;
  for (const RawRecord& letter : letters) {
    const auto offset = std::stoll(header(letter.headers, "conveyor-dlt-offset").value_or("-1"));
    const auto found = poisoned.find({letter.partition, offset});
    ASSERT_NE(found, poisoned.end()) << "an honest record, offset " << offset;
    EXPECT_EQ(letter.value, found->second.value);
    EXPECT_EQ(letter.key, found->second.key);
    ++stages[header(letter.headers, "conveyor-dlt-stage").value_or("?")];
    poisoned.erase(found);
  }
  EXPECT_EQ(poisoned.size(), 0U) << "these have no dead letter";
  std::printf("%d answers, %zu dead letters: %d decode, %d handler\n", tally.different(), letters.size(),
              stages["decode"], stages["handler"]);
  EXPECT_EQ(CommittedOffsets(stage.bootstrap, stage.group, stage.input, Stage::kPartitions).read(),
            std::vector<std::int64_t>(Stage::kPartitions, kRecords / Stage::kPartitions));
}

// With one record that kills its process: the supervisor starts it again until it is in the dead letters.
TEST(Poison, ARecordThatKillsItsWorkerIsADeadLetterAfterSomeRestarts) {
  constexpr int kRecords = 1'000;
  constexpr int kAttempts = 3;
  const Stage stage(bootstrap_servers(), "killer");
  std::vector<RawRecord> records;
  for (int id = 0; id < kRecords; ++id) {
    records.push_back({.value = frame(id, id == kRecords / 2 ? "abort" : ""),
                       .key = "key-" + std::to_string(id % Stage::kPartitions),
                       .partition = id % Stage::kPartitions});
  }
  write_raw(stage.input, records);

  ServiceOptions options = stage.service();
  options.max_in_flight = 32;  // so many of a partition, at most, are handled one at a time after an unclean end
  options.flags = {"--crash-attempts", std::to_string(kAttempts), "--crash-probation", "1000"};
  OutputLog log(stage.bootstrap, stage.output, Stage::kPartitions);
  Service service("a", options, stage.log_of("a"));
  int deaths = 0;
  std::optional<Clock::time_point> first_death;
  EXPECT_TRUE(eventually(
      [&] {
        if (!service.running() && deaths < kAttempts) {
          ++deaths;
          if (!first_death) first_death = Clock::now();
          service.start();
        }
        return log.different() == kRecords - 1;
      },
      120s))
      << service.log();
  ASSERT_TRUE(first_death);
  EXPECT_GE(Clock::now() - *first_death, 3s) << "a second of probation for the first named death, two for the second";
  EXPECT_EQ(service.stop(), 0) << service.log();
  EXPECT_EQ(deaths, kAttempts);
  const Tally& tally = log.finish(60s);
  EXPECT_EQ(tally.missing(kRecords), 1);
  EXPECT_FALSE(tally.has(kRecords / 2));
  const auto letters = read_raw(stage.dead_letters, Stage::kPartitions, 1);
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_EQ(letters[0].value, records[kRecords / 2].value);
  EXPECT_EQ(header(letters[0].headers, "conveyor-dlt-stage"), "crash");
  EXPECT_EQ(records_in(stage.bootstrap, stage.dead_letters, Stage::kPartitions), 1);
}

// It always has a record in hand when it dies, and always the same one when it begins.
TEST(Poison, AServiceThatDiesByItselfAgainAndAgainCondemnsNoRecord) {
  constexpr int kRecords = 40;
  const Stage stage(bootstrap_servers(), "crash-loop");
  std::vector<RawRecord> records;
  for (int id = 0; id < kRecords; ++id) {
    records.push_back({.value = frame(id, "sleep 1500"), .partition = id % Stage::kPartitions});
  }
  write_raw(stage.input, records);
  ServiceOptions options = stage.service();
  options.threads = Stage::kPartitions;
  // It comes back to its partitions at once, rather than wait for the session of the life before.
  options.properties["group.instance.id"] = "a";
  options.flags = {"--crash-probation", "2000"};
  ServiceOptions dying = options;
  dying.flags.insert(dying.flags.end(), {"--abort-after", "1000"});
  OutputLog log(stage.bootstrap, stage.output, Stage::kPartitions);
  Service crashing("a", dying, stage.log_of("a"));
  for (int life = 1; life <= 10; ++life) {
    ASSERT_TRUE(crashing.wait(60s)) << crashing.log();
    if (life < 10) crashing.start();
  }
  EXPECT_EQ(log.different(), 0) << "no life was long enough";
  Service service("b", options, stage.log_of("b"));
  EXPECT_TRUE(log.wait_for(kRecords, 120s)) << service.log();
  EXPECT_EQ(service.stop(), 0) << service.log();
  EXPECT_EQ(log.finish(60s).missing(kRecords), 0);
  EXPECT_EQ(records_in(stage.bootstrap, stage.dead_letters, Stage::kPartitions), 0) << crashing.log();
}

}  // namespace
}  // namespace conveyor::tests
