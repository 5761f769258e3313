#include "codec/decode.h"

#include <gtest/gtest.h>

#include "codec/deflate.h"
#include "codec/header_names.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "observe/library_log.h"

namespace conveyor::codec {
namespace {

constexpr std::size_t kLimit = 1 << 20;

std::string zlib_of(std::string_view bytes) {
  std::string stream(deflate_bound(bytes.size(), 6), '\0');
  stream.resize(deflate(bytes, 6, stream.data(), stream.size()));
  return stream;
}

std::string bytes_of_hex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

void expect_error(std::string_view value, std::string_view part, Codec codec = Codec::kZlib,
                  const std::vector<Header>& headers = {}) {
  v1::Image image;
  const auto error = decode(value, headers, codec, kLimit, image);
  ASSERT_TRUE(error) << part;
  EXPECT_NE(error->find(part), std::string::npos) << *error;
}

// The bytes of both records were taken from the Python library.
TEST(Decode, ReadsTheImageThatMessageCorpsSends) {
  const std::string value = bytes_of_hex(
      "789c4dccb10ac2301485617050c8d4513a0571aa444e6edba4cde833f802d734d50a3a34f1fd4d9c84033f9ce113757a2c51e63d3f314996"
      "2"
      "9e4c4b42eef7b25f642ee9a546deaade75758f970ecbd61d637a86007abb49ea1c6a96505ea88bd2600d4480219059ddf2b5a87cea13f1b3"
      "b"
      "8cd027c00117f97368a2c214a520ffc617fc4725fb");
  v1::Image image;
  EXPECT_FALSE(decode(value, {}, Codec::kZlib, kLimit, image));
  EXPECT_EQ(image.image_data(), "this is just a test string");
  EXPECT_EQ(image.height(), 10);
  EXPECT_EQ(image.width(), 10);
  EXPECT_EQ(image.frame(), 7);
  const auto& data = image._message_data();
  EXPECT_EQ(data.environment(), v1::DEVELOPMENT);
  EXPECT_EQ(data.sending_service(), "camera");
  EXPECT_EQ(data.uuid(), "5c6aa1b0-e787-11f0-9d3a-0242ac120002");
  EXPECT_EQ(data.iso_date(), "2026-01-02T03:04:05.678901+00:00");
  EXPECT_EQ(data.trace_id(), "5c6aa2d2e78711f09d3a0242ac120002");
  EXPECT_EQ(data.timestamp(), 0);

  Scratch scratch;
  EXPECT_EQ(image.SerializeAsString(), inflate(value, kLimit, 0, scratch).bytes);
}

TEST(Decode, ReadsThePredictionThatMessageCorpsSends) {
  const std::string value = bytes_of_hex(
      "789c4dccb10e82301006e044124c9898990861c29cf9ef80163afa0cbec0d9562785a0ef1fa993eb377c45bec6edbdbc8a2c2c8ff2587dca"
      "4"
      "3957b7dc64d9b76f446956fa068274bcc77d01c7a25c820ea590048570bc41078d72b7a87c1613c1b3bcde013e0804bfd7b24486ad29292f"
      "f"
      "e30b79061fb7");
  v1::Prediction prediction;
  EXPECT_FALSE(decode(value, {}, Codec::kZlib, kLimit, prediction));
  ASSERT_EQ(prediction.object_size(), 2);
  EXPECT_EQ(prediction.object(0), "person");
  EXPECT_EQ(prediction.object(1), "dog");
  EXPECT_EQ(prediction.frame(), 7);
  Scratch scratch;
  EXPECT_EQ(prediction.SerializeAsString(), inflate(value, kLimit, 0, scratch).bytes);
}

TEST(Decode, SaysWhatIsWrongWithHostileBytes) {
  expect_error("", "not a whole zlib stream");
  expect_error("not zlib at all", "not a whole zlib stream");
  expect_error(zlib_of("\xff\xff\xff"), "are not a conveyor.v1.Image");
  expect_error(zlib_of("") + "x", "follow the end");
  expect_error(zlib_of(std::string(kLimit + 1, 'x')), "Config::max_message_bytes = 1048576");
  expect_error(std::string(kLimit + 1, 'x'), "Config::max_message_bytes = 1048576", Codec::kRaw);
  expect_error("\x0a\x05", "are not a conveyor.v1.Image", Codec::kRaw);
}

TEST(Decode, AHeaderWinsOverTheChannelsCodec) {
  v1::Image sent;
  sent.set_frame(3);
  v1::Image image;
  EXPECT_FALSE(decode(sent.SerializeAsString(), std::vector<Header>{{"content-encoding", "identity"}}, Codec::kZlib,
                      kLimit, image));
  EXPECT_EQ(image.frame(), 3);
  EXPECT_FALSE(decode(zlib_of(sent.SerializeAsString()),
                      std::vector<Header>{{"content-encoding", "br"}, {"content-encoding", "deflate"}}, Codec::kRaw,
                      kLimit, image));
  expect_error("x", "content-encoding is \"br\"", Codec::kZlib, {{"content-encoding", "br"}});
}

TEST(Decode, AnEmptyValueIsAnEmptyMessageOnARawChannelOnly) {
  v1::Image image;
  image.set_frame(3);
  EXPECT_FALSE(decode("", {}, Codec::kRaw, kLimit, detail::recycled(image)));
  EXPECT_EQ(image.frame(), 0);
}

TEST(Decode, ReadsTheHeadersOfASmallZlibValueOnlyWhereItDoesNotInflateToTheType) {
  v1::Image sent;
  sent.set_frame(3);
  v1::Image image;
  Headers unreadable;
  int nobody = 0;
  unreadable.read_later(&nobody);  // reading would crash
  EXPECT_FALSE(decode(zlib_of(sent.SerializeAsString()), unreadable, Codec::kZlib, kLimit, image));
  EXPECT_EQ(image.frame(), 3);
  unreadable.read_later(nullptr);
}

TEST(Decode, NothingOfAFailedAttemptIsLeftInTheNext) {
  v1::Image first;
  first.set_image_data("first");
  const std::string broken = first.SerializeAsString() + "\xff";  // a field, and then no field
  v1::Image second;
  second.set_frame(3);
  // Inflated it is no message; taken as it is, as the header says, it is another one.
  v1::Image image;
  EXPECT_TRUE(decode(zlib_of(broken), {}, Codec::kZlib, kLimit, image));
  EXPECT_FALSE(decode(second.SerializeAsString(), std::vector<Header>{{"content-encoding", "identity"}}, Codec::kZlib,
                      kLimit, detail::recycled(image)));
  EXPECT_EQ(image.frame(), 3);
  EXPECT_EQ(image.image_data(), "");
}

TEST(Decode, BelievesNoSizeThatAHeaderClaims) {
  v1::Image sent;
  std::string noise(50'000, '\0');
  unsigned state = 1;
  for (char& c : noise) c = static_cast<char>((state = state * 1'664'525 + 1'013'904'223) >> 24);
  sent.set_image_data(noise + noise);
  const std::string value = zlib_of(sent.SerializeAsString());
  for (const char* claim : {"0", "1", "100021", "18446744073709551615", "99999999999999999999999", "-5", "1e9", ""}) {
    v1::Image image;
    const std::vector<Header> headers{{std::string(kSize), claim}};
    EXPECT_FALSE(decode(value, headers, Codec::kZlib, kLimit, image)) << claim;
    EXPECT_EQ(image.image_data(), sent.image_data()) << claim;
  }
}

TEST(TraceOf, TakesTheLastTraceparentAndOtherwiseTheMessages) {
  Record record;
  EXPECT_TRUE(trace_of(record, "").empty());
  EXPECT_EQ(trace_of(record, "5c6aa2d2e78711f09d3a0242ac120002").id.view(), "5c6aa2d2e78711f09d3a0242ac120002");
  record.headers = {{"traceparent", "00-11111111111111111111111111111111-b7ad6b7169203331-01"},
                    {"traceparent", "00-22222222222222222222222222222222-b7ad6b7169203331-00"}};
  EXPECT_EQ(trace_of(record, "5c6aa2d2e78711f09d3a0242ac120002").id.view(), "22222222222222222222222222222222");
}

TEST(Decode, SaysWhyBytesThatAreWellFormedAreNoMessageAndProtobufSaysNothing) {
  const std::string value =
      "\x2a\x06\x1a\x04"
      "caf\xe9";  // _message_data.sending_service
  const detail::LibraryLogSubscription protobufs_log{stderr_observer()};
  ::testing::internal::CaptureStderr();
  expect_error(zlib_of(value), "are not a conveyor.v1.Image: the string conveyor.v1.Metadata.sending_service is not");
  expect_error(value, "the string conveyor.v1.Metadata.sending_service is not UTF-8", Codec::kRaw);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST(Decode, QuotesAnEncodingAsText) {
  expect_error(std::string(5'000, 'x'), "content-encoding is \"caf\xef\xbf\xbd\"", Codec::kZlib,
               {{"content-encoding", "caf\xe9"}});
}

}  // namespace
}  // namespace conveyor::codec
