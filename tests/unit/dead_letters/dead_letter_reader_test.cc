#include "dead_letters/dead_letter_reader.h"

#include <gtest/gtest.h>

#include <string>

#include "dead_letters/dead_letter_writer.h"

namespace conveyor::detail {
namespace {

using namespace std::chrono_literals;
using Time = std::chrono::system_clock::time_point;

Record record_with(std::vector<Header> headers) {
  return {.topic = "orders-dlt",
          .partition = 1,
          .offset = 17,
          .timestamp = Time(1'000s),
          .key = "k",
          .headers = std::move(headers)};
}

std::vector<Header> origin(std::string topic = "orders", std::string partition = "3", std::string offset = "42") {
  return {{"conveyor-dlt-topic", std::move(topic)},
          {"conveyor-dlt-partition", std::move(partition)},
          {"conveyor-dlt-offset", std::move(offset)}};
}

TEST(DeadLetterOf, IsWhatAWorkerWrote) {
  const worker::DeadLetterInfo info{.topic = "orders",
                                    .partition = 3,
                                    .offset = 42,
                                    .timestamp_ms = 1'767'323'045'678,
                                    .group = "billing",
                                    .stage = DeadLetterStage::kDecode,
                                    .error = "not a whole zlib stream",
                                    .attempts = 2,
                                    .service = "biller"};
  const std::vector<Header> own{{"a", "1"}, {"a", std::string("\0\1", 2)}};
  const auto read = dead_letter_of(record_with(worker::dead_letter_headers(own, info, 4'096)), "value");
  ASSERT_TRUE(std::holds_alternative<DeadLetter>(read)) << std::get<Foreign>(read).why;
  const auto& letter = std::get<DeadLetter>(read);
  EXPECT_EQ(letter.topic, "orders-dlt");
  EXPECT_EQ(letter.partition, 1);
  EXPECT_EQ(letter.offset, 17);
  EXPECT_EQ(letter.timestamp, Time(1'000s));
  EXPECT_EQ(letter.origin.topic, "orders");
  EXPECT_EQ(letter.origin.partition, 3);
  EXPECT_EQ(letter.origin.offset, 42);
  EXPECT_EQ(letter.origin.timestamp, Time(1'767'323'045'678ms));
  EXPECT_EQ(letter.origin.group, "billing");
  EXPECT_EQ(letter.stage, DeadLetterStage::kDecode);
  EXPECT_EQ(letter.error, "not a whole zlib stream");
  EXPECT_EQ(letter.attempts, 2);
  EXPECT_EQ(letter.service, "biller");
  EXPECT_EQ(letter.key, "k");
  EXPECT_EQ(letter.value, "value");
  ASSERT_EQ(letter.headers.size(), 2U);
  EXPECT_EQ(letter.headers[1].value, std::string("\0\1", 2));
}

TEST(DeadLetterOf, KnowsEveryStageThatAWorkerWrites) {
  for (const auto stage : {DeadLetterStage::kDecode, DeadLetterStage::kHandler, DeadLetterStage::kCrash}) {
    auto headers = origin();
    headers.push_back({"conveyor-dlt-stage", std::string(name_of(stage))});
    const auto read = dead_letter_of(record_with(headers), "");
    EXPECT_EQ(std::get<DeadLetter>(read).stage, stage) << name_of(stage);
  }
}

TEST(DeadLetterOf, NeedsNoMoreThanTheOrigin) {
  Record record = record_with(origin());
  record.key.reset();
  const auto read = dead_letter_of(std::move(record), std::nullopt);
  ASSERT_TRUE(std::holds_alternative<DeadLetter>(read));
  EXPECT_EQ(std::get<DeadLetter>(read).stage, DeadLetterStage::kUnknown);
  EXPECT_EQ(std::get<DeadLetter>(read).key, std::nullopt);
  EXPECT_EQ(std::get<DeadLetter>(read).value, std::nullopt);
}

TEST(DeadLetterOf, TellsAnEmptyValueFromNone) {
  EXPECT_EQ(std::get<DeadLetter>(dead_letter_of(record_with(origin()), "")).value, "");
}

TEST(DeadLetterOf, NamesTheHeaderThatIsMissingOrCannotBe) {
  const auto why = [](std::vector<Header> headers) {
    const auto read = dead_letter_of(record_with(std::move(headers)), "");
    return std::holds_alternative<Foreign>(read) ? std::get<Foreign>(read).why : "(a dead letter)";
  };
  EXPECT_NE(why({}).find("conveyor-dlt-topic"), std::string::npos) << why({});
  EXPECT_NE(why(origin("no topic")).find("conveyor-dlt-topic"), std::string::npos);
  for (const char* partition : {"", "-1", "x", "3x", " 3", "2147483648"}) {
    EXPECT_NE(why(origin("orders", partition)).find("conveyor-dlt-partition"), std::string::npos) << partition;
  }
  for (const char* offset : {"", "-1", "4.2", "9223372036854775808"}) {
    EXPECT_NE(why(origin("orders", "3", offset)).find("conveyor-dlt-offset"), std::string::npos) << offset;
  }
}

TEST(DeadLetterOf, LeavesOutWhatItCannotRead) {
  auto headers = origin();
  headers.push_back({"conveyor-dlt-stage", "sleep"});
  headers.push_back({"conveyor-dlt-attempts", "many"});
  headers.push_back({"conveyor-dlt-timestamp", "9223372036854775807"});  // overflows a clock of nanoseconds
  const auto read = dead_letter_of(record_with(headers), "");
  ASSERT_TRUE(std::holds_alternative<DeadLetter>(read));
  EXPECT_EQ(std::get<DeadLetter>(read).stage, DeadLetterStage::kUnknown);
  EXPECT_EQ(std::get<DeadLetter>(read).attempts, 0);
  EXPECT_GT(std::get<DeadLetter>(read).origin.timestamp, Time(0s));
}

TEST(DeadLetterFilter, WithoutConditionsWantsAll) {
  EXPECT_TRUE(lies_where_wanted({}, record_with({})));
  EXPECT_TRUE(wanted({}, {.origin = {.topic = "orders"}}));
}

TEST(DeadLetterFilter, LooksAtTheDeadLettersOwnTimePartitionAndOffset) {
  const Record record = record_with({});
  EXPECT_TRUE(lies_where_wanted({.since = Time(1'000s)}, record));
  EXPECT_FALSE(lies_where_wanted({.since = Time(1'000s) + 1ms}, record));
  EXPECT_TRUE(lies_where_wanted({.until = Time(1'000s) + 1ms}, record));
  EXPECT_FALSE(lies_where_wanted({.until = Time(1'000s)}, record));
  EXPECT_TRUE(lies_where_wanted({.partition = 1, .first_offset = 17, .last_offset = 17}, record));
  EXPECT_FALSE(lies_where_wanted({.partition = 0}, record));
  EXPECT_FALSE(lies_where_wanted({.first_offset = 18}, record));
  EXPECT_FALSE(lies_where_wanted({.last_offset = 16}, record));
}

TEST(DeadLetterFilter, LooksAtOriginAndStage) {
  const DeadLetter letter{.origin = {.topic = "orders"}, .stage = DeadLetterStage::kHandler};
  EXPECT_TRUE(wanted({.topics = {"invoices", "orders"}}, letter));
  EXPECT_FALSE(wanted({.topics = {"invoices"}}, letter));
  EXPECT_TRUE(wanted({.stages = {DeadLetterStage::kCrash, DeadLetterStage::kHandler}}, letter));
  EXPECT_FALSE(wanted({.topics = {"orders"}, .stages = {DeadLetterStage::kDecode}}, letter));
}

TEST(ReplayHeaders, AreTheRecordsOwnAndWhereItLay) {
  const DeadLetter letter{.topic = "orders-dlt",
                          .partition = 0,
                          .offset = 17,
                          .headers = {{"a", "1"}, {"conveyor-replayed-from", "orders-dlt/0/3"}, {"a", "2"}}};
  const auto headers = replay_headers(letter);
  ASSERT_EQ(headers.size(), 3U);
  EXPECT_EQ(headers[0].value, "1");
  EXPECT_EQ(headers[1].value, "2");
  EXPECT_EQ(headers[2].name, "conveyor-replayed-from");
  EXPECT_EQ(headers[2].value, "orders-dlt/0/17");
}

}  // namespace
}  // namespace conveyor::detail
