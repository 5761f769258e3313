#include "cli/commands/dead_letter_selection.h"

#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace conveyor::cli {
namespace {

using namespace std::chrono_literals;

DeadLetterSelection selected_by(const std::string& arguments) {
  CLI::App app;
  DeadLetterSelection selection;
  add_selection(app, selection);
  app.parse(arguments);
  return selection;
}

DeadLetterFilter filter_of(const DeadLetterSelection& selection) {
  return selection.filter_for(*parse_where(selection.where.front()));
}

TEST(DeadLetterSelection, OfATopicAloneLeavesNothingOut) {
  const DeadLetterSelection selection = selected_by("orders-dlt");
  EXPECT_FALSE(selection.is_filtered());
  EXPECT_EQ(selection.wait(), 10s);
  const DeadLetterFilter filter = filter_of(selection);
  EXPECT_TRUE(filter.topics.empty());
  EXPECT_TRUE(filter.stages.empty());
  EXPECT_EQ(filter.partition, std::nullopt);
  EXPECT_EQ(filter.first_offset, 0);
  EXPECT_EQ(filter.last_offset, std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(filter.limit, std::numeric_limits<std::size_t>::max());
}

TEST(DeadLetterSelection, TakesPartitionAndOffsetsFromThePlace) {
  const DeadLetterSelection selection = selected_by("orders-dlt/2/17..25 --limit 3 --wait 60");
  EXPECT_FALSE(selection.is_filtered()) << "a number and a partition are no filter";
  EXPECT_EQ(selection.wait(), 60s);
  const DeadLetterFilter filter = filter_of(selection);
  EXPECT_EQ(filter.partition, 2);
  EXPECT_EQ(filter.first_offset, 17);
  EXPECT_EQ(filter.last_offset, 25);
  EXPECT_EQ(filter.limit, 3U);
}

TEST(DeadLetterSelection, TakesTopicsStagesAndTimesFromTheOptions) {
  const DeadLetterSelection selection = selected_by(
      "orders-dlt --topic orders --topic returns --stage crash --since 2026-01-01T00:00:00Z --until 2026-01-02");
  EXPECT_TRUE(selection.is_filtered());
  const DeadLetterFilter filter = filter_of(selection);
  EXPECT_EQ(filter.topics, (std::vector<std::string>{"orders", "returns"}));
  EXPECT_EQ(filter.stages, (std::vector{DeadLetterStage::kCrash}));
  ASSERT_TRUE(filter.since && filter.until);
  EXPECT_EQ(*filter.until - *filter.since, 24h);
}

TEST(DeadLetterSelection, IsFilteredByEachOfThem) {
  for (const char* option : {"--topic orders", "--stage decode", "--since 2h", "--until 2026-01-01"}) {
    EXPECT_TRUE(selected_by(std::string("orders-dlt ") + option).is_filtered()) << option;
  }
}

TEST(DeadLetterSelection, RefusesWhatIsNotWellFormed) {
  for (const char* arguments : {"", "orders-dlt/x", "orders-dlt --stage late", "orders-dlt --since yesterday",
                                "orders-dlt --wait 0", "orders-dlt --limit -1"}) {
    EXPECT_THROW(static_cast<void>(selected_by(arguments)), CLI::ParseError) << arguments;
  }
}

}  // namespace
}  // namespace conveyor::cli
