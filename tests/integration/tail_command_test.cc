// `conveyor tail` on a real Kafka.

#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "conveyor/producer.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "support/broker.h"
#include "support/command.h"
#include "support/errors.h"
#include "support/raw_kafka.h"
#include "support/waiting.h"
#include "unit/cli/child.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;
using v1::Image;
using v1::Prediction;

std::vector<std::string> joined(std::vector<std::string> first, const std::vector<std::string>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

/// What the command prints with --json.
std::vector<JsonLine> tailed(const std::vector<std::string>& arguments) {
  const CommandResult result = run_command_with(joined({"tail", "--json"}, arguments));
  EXPECT_EQ(result.code, 0) << result.errors;
  return json_lines(result.output);
}

std::vector<std::string> texts(const std::vector<JsonLine>& lines, const std::string& path) {
  std::vector<std::string> all;
  for (const JsonLine& line : lines) all.push_back(line.text(path));
  return all;
}

using Texts = std::vector<std::string>;

Prediction prediction(int frame, const std::string& object = "cat") {
  Prediction made;
  made.set_frame(frame);
  made.add_object(object);
  made.mutable_model()->set_name("egg");
  return made;
}

/// A channel with ten predictions, of frames 0 to 9.
Channel<Prediction> ten_predictions(ChannelOptions options = {}) {
  const auto channel = new_channel<Prediction>(1, options);
  Producer producer(new_config());
  for (int i = 0; i < 10; ++i) {
    producer.send(channel, prediction(i, i % 2 == 0 ? "cat" : "dog"),
                  {.key = "key-" + std::to_string(i), .headers = {{"tenant", i < 5 ? "acme" : "umbrella"}}});
  }
  EXPECT_EQ(producer.flush(20s).delivered, 10U);
  return channel;
}

TEST(TailCommand, ShowsEachOfAHundredThousandMessagesOnce) {
  const auto channel = new_channel<Prediction>(4);
  constexpr int kCount = 100'000;
  {
    Producer producer(new_config());
    for (int i = 0; i < kCount; ++i) producer.send(channel, prediction(i), {.partition = i % 4});
    ASSERT_EQ(producer.flush(60s).delivered, static_cast<std::uint64_t>(kCount));
  }
  const CommandResult result =
      run_command_with({"tail", std::string(channel.topic()), "--type", "Prediction", "--from", "earliest"});
  EXPECT_EQ(result.code, 0) << result.errors;
  EXPECT_EQ(result.errors, "");
  std::set<std::string> frames;
  std::size_t count = 0;
  for (const std::string& line : lines_of(result.output)) {
    const auto at = line.find(" frame: ");
    if (at != line.npos) frames.insert(line.substr(at + 8, line.find(' ', at + 8) - at - 8));
    ++count;
  }
  EXPECT_EQ(count, static_cast<std::size_t>(kCount));
  EXPECT_EQ(frames.size(), static_cast<std::size_t>(kCount - 1)) << "proto3 does not show frame 0";
}

TEST(TailCommand, BeginsAndEndsWhereItIsTold) {
  const std::string topic(ten_predictions().topic());
  const auto offsets = [&](const Texts& range) {
    return texts(tailed(joined({topic, "--type", "Prediction"}, range)), "offset");
  };
  EXPECT_EQ(offsets({"--from", "earliest"}).size(), 10U);
  EXPECT_EQ(offsets({}).size(), 10U) << "the last ten";
  EXPECT_EQ(offsets({"--from", "-3"}), (Texts{"7", "8", "9"}));
  EXPECT_EQ(offsets({"--from", "4", "--to", "6"}), (Texts{"4", "5", "6"}));
  EXPECT_EQ(offsets({"--from", "latest"}), Texts{});
  EXPECT_EQ(offsets({"--from", "1h"}).size(), 10U);
  EXPECT_EQ(offsets({"--from", "earliest", "--to", "1h"}), Texts{});
  EXPECT_EQ(offsets({"--from", "2000-01-01", "--limit", "2"}), (Texts{"0", "1"}));
  EXPECT_EQ(offsets({"--from", "100"}), Texts{});
}

TEST(TailCommand, FindsTheOffsetsOfATime) {
  const std::string topic = unique_name("topic");
  create_topic(topic, 1);
  const auto now = std::chrono::system_clock::now();
  write_raw(topic, {{.value = "a", .timestamp = now - 3h},
                    {.value = "b", .timestamp = now - 2h},
                    {.value = "c", .timestamp = now - 1h}});
  EXPECT_EQ(texts(tailed({topic, "--from", "150m"}), "value"), (Texts{"b", "c"}));
  EXPECT_EQ(texts(tailed({topic, "--from", "earliest", "--to", "150m"}), "value"), (Texts{"a"}));
}

TEST(TailCommand, FiltersByKeyHeaderTraceAndFields) {
  const std::string topic(ten_predictions().topic());
  const auto frames = [&](const Texts& filter) {
    return texts(tailed(joined({topic, "--type", "Prediction", "--from", "earliest"}, filter)), "message.frame");
  };
  EXPECT_EQ(frames({"--key", "key-7"}), (Texts{"7"}));
  EXPECT_EQ(frames({"--header", "tenant=umbrella"}), (Texts{"5", "6", "7", "8", "9"}));
  EXPECT_EQ(frames({"--where", "object=dog", "--header", "tenant=acme"}), (Texts{"1", "3"}));
  EXPECT_EQ(frames({"--where", "frame=4", "--where", "model.name=egg"}), (Texts{"4"}));
  EXPECT_EQ(frames({"--where", "frame=4", "--where", "model.name=other"}), Texts{});
  const auto all = tailed({topic, "--type", "Prediction", "--from", "earliest"});
  ASSERT_EQ(all.size(), 10U);
  EXPECT_EQ(all[6].text("trace_id").size(), 32U);
  EXPECT_EQ(frames({"--trace", all[6].text("trace_id")}), (Texts{"6"}));
}

TEST(TailCommand, ReadsOnlyThePartitionsThatAreNamed) {
  const std::string topic = unique_name("topic");
  create_topic(topic, 3);
  write_raw(topic, {{.value = "a", .partition = 0}, {.value = "b", .partition = 1}, {.value = "c", .partition = 2}});
  EXPECT_EQ(texts(tailed({topic, "--partition", "1"}), "value"), (Texts{"b"}));
  const CommandResult wrong = run_command_with({"tail", topic, "--partition", "3"});
  EXPECT_EQ(wrong.code, 1);
  EXPECT_TRUE(contains(wrong.errors, "has the partitions 0 to 2, no partition 3")) << wrong.errors;
}

TEST(TailCommand, FollowsUntilInterrupted) {
  const std::string topic = unique_name("topic");
  create_topic(topic, 1);
  write_raw(topic, {{.value = "before"}});
  Child following(command_with({"tail", topic, "--json", "--follow"}));
  EXPECT_EQ(JsonLine(following.read_line(20s).value_or("")).text("value"), "before");
  write_raw(topic, {{.value = "after"}});
  EXPECT_EQ(JsonLine(following.read_line(20s).value_or("")).text("value"), "after");
  following.signal(SIGINT);
  EXPECT_EQ(following.wait(10s), 0) << following.errors();
}

TEST(TailCommand, EndsQuietlyWhereItsOutputIsClosed) {
  const std::string topic = unique_name("topic");
  create_topic(topic, 1);
  write_raw(topic, std::vector<RawRecord>(50'000, {.value = std::string(100, 'x')}));
  std::string line;
  for (const std::string& word : command_with({"tail", topic, "--from", "earliest"})) line += "'" + word + "' ";
  Child piped({"/bin/sh", "-c", line + "| head -n 1"});
  EXPECT_EQ(piped.wait(20s), 0);
  EXPECT_EQ(lines_of(piped.output()).size(), 1U);
  EXPECT_EQ(piped.errors(), "");
}

TEST(TailCommand, ShowsARecordThatCannotBeDecodedAndTombstonesAndGoesOn) {
  const auto channel = new_channel<Prediction>();
  const std::string topic(channel.topic());
  Producer producer(new_config());
  producer.send(channel, prediction(1));
  producer.flush(20s);
  write_raw(topic, {{.value = "poison\x1b[2J"}, {.key = "gone"}});
  producer.send(channel, prediction(2));
  producer.flush(20s);
  const CommandResult people = run_command_with({"tail", topic, "--type", "Prediction"});
  EXPECT_EQ(people.code, 0) << people.errors;
  const auto lines = lines_of(people.output);
  ASSERT_EQ(lines.size(), 4U) << people.output;
  EXPECT_TRUE(contains(lines[0], "frame: 1 ")) << lines[0];
  EXPECT_TRUE(contains(lines[1], "CANNOT BE DECODED: its 10 bytes are not a conveyor.v1.Prediction")) << lines[1];
  EXPECT_TRUE(contains(lines[2], " gone -  (tombstone)")) << lines[2];
  EXPECT_TRUE(contains(lines[3], "frame: 2 ")) << lines[3];
  EXPECT_TRUE(contains(people.errors, "1 of 4 records could not be decoded")) << people.errors;
  const auto json = tailed({topic, "--type", "Prediction"});
  EXPECT_TRUE(contains(json.at(1).text("error"), "are not a conveyor.v1.Prediction"));
  EXPECT_EQ(json.at(2).text("message"), "null");
  EXPECT_EQ(json.at(3).text("message.frame"), "2");
}

TEST(TailCommand, ReadsRawAndZlibValuesWhateverTheHeadersSay) {
  EXPECT_EQ(tailed({std::string(ten_predictions({.codec = Codec::kRaw}).topic()), "--type", "Prediction"}).size(), 10U);
  const std::string topic = unique_name("topic");
  create_topic(topic, 1);
  const std::string bytes = prediction(7).SerializeAsString();
  write_raw(topic, {{.value = bytes},
                    {.value = zlib_compress(bytes)},
                    {.value = bytes, .headers = {{"content-encoding", "identity"}}},
                    {.value = zlib_compress(bytes), .headers = {{"content-encoding", "deflate"}}}});
  EXPECT_EQ(texts(tailed({topic, "--type", "conveyor.v1.Prediction"}), "message.frame"), (Texts{"7", "7", "7", "7"}));
}

TEST(TailCommand, KnowsTheTypesAndChannelsOfADescriptorSet) {
  const std::string topic = unique_name("topic");
  create_topic(topic, 1);
  google::protobuf::FileDescriptorSet files;
  auto* file = files.add_file();
  file->set_name("acme.proto");
  file->set_package("acme");
  file->set_syntax("proto3");
  auto* order = file->add_message_type();
  order->set_name("Order");
  auto* item = order->add_field();
  item->set_name("item");
  item->set_number(2);
  item->set_type(google::protobuf::FieldDescriptorProto::TYPE_STRING);
  item->set_label(google::protobuf::FieldDescriptorProto::LABEL_OPTIONAL);
  const std::string path = testing::TempDir() + unique_name("acme.desc");
  std::ofstream(path, std::ios::binary) << files.SerializeAsString();
  write_raw(topic, {{.value = zlib_compress("\x12\x03"
                                            "tea")}});
  EXPECT_EQ(texts(tailed({topic, "--descriptors", path, "--type", "Order"}), "message.item"), (Texts{"tea"}));
  const CommandResult wrong = run_command_with({"tail", topic, "--descriptors", path, "--type", "Ordre"});
  EXPECT_EQ(wrong.code, 1);
  EXPECT_TRUE(contains(wrong.errors, "there is no message type Ordre; did you mean acme.Order?")) << wrong.errors;
  const CommandResult no_field =
      run_command_with({"tail", topic, "--descriptors", path, "--type", "Order", "--where", "itme=tea"});
  EXPECT_EQ(no_field.code, 1);
  EXPECT_TRUE(contains(no_field.errors, "--where: acme.Order has no field itme; did you mean item?"));
  std::filesystem::remove(path);
}

TEST(TailCommand, NamesImagesBySizeAndSavesThem) {
  const auto channel = new_channel<Image>();
  const std::string topic(channel.topic());
  Image raw;
  raw.set_width(2);
  raw.set_height(1);
  raw.set_pixel_format(v1::PIXEL_FORMAT_BGR);
  raw.set_image_data("bgrBGR");
  Image jpeg;
  jpeg.set_width(640);
  jpeg.set_height(480);
  jpeg.set_encoding(v1::IMAGE_ENCODING_JPEG);
  jpeg.set_image_data("\xff\xd8 not really\xff\xd9");
  jpeg.set_frame(5);
  Producer producer(new_config());
  producer.send(channel, raw);
  producer.send(channel, jpeg);
  ASSERT_EQ(producer.flush(20s).delivered, 2U);
  const std::string folder = testing::TempDir() + unique_name("pictures");
  const CommandResult people = run_command_with({"tail", topic, "--type", "Image", "--save", folder});
  EXPECT_TRUE(contains(people.output, "<2x1 RAW, 6 bytes>")) << people.output << people.errors;
  EXPECT_TRUE(contains(people.output, "<640x480 JPEG, 15 bytes> frame: 5 -> " + folder)) << people.output;
  const auto content = [&](const std::string& name) {
    std::ostringstream bytes;
    bytes << std::ifstream(folder + "/" + topic + name, std::ios::binary).rdbuf();
    return bytes.str();
  };
  EXPECT_EQ(content("-0-0.ppm"), "P6\n2 1\n255\nrgbRGB");
  EXPECT_EQ(content("-0-1.jpg"), jpeg.image_data());
  EXPECT_EQ(tailed({topic, "--type", "Image"}).at(0).text("message.image_data"), R"({"bytes":6})");
  EXPECT_EQ(tailed({topic, "--type", "Image", "--raw"}).at(0).text("message.image_data"), "YmdyQkdS");
  std::filesystem::remove_all(folder);
}

TEST(TailCommand, LeavesOutWhatTransactionsHaveNotCommitted) {
  const std::string topic = unique_name("topic");
  create_topic(topic, 1);
  RawTransactions transactions;
  transactions.begin();
  transactions.write(topic, {.value = "aborted"});
  transactions.abort();
  transactions.begin();
  transactions.write(topic, {.value = "committed"});
  transactions.commit();
  EXPECT_TRUE(eventually([&] { return texts(tailed({topic}), "value") == Texts{"committed"}; }));
  transactions.begin();
  transactions.write(topic, {.value = "open"});
  EXPECT_EQ(texts(tailed({topic}), "value"), Texts{"committed"}) << "it ends before an open transaction";
  transactions.abort();
}

TEST(TailCommand, FailsForATopicThatIsNotThere) {
  const std::string topic = unique_name("topic");
  create_topic(topic, 1);
  const CommandResult result = run_command_with({"tail", topic + "x"});
  EXPECT_EQ(result.code, 1);
  EXPECT_TRUE(contains(result.errors, "there is no topic " + topic + "x")) << result.errors;
  EXPECT_TRUE(contains(result.errors, "did you mean " + topic + "?")) << result.errors;
}

}  // namespace
}  // namespace conveyor::tests
