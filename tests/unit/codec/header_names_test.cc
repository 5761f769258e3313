#include "codec/header_names.h"

#include <gtest/gtest.h>

namespace conveyor::codec {
namespace {

TEST(HeaderNames, WhatDescribesARecordIsNotHandedOnToAnother) {
  for (const auto name : {kContentEncoding, kUuid, kService, kEnvironment, kDate, kTimestamp, kSize, kReplayedFrom}) {
    EXPECT_TRUE(describes_the_record(name)) << name;
  }
}

TEST(HeaderNames, TracesDeadLettersAndTheCallersOwnAre) {
  for (const char* name : {"traceparent", "tracestate", "baggage", "conveyor-dlt-topic", "conveyor-", "conveyor-belt",
                           "Content-Encoding", "content-type", ""}) {
    EXPECT_FALSE(describes_the_record(name)) << name;
  }
}

}  // namespace
}  // namespace conveyor::codec
