#include "kafka/place_lookup.h"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

namespace conveyor::kafka {
namespace {

using namespace std::chrono_literals;

constexpr TopicPartition kFirst{"topic", 0};
constexpr TopicPartition kSecond{"topic", 1};

FoundPlace known(const TopicPartition& where) { return {.where = where, .place = Place{.committed = 7}}; }
FoundPlace unknown(const TopicPartition& where, const char* why) { return {.where = where, .why = why}; }

TEST(UnknownPlaces, AreNoneWhereAllAreKnown) {
  EXPECT_FALSE(unknown_places(std::vector{known(kFirst), known(kSecond)}, 15'000ms));
  EXPECT_FALSE(unknown_places({}, 15'000ms));
}

TEST(UnknownPlaces, ArePlacesOfWhichNothingIsKnownNotThoseWithoutACommit) {
  EXPECT_FALSE(unknown_places(std::vector{FoundPlace{.where = kFirst, .place = Place()}}, 15'000ms));
}

TEST(UnknownPlaces, AreSaidByTheFirstAndHowManyMore) {
  std::vector places{known(kFirst), unknown(kSecond, "a transaction is open")};
  const auto one = unknown_places(places, 15'000ms);
  ASSERT_TRUE(one);
  EXPECT_EQ(one->first, kSecond);
  EXPECT_EQ(one->text, "topic [1] is not read yet: a transaction is open; asking again for up to 15000 ms");
  places.push_back(unknown(kFirst, "no answer"));
  EXPECT_EQ(unknown_places(places, 1ms)->text,
            "topic [1] and 1 more are not read yet: a transaction is open; asking again for up to 1 ms");
}

TEST(UnknownPlaces, AreCountedWithoutThoseThatAreKnown) {
  const std::vector places{unknown(kFirst, "no answer"), known(kSecond), unknown(kSecond, "no answer either"),
                           unknown({"other", 4}, "nor here")};
  const auto some = unknown_places(places, 2s);
  ASSERT_TRUE(some);
  EXPECT_EQ(some->first, kFirst);
  EXPECT_EQ(some->text, "topic [0] and 2 more are not read yet: no answer; asking again for up to 2000 ms");
}

}  // namespace
}  // namespace conveyor::kafka
