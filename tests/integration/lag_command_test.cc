// `conveyor lag` on a real Kafka, beside Kafka's own tool.

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <map>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "conveyor/consumer.h"
#include "conveyor/v1/image.pb.h"
#include "support/broker.h"
#include "support/command.h"
#include "support/errors.h"
#include "support/kafka_cluster/kafka_installation.h"
#include "support/raw_kafka.h"
#include "support/waiting.h"
#include "unit/cli/child.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;

/// What both tools say of a partition: committed offset, end, lag, client and host.
using Facts = std::tuple<std::string, std::string, std::string, std::string, std::string>;
using Place = std::tuple<std::string, std::string, std::string>;  // group, topic, partition
using Lags = std::map<Place, Facts>;

/// What kafka-consumer-groups --describe --all-groups says: the class that its script runs.
Lags kafkas_own() {
  const auto kafka = KafkaInstallation::find();
  Child tool(kafka.command({"-Xshare:auto", "-XX:TieredStopAtLevel=1"},
                           {"org.apache.kafka.tools.consumer.group.ConsumerGroupCommand", "--bootstrap-server",
                            bootstrap_servers(), "--describe", "--all-groups"}));
  EXPECT_EQ(tool.wait(60s), 0) << tool.errors();
  Lags lags;
  for (const std::string& line : lines_of(tool.output())) {
    std::istringstream words(line);
    std::string group, topic, partition, committed, end, lag, member, host, client;
    words >> group >> topic >> partition >> committed >> end >> lag >> member >> host >> client;
    if (group.empty() || group == "GROUP" || client.empty()) continue;
    lags[{group, topic, partition}] = {committed, end, lag, client, host};
  }
  return lags;
}

std::string or_dash(const std::string& text) { return text.empty() || text == "null" ? "-" : text; }

