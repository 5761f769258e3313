#include "cli/output/message_line.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "cli/output/bytes.h"
#include "cli/output/image_file.h"
#include "cli/output/json.h"
#include "conveyor/v1/prediction.pb.h"
#include "conveyor/v1/processed_image.pb.h"

namespace conveyor::cli {
namespace {

std::string text_of(const google::protobuf::Message& message) {
  std::string text;
  append_message_text(message, text);
  return text;
}
std::string json_of(const google::protobuf::Message& message, bool all_bytes = true) {
  std::string json;
  append_message_json(message, all_bytes, json);
  return json;
}
std::string json_by_protobuf(const google::protobuf::Message& message) {
  std::string json;
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  EXPECT_TRUE(google::protobuf::util::MessageToJsonString(message, &json, options).ok());
  return json;
}

v1::ProcessedImage processed() {
  v1::ProcessedImage message;
  auto& image = *message.mutable_image();
  image.set_image_data(std::string("\0\x01\xfe\xff", 4));
  image.set_width(2);
  image.set_height(2);
  image.set_frame(-5'000'000'000);
  image.set_encoding(v1::IMAGE_ENCODING_RAW);
  auto& prediction = *message.mutable_prediction();
  prediction.add_object("a \"cat\"\n\x7f☕");
  prediction.add_object("");
  prediction.mutable_timings()->set_wait_us(7);
  for (const float score : {0.1F, 1e-30F, 3.0F, std::numeric_limits<float>::infinity(),
                            -std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
    auto& detection = *prediction.add_detections();
    detection.set_score(score);
    detection.mutable_box()->set_width(score);
  }
  message.mutable__message_data()->set_timestamp(1767225600.25);
  message.mutable__message_data()->set_environment(v1::STAGING);
  return message;
}

// Escapes and numbers (but for -0, which protobuf writes and does not read) may be written in several ways: what protobuf reads is what counts.
TEST(MessageJson, IsReadByProtobufAsTheSameMessage) {
  const auto message = processed();
  v1::ProcessedImage read;
  const std::string json = json_of(message);
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(json, &read).ok()) << json;
  EXPECT_EQ(json_by_protobuf(read), json_by_protobuf(message)) << json;
}

TEST(MessageJson, LeavesWellKnownTypesAndMapsToTheirOwnForm) {
  google::protobuf::Struct object;
  (*object.mutable_fields())["a"].set_number_value(1);
  EXPECT_EQ(json_of(object), json_by_protobuf(object));
}

TEST(MessageJson, ShowsTheSizeOfPixelsUnlessAllBytesAreWanted) {
  v1::Image image;
  image.set_image_data("12345");
  EXPECT_EQ(json_of(image, false), R"({"image_data":{"bytes":5}})");
  EXPECT_EQ(json_of(image, true), R"({"image_data":"MTIzNDU="})");
}

TEST(MessageText, NamesImagesAndLeavesOutMetadata) {
  auto message = processed();
  message.mutable_prediction()->clear_detections();
  EXPECT_EQ(text_of(message),
            R"(image {<2x2 RAW, 4 bytes> frame: -5000000000} prediction {object: ["a "cat"\x0a\x7f☕", ""] )"
            R"(timings {wait_us: 7}})");
}

TEST(Base64, IsThatOfTheRfc) {
  const auto base64 = [](const char* text) {
    std::string out;
    append_base64(text, out);
    return out;
  };
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
}

TEST(SizeText, HasThreeDigits) {
  EXPECT_EQ(size_text(0), "0 bytes");
  EXPECT_EQ(size_text(1023), "1023 bytes");
  EXPECT_EQ(size_text(1536), "1.5 KiB");
  EXPECT_EQ(size_text(23'456), "22.9 KiB");
}

// Each kind of character that is not plain, at each place of a word of eight.
TEST(PlainText, EndsAtEverythingThatIsEscaped) {
  for (const std::string special : {"\"", "\\", "\n", "\x7f", "\x1f", "☕", "\xff"}) {
    for (std::size_t at = 0; at < 20; ++at) {
      std::string bytes(at, 'x');
      bytes += special + "y";
      std::string printed;
      append_printable(bytes, printed);
      EXPECT_EQ(printed.substr(0, at), std::string(at, 'x'));
      EXPECT_EQ(printed.back(), 'y');
      const std::string json = json_string(bytes);
      EXPECT_EQ(json.substr(1, at), std::string(at, 'x'));
      EXPECT_NE(json.substr(at + 1, 2), special + "y") << at;
    }
  }
}

TEST(ImageFile, UndoesDeltaSplit) {
  // 2x2 gray pixels 10 12 / 11 9: differences 10, 2, 1, -4, folded 20, 4, 2, 7.
  v1::Image image;
  image.set_width(2);
  image.set_height(2);
  image.set_pixel_format(v1::PIXEL_FORMAT_GRAY);
  image.set_encoding(v1::IMAGE_ENCODING_DELTA_SPLIT);
  image.set_image_data("\x14\x04\x02\x07");
  const auto file = image_file(image);
  ASSERT_TRUE(std::holds_alternative<ImageFile>(file));
  EXPECT_EQ(std::get<ImageFile>(file).extension, ".pgm");
  EXPECT_EQ(std::get<ImageFile>(file).bytes, "P5\n2 2\n255\n\x0a\x0c\x0b\x09");
}

TEST(ImageFile, SaysWhyThereIsNone) {
  v1::Image image;
  EXPECT_EQ(std::get<std::string>(image_file(image)), "it has no pixels");
  image.set_image_data("123");
  EXPECT_EQ(std::get<std::string>(image_file(image)), "its size is 0x0");
  image.set_width(2);
  image.set_height(2);
  EXPECT_EQ(std::get<std::string>(image_file(image)), "it has 3 bytes, and 2x2 pixels take 12");
}

}  // namespace
}  // namespace conveyor::cli
