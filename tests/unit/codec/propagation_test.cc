#include "codec/propagation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace conveyor::codec {
namespace {

using Headers = std::vector<Header>;

TEST(Tracestate, IsEmptyWithoutAHeader) { EXPECT_EQ(tracestate_of(Headers{{"traceparent", "x"}, {"a", "b"}}), ""); }

TEST(Tracestate, JoinsSeveralHeadersInTheirOrder) {
  EXPECT_EQ(tracestate_of(Headers{{"tracestate", "rojo=00f067aa0ba902b7 , congo=t61"},
                                  {"other", "x=1"},
                                  {"tracestate", ""},
                                  {"tracestate", "\tfw529a3039@dt=FfAp4/1;,"}}),
            "rojo=00f067aa0ba902b7,congo=t61,fw529a3039@dt=FfAp4/1;");
}

TEST(Tracestate, IsDroppedAsAWholeWhenAMemberIsMalformed) {
  for (const char* bad : {"novalue", "=1", "Upper=1", "a=1=2", "a=caf\xc3\xa9", "a=\x01", "a b=1"}) {
    EXPECT_EQ(tracestate_of(Headers{{"tracestate", "good=1"}, {"tracestate", bad}}), "") << bad;
  }
}

TEST(Tracestate, LosesLargeMembersFirstAndThenTheLast) {
  const std::string large = "large=" + std::string(123, 'x');  // 129 characters
  const std::string list = "a=" + std::string(126, 'a') + ",b=" + std::string(126, 'b') + "," + large +
                           ",c=" + std::string(126, 'c') + ",d=" + std::string(124, 'd');
  EXPECT_EQ(tracestate_of(Headers{{"tracestate", list}}),
            "a=" + std::string(126, 'a') + ",b=" + std::string(126, 'b') + ",c=" + std::string(126, 'c'));
  EXPECT_EQ(tracestate_of(Headers{{"tracestate", "first=1," + large}}), "first=1," + large);

  const std::string exact = "k=" + std::string(510, 'x');
  EXPECT_EQ(tracestate_of(Headers{{"tracestate", exact}}), exact);
  EXPECT_EQ(tracestate_of(Headers{{"tracestate", exact + "y"}}), "");
}

TEST(Tracestate, HasNoMoreThanItsMembers) {
  Headers headers;
  for (int i = 0; i < 40; ++i) headers.push_back({"tracestate", "k" + std::to_string(i) + "=1"});
  const std::string list = tracestate_of(headers);
  EXPECT_EQ(std::ranges::count(list, ','), 31);
  EXPECT_TRUE(list.ends_with("k31=1")) << list;
}

TEST(Baggage, JoinsSeveralHeadersWithoutWhatIsMalformed) {
  EXPECT_EQ(baggage_of(Headers{{"baggage", "tenant=7, user=a%20b;secret"}, {"baggage", "nonsense,=x,k=\x02,z=1"}}),
            "tenant=7,user=a%20b;secret,z=1");
  EXPECT_EQ(baggage_of(Headers{{"other", "tenant=7"}}), "");
}

TEST(Baggage, StaysWithinItsLimitsWhateverComes) {
  Headers members;
  for (int i = 0; i < 100; ++i) members.push_back({"baggage", "k" + std::to_string(i) + "=1"});
  EXPECT_EQ(std::ranges::count(baggage_of(members), ','), 63);

  const std::string half = "k=" + std::string(4'094, 'x');
  EXPECT_EQ(baggage_of(Headers{{"baggage", half}, {"baggage", half}}), half);
  EXPECT_EQ(baggage_of(Headers{{"baggage", std::string(1'000'000, 'x')}}), "");
  EXPECT_EQ(baggage_of(Headers{{"baggage", std::string(1'000'000, ',')}}), "");
}

}  // namespace
}  // namespace conveyor::codec
