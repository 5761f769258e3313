// codec/metadata_view.cc: what a record's headers say about it, as users read it.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "codec/header_names.h"
#include "codec/stamp.h"
#include "conveyor/message.h"

namespace conveyor::codec {
namespace {

Record record_with(std::vector<Header> headers) {
  return {.topic = "orders", .partition = 3, .offset = 42, .headers = std::move(headers)};
}

Header header(std::string_view name, std::string_view value) { return {std::string(name), std::string(value)}; }

TEST(MetadataView, IsWhatTheHeadersSay) {
  const Record record = record_with({header(kUuid, "5c6aa1b0-e787-11f0-9d3a-0242ac120002"), header(kService, "camera"),
                                     header(kEnvironment, "STAGING"), header(kDate, "2026-01-02T03:04:05.678901+00:00"),
                                     header(kTimestamp, "1767323045.678901"),
                                     header(kTraceparent, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")});
  const MetadataView view = detail::metadata_of(record);
  EXPECT_EQ(view.uuid, "5c6aa1b0-e787-11f0-9d3a-0242ac120002");
  EXPECT_EQ(view.sending_service, "camera");
  EXPECT_EQ(view.environment, Environment::kStaging);
  EXPECT_EQ(view.iso_date, "2026-01-02T03:04:05.678901+00:00");
  EXPECT_DOUBLE_EQ(view.timestamp, 1'767'323'045.678901);
  EXPECT_EQ(view.trace_id, "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(view.partition, 3);
  EXPECT_EQ(view.offset, 42);
}

TEST(MetadataView, KnowsEveryEnvironmentAndTakesAnotherForUnknown) {
  for (const auto environment :
       {Environment::kProduction, Environment::kDevelopment, Environment::kStaging, Environment::kUnknown}) {
    const Record record = record_with({header(kEnvironment, name_of(environment))});
    EXPECT_EQ(detail::metadata_of(record).environment, environment) << name_of(environment);
  }
  EXPECT_EQ(detail::metadata_of(record_with({header(kEnvironment, "production")})).environment, Environment::kUnknown);
}

TEST(MetadataView, LeavesOutWhatIsMissingOrCannotBeRead) {
  const Record nothing = record_with({});
  EXPECT_EQ(detail::metadata_of(nothing).uuid, "");
  EXPECT_EQ(detail::metadata_of(nothing).timestamp, 0);
  EXPECT_EQ(detail::metadata_of(nothing).trace_id, "");
  const Record wrong = record_with({header(kTimestamp, "yesterday"), header(kTraceparent, "00-xyz")});
  EXPECT_EQ(detail::metadata_of(wrong).timestamp, 0);
  EXPECT_EQ(detail::metadata_of(wrong).trace_id, "");
}

TEST(MetadataView, OfTwoHeadersOfOneNameTheLastCounts) {
  const Record record = record_with({header(kService, "camera"), header(kService, "sorter")});
  EXPECT_EQ(detail::metadata_of(record).sending_service, "sorter");
}

}  // namespace
}  // namespace conveyor::codec
