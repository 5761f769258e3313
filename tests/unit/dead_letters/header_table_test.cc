#include "dead_letters/header_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <variant>
#include <vector>

#include "dead_letters/dead_letter_reader.h"
#include "dead_letters/dead_letter_writer.h"

namespace conveyor::detail {
namespace {

using std::chrono::milliseconds;

// No value is the default.
const worker::DeadLetterInfo kInfo{.topic = "orders",
                                   .partition = 3,
                                   .offset = 42,
                                   .timestamp_ms = 1'767'323'045'678,
                                   .group = "billing",
                                   .stage = DeadLetterStage::kCrash,
                                   .error = "the oven is cold",
                                   .attempts = 2,
                                   .service = "biller"};

std::vector<Header> written(const worker::DeadLetterInfo& info) { return worker::dead_letter_headers({}, info, 4'096); }

std::variant<DeadLetter, Foreign> read(std::vector<Header> headers) {
  return dead_letter_of({.topic = "orders-dlt", .partition = 1, .offset = 17, .headers = std::move(headers)}, "value");
}

/// What the worker would write of a record that failed as the dead letter says.
worker::DeadLetterInfo obituary_of(const DeadLetter& letter) {
  const auto timestamp = std::chrono::duration_cast<milliseconds>(letter.origin.timestamp.time_since_epoch());
  return {.topic = letter.origin.topic,
          .partition = letter.origin.partition,
          .offset = letter.origin.offset,
          .timestamp_ms = timestamp.count(),
          .group = letter.origin.group,
          .stage = letter.stage,
          .error = letter.error,
          .attempts = letter.attempts,
          .service = letter.service};
}

std::vector<std::string> pairs(const std::vector<Header>& headers) {
  std::vector<std::string> texts;
  for (const Header& header : headers) texts.push_back(header.name + " = " + header.value);
  return texts;
}

std::vector<std::string_view> names_written_by(HeaderWriter writer) {
  std::vector<std::string_view> names;
  for (const DeadLetterHeader& header : kDeadLetterHeaders) {
    if (header.writer == writer) names.push_back(header.name);
  }
  return names;
}

TEST(DeadLetterHeaderTable, ListsWhatAWorkerWritesInItsOrder) {
  std::vector<std::string_view> names;
  const auto headers = written(kInfo);
  for (const Header& header : headers) names.push_back(header.name);
  EXPECT_EQ(names, names_written_by(HeaderWriter::kWorker));
}

TEST(DeadLetterHeaderTable, ListsWhatAReplayWrites) {
  std::vector<std::string_view> names;
  const auto headers = replay_headers({.topic = "orders-dlt", .partition = 0, .offset = 17});
  for (const Header& header : headers) names.push_back(header.name);
  EXPECT_EQ(names, names_written_by(HeaderWriter::kReplay));
}

TEST(DeadLetterHeaderTable, EveryHeaderThatAWorkerWritesIsReadBack) {
  const auto all = written(kInfo);
  const auto letter = read(all);
  ASSERT_TRUE(std::holds_alternative<DeadLetter>(letter)) << std::get<Foreign>(letter).why;
  EXPECT_EQ(pairs(written(obituary_of(std::get<DeadLetter>(letter)))), pairs(all));
  EXPECT_TRUE(std::get<DeadLetter>(letter).headers.empty()) << "none of them is taken for the record's own";
}

TEST(DeadLetterHeaderTable, EveryHeaderThatAWorkerWritesMatters) {
  const auto all = written(kInfo);
  for (std::size_t left_out = 0; left_out < all.size(); ++left_out) {
    auto headers = all;
    headers.erase(headers.begin() + static_cast<std::ptrdiff_t>(left_out));
    const auto letter = read(headers);
    const std::string& name = all[left_out].name;
    const bool identifies = identifies_record(*dead_letter_field(name));
    ASSERT_EQ(std::holds_alternative<Foreign>(letter), identifies) << name;
    if (identifies) {
      EXPECT_NE(std::get<Foreign>(letter).why.find(name), std::string::npos) << std::get<Foreign>(letter).why;
    } else {
      EXPECT_NE(pairs(written(obituary_of(std::get<DeadLetter>(letter)))), pairs(all)) << name;
    }
  }
}

TEST(DeadLetterHeaderTable, OfTwoHeadersOfOneNameTheLastCounts) {
  auto headers = written(kInfo);
  headers.push_back({std::string(name_of(DeadLetterField::kAttempts)), "7"});
  headers.push_back({std::string(name_of(DeadLetterField::kError)), ""});
  EXPECT_EQ(std::get<DeadLetter>(read(headers)).attempts, 7);
  EXPECT_EQ(std::get<DeadLetter>(read(headers)).error, "");
  headers.push_back({std::string(name_of(DeadLetterField::kAttempts)), "many"});
  EXPECT_EQ(std::get<DeadLetter>(read(headers)).attempts, 0);
  headers.push_back({std::string(name_of(DeadLetterField::kOffset)), "none"});
  EXPECT_TRUE(std::holds_alternative<Foreign>(read(headers)));
}

TEST(DeadLetterHeaderTable, HeadersOfALaterVersionArePassedOver) {
  auto headers = written(kInfo);
  headers.push_back({std::string(kDeadLetterPrefix) + "later", "x"});
  EXPECT_EQ(dead_letter_field(headers.back().name), std::nullopt);
  const auto letter = read(headers);
  ASSERT_TRUE(std::holds_alternative<DeadLetter>(letter));
  EXPECT_TRUE(std::get<DeadLetter>(letter).headers.empty());
}

TEST(DeadLetterHeaderTable, SaysEveryStage) {
  const std::string_view meaning = kDeadLetterHeaders[static_cast<std::size_t>(DeadLetterField::kStage)].meaning;
  for (const auto stage : {DeadLetterStage::kDecode, DeadLetterStage::kHandler, DeadLetterStage::kCrash}) {
    EXPECT_NE(meaning.find("`" + std::string(name_of(stage)) + "`"), std::string::npos) << name_of(stage);
  }
}

}  // namespace
}  // namespace conveyor::detail
