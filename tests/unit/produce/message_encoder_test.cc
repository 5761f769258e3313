#include "produce/message_encoder.h"

#include <gtest/gtest.h>

#include <string>

#include "conveyor/v1/image.pb.h"

namespace conveyor::detail {
namespace {

MessageEncoder::Encoded encode(const Config& config, const SendOptions& options = {}, std::size_t bytes = 1'000) {
  v1::Image image;
  image.mutable_image_data()->assign(bytes, 'p');
  return MessageEncoder(config).encode("orders", {.codec = Codec::kRaw}, image, stamp_target(image), options, nullptr,
                                       {});
}

TEST(MessageEncoder, MakesASendOfTheMessage) {
  const auto encoded = encode({}, {.key = "camera 1", .partition = 2});
  ASSERT_FALSE(encoded.refusal);
  EXPECT_EQ(encoded.send->topic(), "orders");
  EXPECT_EQ(encoded.send->partition(), 2);
  EXPECT_GE(encoded.message_bytes, 1'000U);
  EXPECT_EQ(encoded.send->key_and_value_bytes(), encoded.message_bytes + 8) << "raw: as it is serialised";
}

TEST(MessageEncoder, RefusesARecordAboveItsLimitAndNamesTheSetting) {
  Config config;
  config.max_record_bytes = 500;
  const auto encoded = encode(config);
  ASSERT_TRUE(encoded.refusal);
  EXPECT_EQ(encoded.refusal->code, errc::message_too_large);
  EXPECT_NE(encoded.refusal->text.find("Config::max_record_bytes = 500"), std::string::npos) << encoded.refusal->text;
}

TEST(MessageEncoder, CountsKeyAndHeadersToTheRecord) {
  Config config;
  config.max_record_bytes = encode({}).send->record_bytes();
  EXPECT_FALSE(encode(config).refusal);
  EXPECT_TRUE(encode(config, {.key = "k"}).refusal);
}

TEST(MessageEncoder, MakesNoSendOfAMessageAboveTheLimitOfMessages) {
  Config config;
  config.max_message_bytes = 500;
  const auto encoded = encode(config);
  ASSERT_TRUE(encoded.refusal);
  EXPECT_EQ(encoded.refusal->code, errc::message_too_large);
  EXPECT_FALSE(encoded.send);
}

}  // namespace
}  // namespace conveyor::detail
