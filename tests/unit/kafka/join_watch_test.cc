#include "kafka/join_watch.h"

#include <gtest/gtest.h>

namespace conveyor::kafka {
namespace {

using Standing = JoinWatch::Standing;

constexpr std::int16_t kFetch = 1;
constexpr std::int16_t kJoinGroup = 11;
constexpr std::int16_t kHeartbeat = 12;
constexpr std::int16_t kSyncGroup = 14;

Standing standing_of(JoinWatch& watch, int& commits) {
  return watch.if_member([&] { ++commits; });
}

void enter(JoinWatch& watch, const std::string& state) {
  watch.log_line("CGRPJOINSTATE", "[thrd:main]: Group \"a -> b (c)\" changed join state x -> " + state + " (state up)");
}

TEST(JoinWatch, IsJoiningFromTheRequestToTheAnswerWhereTheLogIsNotRead) {
  JoinWatch watch;
  int commits = 0;
  EXPECT_EQ(standing_of(watch, commits), Standing::kMember);
  watch.request_sent(kHeartbeat);
  watch.response_received(kHeartbeat);
  watch.disturb();
  EXPECT_EQ(standing_of(watch, commits), Standing::kMember);
  watch.request_sent(kJoinGroup);
  watch.response_received(kJoinGroup);
  EXPECT_EQ(standing_of(watch, commits), Standing::kJoining);
  enter(watch, "steady");
  EXPECT_TRUE(watch.joining()) << "the log was not to be read";
  watch.response_received(kSyncGroup);
  EXPECT_EQ(standing_of(watch, commits), Standing::kMember);
  EXPECT_EQ(commits, 3);
}

class ReadJoinWatch : public ::testing::Test {
 protected:
  ReadJoinWatch() { watch_.reads_log(); }
  JoinWatch watch_;
  int commits_ = 0;
};

TEST_F(ReadJoinWatch, LetsNoCommitGoBehindAnAnswerThatIsNotHandled) {
  watch_.response_received(kHeartbeat);
  EXPECT_EQ(standing_of(watch_, commits_), Standing::kUnsure);
  const auto seen = watch_.disturbances();
  enter(watch_, "init");  // what the answer said
  watch_.caught_up(seen);
  EXPECT_EQ(standing_of(watch_, commits_), Standing::kJoining);
  EXPECT_EQ(commits_, 0);
}

TEST_F(ReadJoinWatch, StaysUnsureWhereAnotherAnswerCameMeanwhile) {
  watch_.response_received(kHeartbeat);
  const auto seen = watch_.disturbances();
  watch_.disturb();
  watch_.caught_up(seen);
  EXPECT_EQ(standing_of(watch_, commits_), Standing::kUnsure);
  watch_.caught_up(watch_.disturbances());
  EXPECT_EQ(standing_of(watch_, commits_), Standing::kMember);
  EXPECT_EQ(commits_, 1);
}

TEST_F(ReadJoinWatch, FetchedRecordsMakeNothingUnsure) {
  watch_.response_received(kFetch);
  EXPECT_EQ(standing_of(watch_, commits_), Standing::kMember);
}

TEST_F(ReadJoinWatch, KnowsTheStatesInWhichAMemberHasItsGeneration) {
  for (const char* state : {"init", "wait-join", "wait-metadata", "wait-sync", "wait-unassign-to-complete",
                            "wait-incr-unassign-to-complete"}) {
    enter(watch_, state);
    EXPECT_TRUE(watch_.joining()) << state;
  }
  for (const char* state : {"wait-assign-call", "wait-unassign-call", "steady"}) {
    enter(watch_, "init");
    enter(watch_, state);
    EXPECT_FALSE(watch_.joining()) << state;
  }
  watch_.log_line("CGRPSTATE", "Group \"g\" changed state up -> init (join-state steady)");
  watch_.log_line("CGRPJOINSTATE", "no arrow");
  EXPECT_FALSE(watch_.joining());
}

// Its answer is seen before librdkafka's main thread has handled it.
TEST_F(ReadJoinWatch, DoesNotTakeAnAnswerForItsHandling) {
  enter(watch_, "wait-sync");
  watch_.response_received(kSyncGroup);
  watch_.caught_up(watch_.disturbances());
  EXPECT_EQ(standing_of(watch_, commits_), Standing::kJoining);
}

}  // namespace
}  // namespace conveyor::kafka
