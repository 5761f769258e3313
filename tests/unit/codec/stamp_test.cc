#include "codec/stamp.h"

#include <gtest/gtest.h>

#include "conveyor/v1/image.pb.h"

namespace conveyor::codec {
namespace {

using std::chrono::microseconds;
using std::chrono::system_clock;

system_clock::time_point at(std::int64_t microseconds_since_epoch) {
  return system_clock::time_point(microseconds(microseconds_since_epoch));
}

std::string written(const Stamp& stamp, int number) {
  const StampField field(stamp, number);
  std::string bytes(field.size(), '\0');
  EXPECT_EQ(field.write(bytes.data()), bytes.data() + bytes.size());
  return bytes;
}

TEST(IsoDate, IsWrittenAsPythonWritesIt) {
  EXPECT_EQ(IsoDate(at(1'767'323'045'678'901)).view(), "2026-01-02T03:04:05.678901+00:00");
  EXPECT_EQ(IsoDate(at(1'767'323'045'000'000)).view(), "2026-01-02T03:04:05+00:00");
  EXPECT_EQ(IsoDate(at(1'767'323'045'000'001)).view(), "2026-01-02T03:04:05.000001+00:00");
  EXPECT_EQ(IsoDate(at(-1)).view(), "1969-12-31T23:59:59.999999+00:00");
}

TEST(StampField, OverridesWhatAForwardedMessageCarried) {
  v1::Image image;
  image.set_frame(7);
  auto& old = *image.mutable__message_data();
  old.set_uuid("old");
  old.set_offset(123);
  old.set_partition(4);
  old.set_timestamp(1);
  old.set_sending_service("old");
  old.set_environment(v1::STAGING);

  const Stamp stamp{.time = at(1'767'323'045'678'901),
                    .environment = Environment::kUnknown,
                    .service = "",
                    .uuid = "new",
                    .trace_id = "5c6aa2d2e78711f09d3a0242ac120002"};
  v1::Image read;
  ASSERT_TRUE(read.ParseFromString(image.SerializeAsString() + written(stamp, v1::Image::kMessageDataFieldNumber)));
  EXPECT_EQ(read.frame(), 7);
  const auto& data = read._message_data();
  EXPECT_EQ(data.timestamp(), 1'767'323'045.678901);
  EXPECT_EQ(data.environment(), v1::UNKNOWN_ENVIRONMENT);
  EXPECT_EQ(data.sending_service(), "");
  EXPECT_EQ(data.uuid(), "new");
  EXPECT_EQ(data.iso_date(), "2026-01-02T03:04:05.678901+00:00");
  EXPECT_EQ(data.offset(), 0);
  EXPECT_EQ(data.partition(), 0);
  EXPECT_EQ(data.trace_id(), "5c6aa2d2e78711f09d3a0242ac120002");
}

TEST(StampField, TakesAnyFieldNumberAndLongTexts) {
  const std::string service(300, 's');
  const Stamp stamp{.time = at(1), .service = service, .uuid = "u", .trace_id = "t"};
  const std::string field = written(stamp, 536'870'911);   // protobuf's largest
  EXPECT_EQ(static_cast<unsigned char>(field[0]), 0xfaU);  // 536870911 << 3 | 2, as a varint
  EXPECT_NE(field.find(service), std::string::npos);
}

}  // namespace
}  // namespace conveyor::codec
