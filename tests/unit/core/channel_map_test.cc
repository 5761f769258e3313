#include "conveyor/channel_map.h"

#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "conveyor/error.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/options.pb.h"
#include "conveyor/v1/prediction.pb.h"

namespace conveyor {
namespace {

constexpr Channel<v1::Image> kVideoStream{"VideoStream"};
constexpr Channel<v1::Prediction> kPredictions{"Predictions", {.codec = Codec::kRaw}};

struct Failure {
  std::error_code code = {};
  std::string text = {};
  bool says(std::string_view part) const { return text.find(part) != text.npos; }
};

template <class F>
Failure failure(F&& f) {
  try {
    f();
  } catch (const Error& error) {
    return {error.code(), error.what()};
  }
  return {};
}

google::protobuf::FileDescriptorSet declared(const std::vector<std::pair<std::string, v1::ChannelDeclaration>>& types) {
  google::protobuf::FileDescriptorSet files;
  auto* file = files.add_file();
  file->set_name("acme.proto");
  file->set_package("acme");
  for (const auto& [type, channel] : types) {
    auto* message = file->add_message_type();
    message->set_name(type);
    *message->mutable_options()->MutableExtension(v1::channel) = channel;
  }
  return files;
}

v1::ChannelDeclaration declaration(const std::string& topic, int codec = 0, int level = 0) {
  v1::ChannelDeclaration channel;
  channel.set_topic(topic);
  channel.set_codec(static_cast<v1::ChannelCodec>(codec));
  channel.set_level(level);
  return channel;
}

class File {
 public:
  explicit File(const std::string& bytes)
      : path_(std::filesystem::temp_directory_path() / ("channel_map_test." + std::to_string(getpid()))) {
    std::ofstream(path_, std::ios::binary) << bytes;
  }
  ~File() { std::filesystem::remove(path_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

TEST(ChannelMap, KnowsWhatItsChannelsSay) {
  const ChannelMap map{kVideoStream, kPredictions};
  const auto channel = map.channel<v1::Prediction>("Predictions");
  EXPECT_EQ(channel.topic(), "Predictions");
  EXPECT_EQ(channel.options().codec, Codec::kRaw);
  ASSERT_EQ(map.entries().size(), 2U);
  EXPECT_EQ(map.entries()[0].topic, "Predictions");
  EXPECT_EQ(map.entries()[1].type, "conveyor.v1.Image");
}

TEST(ChannelMap, NamesBothTypesWhenAskedForTheWrongOne) {
  const ChannelMap map{kVideoStream};
  const Failure wrong = failure([&] { (void)map.channel<v1::Prediction>("VideoStream"); });
  EXPECT_EQ(wrong.code, errc::wrong_type);
  EXPECT_TRUE(wrong.says("conveyor.v1.Image")) << wrong.text;
  EXPECT_TRUE(wrong.says("conveyor.v1.Prediction")) << wrong.text;
}

TEST(ChannelMap, NamesTheClosestTopicWhenAskedForAnUnknownOne) {
  const ChannelMap map{kVideoStream, kPredictions};
  const Failure unknown = failure([&] { (void)map.channel<v1::Image>("VideoSteam"); });
  EXPECT_EQ(unknown.code, errc::unknown_topic);
  EXPECT_TRUE(unknown.says("did you mean VideoStream?")) << unknown.text;
  EXPECT_EQ(failure([] { (void)ChannelMap().channel<v1::Image>("x"); }).code, errc::unknown_topic);
}

TEST(ChannelMap, TakesTheSameEntryAgainAndNoOther) {
  ChannelMap map{kVideoStream, kPredictions};
  map.add(kVideoStream);
  EXPECT_EQ(map.entries().size(), 2U);
  const Failure type = failure([&] { map.add({"VideoStream", "conveyor.v1.Prediction"}); });
  EXPECT_EQ(type.code, errc::invalid_config);
  EXPECT_TRUE(type.says("conveyor.v1.Image") && type.says("conveyor.v1.Prediction")) << type.text;
  EXPECT_EQ(failure([&] { map.add({"VideoStream", "conveyor.v1.Image", {.level = 9}}); }).code, errc::invalid_config);
  map.add({"Predictions", "conveyor.v1.Prediction", {.codec = Codec::kRaw, .level = 9}});  // raw has no level
}

TEST(ChannelMap, IsUnchangedWhenAMapCannotBeAdded) {
  ChannelMap map{kVideoStream};
  const ChannelMap other{{"A", "acme.A"}, {"VideoStream", "acme.A"}};
  EXPECT_EQ(failure([&] { map.add(other); }).code, errc::invalid_config);
  EXPECT_EQ(map.entries().size(), 1U);
}

TEST(ChannelMap, ReadsPairs) {
  const std::vector<std::string> pairs{"VideoStream=conveyor.v1.Image", "raw.bytes=acme.Blob;codec=raw",
                                       "scans=conveyor.egg.v1.EggScan;codec=zlib;level=6"};
  const ChannelMap map = ChannelMap::from_pairs(pairs);
  ASSERT_EQ(map.entries().size(), 3U);
  EXPECT_EQ(map.find("VideoStream")->options.level, 1);
  EXPECT_EQ(map.find("raw.bytes")->options.codec, Codec::kRaw);
  EXPECT_EQ(map.find("scans")->options.level, 6);
  EXPECT_EQ(map.find("nothing"), nullptr);
}

TEST(ChannelMap, NamesThePairThatIsWrong) {
  const auto code = [](const std::string& pair) {
    const Failure wrong = failure([&] { (void)ChannelMap::from_pairs(std::vector<std::string>{pair}); });
    EXPECT_TRUE(wrong.says("\"" + pair + "\"")) << wrong.text;
    return wrong.code;
  };
  EXPECT_EQ(code("VideoStream"), errc::invalid_config);
  EXPECT_EQ(code("=acme.Blob"), errc::invalid_topic);
  EXPECT_EQ(code("a b=acme.Blob"), errc::invalid_topic);
  EXPECT_EQ(code("a="), errc::invalid_config);
  EXPECT_EQ(code("a=acme..Blob"), errc::invalid_config);
  EXPECT_EQ(code("a=acme.1"), errc::invalid_config);
  EXPECT_EQ(code("a=acme.Blob;codec=gzip"), errc::invalid_config);
  EXPECT_EQ(code("a=acme.Blob;level=13"), errc::invalid_config);
  EXPECT_EQ(code("a=acme.Blob;level=six"), errc::invalid_config);
  EXPECT_EQ(code("a=acme.Blob;colour=red"), errc::invalid_config);
  EXPECT_EQ(code("a=acme.Blob;"), errc::invalid_config);
}

TEST(ChannelMap, ReadsTheOptionsOfADescriptorSet) {
  auto files = declared({{"Scan", declaration("scans", v1::CHANNEL_CODEC_RAW)}, {"Note", declaration("notes", 0, 9)}});
  auto* outer = files.mutable_file(0)->add_message_type();
  outer->set_name("Outer");
  auto* inner = outer->add_nested_type();
  inner->set_name("Inner");
  inner->mutable_options()->MutableExtension(v1::channel)->set_topic("inner");
  const ChannelMap map = ChannelMap::from_descriptor_set(files);
  ASSERT_EQ(map.entries().size(), 3U);
  EXPECT_EQ(map.find("scans")->type, "acme.Scan");
  EXPECT_EQ(map.find("scans")->options.codec, Codec::kRaw);
  EXPECT_EQ(map.find("notes")->options.level, 9);
  EXPECT_EQ(map.find("inner")->type, "acme.Outer.Inner");
}

TEST(ChannelMap, NamesTheMessageWhoseOptionIsWrong) {
  const auto wrong = [](const v1::ChannelDeclaration& channel) {
    const Failure result = failure([&] { (void)ChannelMap::from_descriptor_set(declared({{"Scan", channel}})); });
    EXPECT_TRUE(result.says("acme.Scan")) << result.text;
    return result.code;
  };
  EXPECT_EQ(wrong(declaration("")), errc::invalid_topic);
  EXPECT_EQ(wrong(declaration("no spaces")), errc::invalid_topic);
  EXPECT_EQ(wrong(declaration("scans", 7)), errc::invalid_config);
  EXPECT_EQ(wrong(declaration("scans", 0, 13)), errc::invalid_config);
}

TEST(ChannelMap, NamesBothMessagesThatDeclareOneTopic) {
  const auto files = declared({{"Scan", declaration("scans")}, {"Note", declaration("scans")}});
  const Failure twice = failure([&] { (void)ChannelMap::from_descriptor_set(files); });
  EXPECT_EQ(twice.code, errc::invalid_config);
  EXPECT_TRUE(twice.says("acme.Scan") && twice.says("acme.Note")) << twice.text;
}

TEST(ChannelMap, NeverShowsControlCharactersOfAFile) {
  const Failure hostile = failure([] {
    (void)ChannelMap::from_descriptor_set(declared({{"\x1b[31mScan", declaration("\x1b]0;title\x07")}}));
  });
  EXPECT_EQ(hostile.code, errc::invalid_topic);
  for (const char c : hostile.text) EXPECT_GE(c, ' ') << hostile.text;
}

TEST(ChannelMap, ReadsADescriptorSetFile) {
  const File file(declared({{"Scan", declaration("scans")}}).SerializeAsString());
  EXPECT_EQ(ChannelMap::from_descriptor_set_file(file.path()).find("scans")->type, "acme.Scan");
}

TEST(ChannelMap, NamesTheFileThatIsNoDescriptorSet) {
  const std::string set = declared({{"Scan", declaration("scans")}}).SerializeAsString();
  for (const std::string& bytes : {std::string("syntax = \"proto3\";"), std::string(), std::string(1000, '\xff'),
                                   set.substr(0, set.size() - 3), std::string("\x08\x01", 2)}) {
    const File file(bytes);
    const Failure garbage = failure([&] { (void)ChannelMap::from_descriptor_set_file(file.path()); });
    EXPECT_EQ(garbage.code, errc::invalid_config);
    EXPECT_TRUE(garbage.says(file.path().string()) && garbage.says("descriptor set")) << garbage.text;
  }
}

TEST(ChannelMap, RefusesAFileThatIsMissingADirectoryOrTooLarge) {
  const auto refused = [](const std::filesystem::path& path) {
    const Failure result = failure([&] { (void)ChannelMap::from_descriptor_set_file(path); });
    EXPECT_TRUE(result.says(path.string())) << result.text;
    return result.code;
  };
  EXPECT_EQ(refused("/nowhere/acme.desc"), errc::invalid_config);
  EXPECT_EQ(refused(std::filesystem::temp_directory_path()), errc::invalid_config);
  EXPECT_EQ(refused("/dev/zero"), errc::invalid_config);
  const File large("x");
  std::filesystem::resize_file(large.path(), (std::uintmax_t{64} << 20) + 1);  // sparse
  EXPECT_EQ(refused(large.path()), errc::invalid_config);
}

}  // namespace
}  // namespace conveyor
