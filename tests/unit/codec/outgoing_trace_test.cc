#include "codec/outgoing_trace.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "codec/decode.h"

namespace conveyor::codec {
namespace {

constexpr const char* kId = "0af7651916cd43dd8448eb211c80319c";
constexpr const char* kIncoming = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
constexpr const char* kOther = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

using Sent = std::vector<Header>;

Record record_with(std::vector<Header> headers) {
  Record record;
  record.headers = std::move(headers);
  return record;
}

/// What is sent while a record with these headers is handled.
Sent sent(const std::vector<Header>& incoming, const std::vector<Header>& user, bool begins = true) {
  const Trace trace = trace_of(record_with(incoming), {});
  const OutgoingTrace outgoing({.user = user, .incoming = &trace, .begins = begins});
  HeaderList list;
  Text<55> memory;
  outgoing.add_users(list);
  outgoing.add_ours(list, memory);
  Sent headers;
  for (const HeaderView& one : list.all()) headers.push_back({std::string(one.name), std::string(one.value)});
  return headers;
}
/// The values of a name, behind one another.
std::string all(const Sent& headers, std::string_view name) {
  std::string values;
  for (const Header& header : headers) {
    if (header.name == name) values += "[" + header.value + "]";
  }
  return values;
}

TEST(OutgoingTrace, GoesOnInANewSpanWithItsStateAndBaggage) {
  const auto headers = sent(
      {{"traceparent", kIncoming}, {"tracestate", "a=1"}, {"tracestate", "b=2"}, {"baggage", "tenant=7"}}, {}, false);
  ASSERT_EQ(headers.size(), 3U);
  const auto trace = parse_traceparent(headers[0].value);
  ASSERT_TRUE(trace) << headers[0].value;
  EXPECT_EQ(trace->id.view(), kId);
  EXPECT_NE(trace->parent.view(), "b7ad6b7169203331");
  EXPECT_EQ(std::string(trace->flags.data(), 2), "01");
  EXPECT_EQ(all(headers, "tracestate"), "[a=1,b=2]");
  EXPECT_EQ(all(headers, "baggage"), "[tenant=7]");
}

TEST(OutgoingTrace, AddsNothingWhereNothingCame) {
  EXPECT_TRUE(sent({{"other", "x"}}, {}, false).empty());
  const auto begun = sent({}, {});
  ASSERT_EQ(begun.size(), 1U);
  EXPECT_TRUE(begun[0].value.ends_with("-00")) << begun[0].value;
}

TEST(OutgoingTrace, ABadTraceparentTakesTheStateAlongButNotTheBaggage) {
  const std::vector<Header> bad{{"traceparent", "00-bad"}, {"tracestate", "a=1"}, {"baggage", "tenant=7"}};
  const auto headers = sent(bad, {});
  ASSERT_EQ(headers.size(), 2U);
  EXPECT_NE(parse_traceparent(headers[0].value)->id.view(), kId);
  EXPECT_EQ(all(headers, "baggage"), "[tenant=7]");

  // Handed on as they came.
  for (const bool begins : {false, true}) {
    const auto handed_on = sent(bad, bad, begins);
    EXPECT_EQ(all(handed_on, "tracestate"), "") << begins;
    EXPECT_EQ(all(handed_on, "baggage"), "[tenant=7]") << begins;
    EXPECT_EQ(all(handed_on, "traceparent").find("bad"), std::string::npos) << begins;
  }
}

TEST(OutgoingTrace, HeadersHandedOnAreSentOnceAndInASpanOfTheirOwn) {
  const std::vector<Header> came{
      {"traceparent", kIncoming}, {"tracestate", "a=1"}, {"mine", "x"}, {"baggage", "tenant=7"}};
  const auto headers = sent(came, came);
  ASSERT_EQ(headers.size(), 4U);
  EXPECT_EQ(all(headers, "tracestate"), "[a=1]");
  EXPECT_EQ(all(headers, "baggage"), "[tenant=7]");
  EXPECT_EQ(all(headers, "mine"), "[x]");
  const auto trace = parse_traceparent(headers.back().value);
  ASSERT_TRUE(trace) << headers.back().value;
  EXPECT_EQ(trace->id.view(), kId);
  EXPECT_NE(trace->parent.view(), "b7ad6b7169203331");
}

TEST(OutgoingTrace, AnotherOfTheCallersWinsAndIsSentAsItIs) {
  const auto headers = sent({{"traceparent", kIncoming}, {"tracestate", "a=1"}, {"baggage", "tenant=7"}},
                            {{"traceparent", kIncoming}, {"traceparent", kOther}, {"baggage", "tenant=8"}});
  ASSERT_EQ(headers.size(), 2U);
  EXPECT_EQ(all(headers, "traceparent"), std::string("[") + kOther + "]");
  EXPECT_EQ(all(headers, "baggage"), "[tenant=8]");
}

TEST(OutgoingTrace, AStateOfTheCallersNeedsItsTrace) {
  EXPECT_EQ(all(sent({}, {{"tracestate", "a=1"}}), "tracestate"), "");
  EXPECT_EQ(all(sent({}, {{"traceparent", kOther}, {"tracestate", "a=1"}}), "tracestate"), "[a=1]");
  EXPECT_EQ(all(sent({{"traceparent", kIncoming}, {"tracestate", "a=1"}}, {{"tracestate", "b=2,a=1"}}), "tracestate"),
            "[b=2,a=1]");
}

TEST(OutgoingTrace, AnotherThatTheMessageCarriesTakesNothingOfTheIncomingOne) {
  const Trace incoming = trace_of(record_with({{"traceparent", kIncoming}, {"tracestate", "a=1"}}), {});
  const OutgoingTrace outgoing({.incoming = &incoming, .carried = "4bf92f3577b34da6a3ce929d0e0e4736", .begins = true});
  EXPECT_EQ(outgoing.id(), "4bf92f3577b34da6a3ce929d0e0e4736");
  HeaderList list;
  Text<55> memory;
  outgoing.add_ours(list, memory);
  ASSERT_EQ(list.all().size(), 1U);
  EXPECT_TRUE(list.all()[0].value.ends_with("-00"));
}

TEST(OutgoingTrace, ATraceIdWithoutATraceparentIsNotSampledForThat) {
  const Trace incoming = trace_of(record_with({{"tracestate", "a=1"}}), kId);
  EXPECT_EQ(incoming.id.view(), kId);
  EXPECT_EQ(incoming.state, "");
  EXPECT_EQ(std::string(incoming.flags.data(), 2), "00");
}

}  // namespace
}  // namespace conveyor::codec
