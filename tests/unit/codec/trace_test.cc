#include "codec/trace.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <set>
#include <thread>

namespace conveyor::codec {
namespace {

constexpr const char* kExample = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";  // from the W3C text

TEST(Traceparent, ReadsTheExampleOfTheSpecification) {
  const auto trace = parse_traceparent(kExample);
  ASSERT_TRUE(trace);
  EXPECT_EQ(trace->id.view(), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(trace->parent.view(), "b7ad6b7169203331");
  EXPECT_EQ(std::string(trace->flags.data(), 2), "01");
}

TEST(Traceparent, KeepsOnlyTheFlagsThatItKnows) {
  for (const auto& [flags, kept] : {std::pair{"00", "00"},
                                    {"01", "01"},
                                    {"02", "02"},
                                    {"ff", "03"},
                                    {"fe", "02"},
                                    {"8a", "02"},
                                    {"0c", "00"},
                                    {"f5", "01"}}) {
    const auto trace = parse_traceparent(std::string("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-") + flags);
    ASSERT_TRUE(trace);
    EXPECT_EQ(std::string(trace->flags.data(), 2), kept) << flags;
  }
}

TEST(Traceparent, AcceptsALaterVersionWithMoreFields) {
  EXPECT_TRUE(parse_traceparent("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more"));
}

TEST(Traceparent, RefusesWhatTheSpecificationRefuses) {
  for (const char* wrong : {
           "",
           "00",
           "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
           "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
           "00-00000000000000000000000000000000-b7ad6b7169203331-01",
           "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0x",
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
           "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01more",
           "00_0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331_01",
       }) {
    EXPECT_FALSE(parse_traceparent(wrong)) << wrong;
  }
}

TEST(Traceparent, ContinuesATraceInANewSpanWithItsFlags) {
  const auto incoming = parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00");
  const std::string outgoing = make_traceparent(incoming->id.view(), incoming->flags).str();
  const auto read_back = parse_traceparent(outgoing);
  ASSERT_TRUE(read_back) << outgoing;
  EXPECT_EQ(read_back->id.view(), incoming->id.view());
  EXPECT_EQ(std::string(read_back->flags.data(), 2), "00");
  EXPECT_NE(outgoing.substr(36, 16), "b7ad6b7169203331");
}

TEST(Ids, AreOfTheRightFormAndNeverTheSame) {
  std::set<std::string> traces, uuids;
  for (int i = 0; i < 10'000; ++i) {
    const std::string trace = new_trace_id().str();
    const std::string uuid = new_uuid().str();
    ASSERT_TRUE(is_trace_id(trace)) << trace;
    ASSERT_EQ(uuid.size(), 36U);
    ASSERT_EQ(uuid[14], '4');
    ASSERT_NE(std::string("89ab").find(uuid[19]), std::string::npos) << uuid;
    for (const int dash : {8, 13, 18, 23}) ASSERT_EQ(uuid[static_cast<std::size_t>(dash)], '-');
    traces.insert(trace);
    uuids.insert(uuid);
  }
  EXPECT_EQ(traces.size(), 10'000U);
  EXPECT_EQ(uuids.size(), 10'000U);
}

TEST(Ids, AUuidWithoutDashesIsATraceId) { EXPECT_TRUE(is_trace_id("5c6aa2d2e78711f09d3a0242ac120002")); }

TEST(Ids, DifferBetweenThreads) {
  const std::string here = new_uuid().str();
  std::string there;
  std::thread([&] { there = new_uuid().str(); }).join();
  EXPECT_NE(here, there);
  EXPECT_NE(new_uuid().str(), there);
}

TEST(Ids, AreNotThoseOfAForkedChild) {
  static_cast<void>(new_uuid());  // the generator that the child inherits is in use
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  const pid_t child = fork();
  if (child == 0) {
    const std::string uuid = new_uuid().str();
    _exit(write(ends[1], uuid.data(), uuid.size()) == 36 ? 0 : 1);
  }
  const std::string ours = new_uuid().str();
  std::string theirs(36, ' ');
  ASSERT_EQ(read(ends[0], theirs.data(), theirs.size()), 36);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_NE(ours, theirs);
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
}  // namespace conveyor::codec
