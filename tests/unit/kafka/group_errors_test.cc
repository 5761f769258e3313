#include "kafka/group_errors.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "kafka/errors.h"

namespace conveyor::kafka {
namespace {

using namespace std::chrono_literals;
using Action = GroupErrorMeaning::Action;

rd_kafka_resp_err_t error(int code) { return static_cast<rd_kafka_resp_err_t>(code); }

TEST(GroupErrors, MeanWhatTheySay) {
  struct Row {
    int code;
    Action action;
    errc ends_with;
    std::string advice;  // a part of it
  };
  const std::vector<Row> rows{
      {35, Action::kEnd, errc::invalid_config, "group.protocol"},
      {112, Action::kEnd, errc::invalid_config, "group.remote.assignor"},
      {111, Action::kInstanceInUse, errc::fatal, "group.instance.id"},
      {82, Action::kEnd, errc::fatal, "group.instance.id"},
      {23, Action::kEnd, errc::invalid_config, "partition.assignment.strategy"},
      {24, Action::kEnd, errc::invalid_config, "Config::group"},
      {26, Action::kEnd, errc::invalid_config, "session.timeout.ms"},
      {29, Action::kEnd, errc::not_authorized, "rights"},
      {30, Action::kEnd, errc::not_authorized, "rights"},
      {3, Action::kTopicMissing, errc::unknown_topic, ""},
      {RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, Action::kTopicMissing, errc::unknown_topic, ""},
      {RD_KAFKA_RESP_ERR__FATAL, Action::kRecreate, errc::fatal, ""},
      {110, Action::kReport, errc::retryable, ""},
      {113, Action::kReport, errc::retryable, ""},
      {RD_KAFKA_RESP_ERR__TRANSPORT, Action::kReport, errc::retryable, ""},
      {15, Action::kReport, errc::retryable, ""},
  };
  for (const Row& row : rows) {
    const auto meaning = meaning_of(error(row.code));
    EXPECT_EQ(meaning.action, row.action) << row.code;
    EXPECT_EQ(meaning.code, row.ends_with) << row.code;
    EXPECT_NE(meaning.advice.find(row.advice), std::string_view::npos) << row.code << ": " << meaning.advice;
    EXPECT_EQ(meaning.advice.empty(), row.advice.empty()) << row.code;
  }
}

TEST(GroupErrors, OfACommitEndAMemberOnlyForItsRights) {
  for (const int code : {29, 30}) EXPECT_EQ(commit_never_accepted(error(code)), errc::not_authorized) << code;
  for (const int code : {0, 14, 15, 16, 22, 25, 27, 12, 82, 110, 113}) {
    EXPECT_EQ(commit_never_accepted(error(code)), std::nullopt) << code;
  }
}

TEST(GroupErrors, SayWhenThePartitionsAreLost) {
  for (const int code : {22, 25, 82, 110, 113}) EXPECT_TRUE(means_lost(error(code))) << code;
  for (const int code : {0, 14, 15, 16, 27, 111, 112}) EXPECT_FALSE(means_lost(error(code))) << code;
  for (const int code : {22, 113}) EXPECT_TRUE(means_next_generation(error(code))) << code;
  for (const int code : {0, 14, 15, 16, 25, 27, 82, 110, 111, 112}) {
    EXPECT_FALSE(means_next_generation(error(code))) << code;
  }
}

TEST(GroupErrors, OfAClientEndTheMemberWhereTheNextOneWouldFailToo) {
  for (const int code : {23, 24, 26, 29, 30, 35, 82, 111, 112}) EXPECT_TRUE(ends_member(error(code))) << code;
  for (const int code : {0, 3, 14, 15, 16, 22, 25, 27, 110, 113, static_cast<int>(RD_KAFKA_RESP_ERR__FATAL)}) {
    EXPECT_FALSE(ends_member(error(code))) << code;
  }
}

TEST(InstanceWatch, WaitsForTheSessionOfAMemberThatWasKilled) {
  InstanceWatch watch;
  const InstanceWatch::Clock::time_point start{1h};
  EXPECT_FALSE(watch.in_use(start));
  EXPECT_FALSE(watch.in_use(start + 44s));
  EXPECT_TRUE(watch.in_use(start + 45s));
  watch.joined();
  EXPECT_FALSE(watch.in_use(start + 46s)) << "another time";
}

TEST(Repetition, SaysTheSameAgainAfterAWhile) {
  Repetition<int> said(30s);
  const Repetition<int>::Clock::time_point start{1h};
  EXPECT_TRUE(said.must_say(16, start));
  EXPECT_FALSE(said.must_say(16, start + 29s));
  EXPECT_TRUE(said.must_say(15, start + 29s)) << "another one";
  EXPECT_FALSE(said.must_say(15, start + 58s));
  EXPECT_TRUE(said.must_say(15, start + 59s));
  said.over();
  EXPECT_TRUE(said.must_say(15, start + 60s));
}

}  // namespace
}  // namespace conveyor::kafka
