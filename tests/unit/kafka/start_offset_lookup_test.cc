#include "kafka/start_offset_lookup.h"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

namespace conveyor::kafka {
namespace {

using namespace std::chrono_literals;

constexpr TopicPartition kFirst{"topic", 0};
constexpr TopicPartition kSecond{"topic", 1};

FoundStartOffset known(const TopicPartition& where) {
  return {.where = where, .start_offset = StartOffset{.committed = 7}};
}
FoundStartOffset unknown(const TopicPartition& where, const char* why) { return {.where = where, .why = why}; }

TEST(UnknownStartOffsets, AreNoneWhereAllAreKnown) {
  EXPECT_FALSE(unknown_start_offsets(std::vector{known(kFirst), known(kSecond)}, 15'000ms));
  EXPECT_FALSE(unknown_start_offsets({}, 15'000ms));
}

TEST(UnknownStartOffsets, ArePlacesOfWhichNothingIsKnownNotThoseWithoutACommit) {
  EXPECT_FALSE(
      unknown_start_offsets(std::vector{FoundStartOffset{.where = kFirst, .start_offset = StartOffset()}}, 15'000ms));
}

TEST(UnknownStartOffsets, AreSaidByTheFirstAndHowManyMore) {
  std::vector start_offsets{known(kFirst), unknown(kSecond, "a transaction is open")};
  const auto one = unknown_start_offsets(start_offsets, 15'000ms);
  ASSERT_TRUE(one);
  EXPECT_EQ(one->first, kSecond);
  EXPECT_EQ(one->text, "topic [1] is not read yet: a transaction is open; asking again for up to 15000 ms");
  start_offsets.push_back(unknown(kFirst, "no answer"));
  EXPECT_EQ(unknown_start_offsets(start_offsets, 1ms)->text,
            "topic [1] and 1 more are not read yet: a transaction is open; asking again for up to 1 ms");
}

TEST(UnknownStartOffsets, AreCountedWithoutThoseThatAreKnown) {
  const std::vector start_offsets{unknown(kFirst, "no answer"), known(kSecond), unknown(kSecond, "no answer either"),
                                  unknown({"other", 4}, "nor here")};
  const auto some = unknown_start_offsets(start_offsets, 2s);
  ASSERT_TRUE(some);
  EXPECT_EQ(some->first, kFirst);
  EXPECT_EQ(some->text, "topic [0] and 2 more are not read yet: no answer; asking again for up to 2000 ms");
}

}  // namespace
}  // namespace conveyor::kafka
