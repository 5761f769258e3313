// `conveyor send` on a real Kafka.

#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "conveyor/consumer.h"
#include "conveyor/v1/prediction.pb.h"
#include "support/broker.h"
#include "support/command.h"
#include "support/errors.h"
#include "support/raw_kafka.h"
#include "unit/cli/child.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;
using v1::Prediction;

/// Runs `conveyor send` with these lines as its standard input.
CommandResult sent(const std::string& lines, std::vector<std::string> arguments) {
  const std::string file = testing::TempDir() + unique_name("lines");
  std::ofstream(file, std::ios::binary) << lines;
  arguments.insert(arguments.begin(), "send");
  std::string line;
  for (const std::string& word : command_with(arguments)) line += "'" + word + "' ";
  Child child({"/bin/sh", "-c", line + "< '" + file + "'"});
  const int code = child.wait(100s);
  std::remove(file.c_str());
  return {code, child.output(), child.errors()};
}

std::string new_topic(int partitions = 1, const std::map<std::string, std::string>& configs = {}) {
  const std::string topic = unique_name("topic");
  create_topic(topic, partitions, configs);
  return topic;
}

TEST(SendCommand, DeliversAHundredThousandLinesInTheirOrder) {
  const std::string topic = new_topic();
  constexpr int kCount = 100'000;
  std::string lines;
  for (int i = 1; i <= kCount; ++i) lines += R"({"frame":)" + std::to_string(i) + "}\n";
  const CommandResult result = sent(lines, {topic, "--type", "Prediction"});
  EXPECT_EQ(result.code, 0) << result.errors;
  EXPECT_EQ(result.output, topic + ": 100000 delivered, 0 failed\n");
  Consumer consumer(new_config(), Channel<Prediction>::named(topic));
  int expected = 0;
  for (const auto& message : consumer) {
    ASSERT_EQ(message.value().frame(), ++expected);
    if (expected == kCount) break;
  }
}

TEST(SendCommand, EncodesAndStampsAsAServiceWould) {
  const std::string topic = new_topic();
  const CommandResult result =
      sent("{\"object\":[\"cat\"],\"model\":{\"name\":\"egg\"}}\n\n{\"frame\":\"7\"}",  // the last line has no end
           {topic, "--type", "Prediction", "--key", "k", "--header", "tenant=acme"});
  EXPECT_EQ(result.code, 0) << result.errors;
  const auto records = read_raw(topic, 1, 2);
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].key, "k");
  EXPECT_EQ(header(records[0].headers, "tenant"), "acme");
  EXPECT_EQ(header(records[0].headers, "content-encoding"), "deflate");
  Prediction prediction;
  ASSERT_TRUE(prediction.ParseFromString(zlib_uncompress(*records[0].value)));
  EXPECT_EQ(prediction.model().name(), "egg");
  EXPECT_EQ(prediction._message_data().uuid().size(), 36U);
  ASSERT_TRUE(prediction.ParseFromString(zlib_uncompress(*records[1].value)));
  EXPECT_EQ(prediction.frame(), 7);
}

TEST(SendCommand, TakesKeysFromAFieldAndLeavesOutCompression) {
  const std::string topic = new_topic();
  EXPECT_EQ(sent("{\"frame\":7}\n", {topic, "--type", "Prediction", "--key-field", "frame", "--raw-codec"}).code, 0);
  const auto records = read_raw(topic, 1, 1);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].key, "7");
  Prediction prediction;
  ASSERT_TRUE(prediction.ParseFromString(*records[0].value));
  EXPECT_EQ(prediction.frame(), 7);
}

TEST(SendCommand, StopsAtALineThatDoesNotFitAndNamesLineAndField) {
  const std::string topic = new_topic();
  const std::string lines = "{\"frame\":1}\n{\"frame\":\"x\"}\n{\"frame\":3}\n";
  const CommandResult result = sent(lines, {topic, "--type", "Prediction"});
  EXPECT_EQ(result.code, 1);
  EXPECT_EQ(result.output, topic + ": 1 delivered, 1 failed\n");
  EXPECT_TRUE(contains(result.errors, "conveyor: line 2: ")) << result.errors;
  EXPECT_TRUE(contains(result.errors, "frame")) << result.errors;
  EXPECT_EQ(read_raw(topic, 1, 2, 2s).size(), 1U);
}