Lags ours(const std::vector<std::string>& arguments = {}) {
  std::vector<std::string> all{"lag", "--json"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  const CommandResult result = run_command_with(all);
  EXPECT_EQ(result.code, 0) << result.errors;
  Lags lags;
  for (const JsonLine& line : json_lines(result.output)) {
    lags[{line.text("group"), line.text("topic"), line.text("partition")}] = {
        or_dash(line.text("committed")), line.text("end"), or_dash(line.text("lag")), or_dash(line.text("client_id")),
        or_dash(line.text("host"))};
  }
  return lags;
}

/// Messages without any field.
std::vector<RawRecord> records(int count, int partitions) {
  std::vector<RawRecord> all;
  for (int i = 0; i < count; ++i) all.push_back({.value = "", .partition = i % partitions});
  return all;
}

/// What the command says with --json of the only partition that it names.
JsonLine the_lag_of(const std::string& group) {
  const CommandResult result = run_command_with({"lag", "--json", "--group", group});
  EXPECT_EQ(result.code, 0) << result.errors;
  const auto lines = json_lines(result.output);
  EXPECT_EQ(lines.size(), 1U) << result.output;
  return lines.at(0);
}

// One topic is written by transactions, of which one is aborted and one is open.
TEST(LagCommand, SaysWhatKafkasOwnToolSaysOfThreeTopicsWithFourPartitionsEach) {
  constexpr int kPartitions = 4;
  const auto plain = new_channel<v1::Image>(kPartitions, {.codec = Codec::kRaw});
  const std::string topics[] = {std::string(plain.topic()), unique_name("other"), unique_name("transactional")};
  create_topic(topics[1], kPartitions);
  create_topic(topics[2], kPartitions);
  write_raw(topics[0], records(60'000, kPartitions));
  write_raw(topics[1], records(40'000, kPartitions));
  RawTransactions transactions;
  for (int i = 0; i < 10; ++i) {
    transactions.begin();
    transactions.write(topics[2], {.value = "in a transaction", .partition = i % kPartitions});
    i == 5 ? transactions.abort() : transactions.commit();
  }
  transactions.begin();
  transactions.write(topics[2], {.value = "open", .partition = 2});

  const std::string still = unique_name("still");
  for (int i = 0; i < kPartitions; ++i) {
    commit_offset(still, topics[1], i, 1'000 * i);
    commit_offset(still, topics[2], i, i);
  }
  commit_offset(unique_name("beyond"), topics[1], 0, 12'345);  // less than 0: the log was a longer one

  Config config = new_config();
  config.service = "kitchen";
  Consumer consumer(config, plain);
  int read = 0;
  for (auto message = consumer.begin(); read < 10'000 && message != consumer.end(); ++message) ++read;
  // The command is asked first and last, so that what both say between commits is the same.
  ASSERT_TRUE(eventually(
      [] {
        const Lags before = ours();
        const Lags told = kafkas_own();
        return !told.empty() && before == told && ours() == told;
      },
      60s))
      << testing::PrintToString(ours()) << "\nKafka: " << testing::PrintToString(kafkas_own());
  const Lags told = ours();
  EXPECT_EQ(std::get<2>(told.at({still, topics[1], "3"})), "7000");
  EXPECT_EQ(std::get<3>(told.at({config.group, topics[0], "0"})), "kitchen");
  EXPECT_EQ(std::get<4>(told.at({config.group, topics[0], "0"})), "/127.0.0.1");
  transactions.abort();
}

TEST(LagCommand, ChoosesGroupsAndTopics) {
  const std::string first = unique_name("first");
  const std::string second = unique_name("second");
  create_topic(first, 1);
  create_topic(second, 1);
  const std::string groups[] = {unique_name("a"), unique_name("b"), unique_name("c")};
  for (const std::string& group : groups) {
    commit_offset(group, first, 0, 0);
    commit_offset(group, second, 0, 0);
  }
  const Lags all = ours({"--group", groups[0], "--group", groups[1]});
  EXPECT_EQ(all.size(), 4U);
  EXPECT_TRUE(all.contains({groups[1], second, "0"}));
  const Lags one = ours({"--group", groups[2], "--topic", second});
  EXPECT_EQ(one.size(), 1U);
  EXPECT_TRUE(one.contains({groups[2], second, "0"}));
}

TEST(LagCommand, TellsTheAgeOfTheOldestRecordThatEachGroupHasNotCommitted) {
  const std::string topic = unique_name("topic");
  create_topic(topic, 1);
  const auto now = std::chrono::system_clock::now();
  write_raw(topic, {{.value = "a", .timestamp = now - 3h},
                    {.value = "b", .timestamp = now - 2h},
                    {.value = "c", .timestamp = now - 1h}});
  const std::string groups[] = {unique_name("a"), unique_name("b"), unique_name("c"), unique_name("d")};
  for (int i = 0; i < 4; ++i) commit_offset(groups[i], topic, 0, i);
  for (int i = 0; i < 3; ++i) EXPECT_NEAR(the_lag_of(groups[i]).number("lag_seconds"), (3 - i) * 3'600, 60) << i;
  EXPECT_EQ(the_lag_of(groups[3]).number("lag_seconds"), 0);
  // All groups at once stand at four places of one partition.
  const CommandResult together = run_command_with({"lag", "--json", "--topic", topic});
  std::map<std::string, double> ages;
  for (const JsonLine& line : json_lines(together.output)) ages[line.text("group")] = line.number("lag_seconds");
  for (int i = 0; i < 3; ++i) EXPECT_NEAR(ages.at(groups[i]), (3 - i) * 3'600, 60) << i;
}

TEST(LagCommand, MarksOfTransactionsHaveNoAgeAndOpenTransactionsHaveNoneYet) {
  const std::string topic = unique_name("topic");
  create_topic(topic, 1);
  RawTransactions transactions;
  transactions.begin();
  transactions.write(topic, {.value = "committed"});
  transactions.commit();
  const std::string group = unique_name("group");
  commit_offset(group, topic, 0, 1);  // behind the record, before the mark
  EXPECT_TRUE(eventually([&] { return the_lag_of(group).text("lag") == "1"; }));
  EXPECT_EQ(the_lag_of(group).number("lag_seconds"), 0);
  transactions.begin();
  transactions.write(topic, {.value = "open"});
  EXPECT_EQ(the_lag_of(group).text("lag"), "2");
  EXPECT_EQ(the_lag_of(group).text("lag_seconds"), "null") << "nobody may read it yet";
  transactions.abort();
  EXPECT_TRUE(eventually([&] { return the_lag_of(group).text("lag_seconds") == "0"; })) << "nobody ever reads it";
}

TEST(LagCommand, PrintsATableWithATotalForEachGroup) {
  const std::string topic = unique_name("topic");
  create_topic(topic, 2);
  write_raw(topic, records(20, 2));
  const std::string group = unique_name("group");
  commit_offset(group, topic, 0, 3);
  commit_offset(group, topic, 1, 9);
  const CommandResult result = run_command_with({"lag", "--group", group});
  EXPECT_EQ(result.code, 0) << result.errors;
  const auto lines = lines_of(result.output);
  ASSERT_EQ(lines.size(), 4U) << result.output;
  EXPECT_TRUE(contains(lines[0], "COMMITTED  END  LAG")) << lines[0];
  EXPECT_TRUE(contains(lines[1], "        0          3   10    7")) << lines[1];
  EXPECT_TRUE(contains(lines[3], "(total)")) << lines[3];
  EXPECT_TRUE(contains(lines[3], "    8  ")) << lines[3];
  EXPECT_FALSE(contains(result.output, "\x1b")) << "colours are for terminals";
}

TEST(LagCommand, WatchesWhatChangesUntilInterrupted) {
  const std::string topic = unique_name("topic");
  create_topic(topic, 1);
  const std::string group = unique_name("group");
  commit_offset(group, topic, 0, 0);
  Child watching(command_with({"lag", "--json", "--group", group, "--watch", "0.1"}));
  const JsonLine first(watching.read_line(20s).value_or(""));
  EXPECT_EQ(first.text("change"), "null") << "there is nothing to compare with";
  write_raw(topic, records(30, 1));
  // The command may look while they are written: the changes together are what counts.
  double changed = 0;
  for (const auto deadline = Clock::now() + 20s; changed < 30 && Clock::now() < deadline;) {
    changed += JsonLine(watching.read_line(20s).value_or("")).number("change");
  }
  EXPECT_EQ(changed, 30);
  watching.signal(SIGINT);
  EXPECT_EQ(watching.wait(10s), 0) << watching.errors();
  EXPECT_EQ(watching.errors(), "");
}

TEST(LagCommand, FailsForAGroupThatIsNotThereAndShowsTheOthers) {
  const std::string topic = unique_name("topic");
  create_topic(topic, 1);
  const std::string group = unique_name("group");
  commit_offset(group, topic, 0, 0);
  const CommandResult result = run_command_with({"lag", "--group", group + "x", "--group", group});
  EXPECT_EQ(result.code, 1);
  EXPECT_TRUE(contains(result.errors, "conveyor: there is no group " + group + "x, or this user may not see it"));
  EXPECT_TRUE(contains(result.errors, "did you mean " + group + "?"));
  EXPECT_TRUE(contains(result.output, topic));
}

}  // namespace
}  // namespace conveyor::tests