TEST(SendCommand, GoesOnIfAsked) {
  const std::string topic = new_topic();
  const CommandResult result =
      sent("{\"frame\":1}\nnonsense\n{\"nope\":2}\n{\"frame\":3}\n", {topic, "--type", "Prediction", "--keep-going"});
  EXPECT_EQ(result.code, 1);
  EXPECT_EQ(result.output, topic + ": 2 delivered, 2 failed\n");
  EXPECT_TRUE(contains(result.errors, "conveyor: line 2: ")) << result.errors;
  EXPECT_TRUE(contains(result.errors, "conveyor: line 3: it is no conveyor.v1.Prediction: nope")) << result.errors;
  EXPECT_EQ(read_raw(topic, 1, 2).size(), 2U);
}

TEST(SendCommand, CountsWhatTheBrokersRefuse) {
  const std::string topic = new_topic(1, {{"max.message.bytes", "1000"}});
  const CommandResult result =
      sent(R"({"preprocess":")" + std::string(5'000, 'x') + "\"}\n", {topic, "--type", "Prediction", "--raw-codec"});
  EXPECT_EQ(result.code, 1);
  EXPECT_EQ(result.output, topic + ": 0 delivered, 1 failed\n");
  EXPECT_TRUE(contains(result.errors, "conveyor: line 1: ")) << result.errors;
  EXPECT_TRUE(contains(result.errors, "max.message.bytes")) << result.errors;
}

TEST(SendCommand, SendsALineAtOnceThoughMoreMayCome) {
  const std::string topic = new_topic();
  std::string line;
  for (const std::string& word : command_with({"send", topic, "--type", "Prediction"})) line += "'" + word + "' ";
  // The pipe stays open behind the only line.
  Child sending({"/bin/sh", "-c", "{ echo '{\"frame\":1}'; cat; } | exec " + line});
  EXPECT_EQ(read_raw(topic, 1, 1).size(), 1U) << sending.errors();
  sending.close_input();
  EXPECT_EQ(sending.wait(20s), 0) << sending.errors();
  EXPECT_EQ(sending.output(), topic + ": 1 delivered, 0 failed\n");
}

TEST(SendCommand, NeedsATypeThatItKnows) {
  const std::string topic = new_topic();
  const CommandResult none = sent("{}\n", {topic});
  EXPECT_EQ(none.code, 1);
  EXPECT_TRUE(contains(none.errors, "no message type is known for topic " + topic + ": name one with --type"));
  const CommandResult wrong = sent("{}\n", {topic, "--type", "Predictoin"});
  EXPECT_EQ(wrong.code, 1);
  EXPECT_TRUE(contains(wrong.errors, "there is no message type Predictoin; did you mean conveyor.v1.Prediction?"))
      << wrong.errors;
  const CommandResult field = sent("{}\n", {topic, "--type", "Prediction", "--key-field", "frmae"});
  EXPECT_TRUE(contains(field.errors, "conveyor.v1.Prediction has no field frmae; did you mean frame?")) << field.errors;
}

TEST(SendCommand, TakesWhatTailPrints) {
  const std::string topic = new_topic();
  EXPECT_EQ(sent("{\"object\":[\"cat\"],\"frame\":7}\n", {topic, "--type", "Prediction"}).code, 0);
  const CommandResult tail = run_command_with({"tail", topic, "--type", "Prediction", "--json", "--raw"});
  const std::string copy = new_topic();
  EXPECT_EQ(sent(json_lines(tail.output).at(0).text("message"), {copy, "--type", "Prediction"}).code, 0);
  const auto again = json_lines(run_command_with({"tail", copy, "--type", "Prediction", "--json"}).output);
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].text("message.frame"), "7");
}

}  // namespace
}  // namespace conveyor::tests
