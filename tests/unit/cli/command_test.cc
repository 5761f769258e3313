#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "conveyor/producer.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/options.pb.h"
#include "unit/cli/child.h"

namespace conveyor {
namespace {

using namespace std::chrono_literals;

struct Result {
  int code = -1;
  std::string output = {};
  std::string errors = {};
};

std::vector<std::string> command(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), CONVEYOR_COMMAND);
  return arguments;
}

Result run(const std::vector<std::string>& arguments) {
  Child child(command(arguments));
  const int code = child.wait(30s);
  return {code, child.output(), child.errors()};
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

// @return HOST:PORT of the line that a broker prints
std::string bootstrap_of(Child& broker) {
  const std::string line = broker.read_line(30s).value_or("");
  const std::string name = "bootstrap=";
  EXPECT_EQ(line.substr(0, name.size()), name) << broker.errors();
  return line.substr(std::min(line.size(), name.size()));
}

TEST(Command, HelpShowsExamplesAndExitCodes) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"--help"},
                                                    {"broker", "--help"},
                                                    {"channels", "--help"},
                                                    {"lag", "--help"},
                                                    {"topics", "--help"}}) {
    const Result help = run(arguments);
    EXPECT_EQ(help.code, 0) << help.errors;
    EXPECT_TRUE(has(help.output, "Examples:\n  conveyor ")) << help.output;
    EXPECT_TRUE(has(help.output, "Exit codes:")) << help.output;
  }
}

TEST(Command, HelpListsEveryCommand) {
  const std::string help = run({"--help"}).output;
  for (const char* name : {"\n  broker ", "\n  channels ", "\n  classifier ", "\n  dead-letters ", "\n  lag ",
                           "\n  tail ", "\n  topics "}) {
    EXPECT_TRUE(has(help, name)) << name << " in " << help;
  }
}

TEST(Command, SaysThatItHasNoClassifiersWhereTheirProgramIsMissing) {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("conveyor_command_alone." + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  std::filesystem::copy_file(CONVEYOR_COMMAND, folder / "conveyor");
  Child child({(folder / "conveyor").string(), "classifier", "list"});
  EXPECT_EQ(child.wait(30s), 1);
  EXPECT_TRUE(has(child.errors(), "conveyor: this installation has no classifiers: there is neither " +
                                      (folder / "conveyor-classifier").string()))
      << child.errors();
  EXPECT_TRUE(has(child.errors(), "CONVEYOR_VISION=ON")) << child.errors();
  std::filesystem::remove_all(folder);
}

TEST(Command, SaysItsVersion) { EXPECT_EQ(run({"--version"}).output.substr(0, 9), "conveyor "); }

TEST(Command, AnswersTwoToAWrongCommandLine) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{},
                                                    {"nothing"},
                                                    {"--nothing"},
                                                    {"channels"},
                                                    {"broker", "--brokers", "0"},
                                                    {"broker", "--topic", "orders:none"},
                                                    {"broker", "--topic", "orders", "invoices"},
                                                    {"lag", "--watch", "0"},
                                                    {"lag", "--watch", "often"},
                                                    {"lag", "kitchen"},
                                                    {"send"},
                                                    {"send", "orders", "--key", "a", "--key-field", "b"},
                                                    {"tail"},
                                                    {"tail", "orders", "--from", "yesterday"},
                                                    {"tail", "orders", "--header", "tenant"},
                                                    {"tail", "orders", "--trace", "7"},
                                                    {"tail", "orders", "--partition", "-1"}}) {
    const Result wrong = run(arguments);
    EXPECT_EQ(wrong.code, 2) << wrong.output;
    EXPECT_FALSE(wrong.errors.empty());
  }
}

TEST(Command, NamesAWordThatIsNoCommandAndWhatWasMeant) {
  const Result wrong = run({"chanels", "x.desc"});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_TRUE(has(wrong.errors, "unknown command chanels; did you mean channels? The commands are broker, channels"))
      << wrong.errors;
}

TEST(BrokerCommand, SaysHowManyPartitionsATopicMayHave) {
  for (const char* topic : {"a:0", "a:1001", "a:99999999999999999999"}) {
    const Result wrong = run({"broker", "--topic", topic});
    EXPECT_EQ(wrong.code, 2);
    EXPECT_TRUE(has(wrong.errors, "the number of partitions must be 1 to 1000")) << wrong.errors;
  }
  EXPECT_TRUE(has(run({"broker", "--topic", "a:"}).errors, "expected NAME or NAME:PARTITIONS"));
}

TEST(BrokerCommand, IsReachedByAnotherProcessAndStopsOnSigterm) {
  Child broker(command({"broker", "--topic", "frames:2"}));
  const std::string servers = bootstrap_of(broker);
  EXPECT_EQ(servers.rfind("127.0.0.1:", 0), 0U) << servers;
  {
    Producer producer{{.bootstrap_servers = servers}};
    producer.send(Channel<v1::Image>{"frames"}, {}, {.partition = 1});
    EXPECT_EQ(producer.flush(10s).delivered, 1U);
  }
  broker.signal(SIGTERM);
  EXPECT_EQ(broker.wait(5s), 0) << broker.errors();
  EXPECT_EQ(broker.errors(), "");
}

TEST(BrokerCommand, StopsOnSigintThoughAClientIsConnected) {
  Child broker(command({"broker"}));
  Producer producer{{.bootstrap_servers = bootstrap_of(broker)}, {.close_timeout = 0ms}};
  producer.wait_until_connected(10s);
  broker.signal(SIGINT);
  EXPECT_EQ(broker.wait(5s), 0) << broker.errors();
}

TEST(BrokerCommand, StopsWhenItsInputEndsIfAsked) {
  Child broker(command({"broker", "--until-stdin-closes"}));
  bootstrap_of(broker);
  broker.close_input();
  EXPECT_EQ(broker.wait(5s), 0) << broker.errors();
}

TEST(BrokerCommand, SaysWhenItThrowsRecordsAway) {
  Child broker(command({"broker", "--topic", "frames:1", "--until-stdin-closes"}));
  Producer producer{{.bootstrap_servers = bootstrap_of(broker)}};
  v1::Image image;
  image.set_image_data(std::string(900'000, 'x'));
  for (int i = 0; i < 10; ++i) producer.send(Channel<v1::Image>{"frames", {.codec = Codec::kRaw}}, image);
  EXPECT_EQ(producer.flush(10s).delivered, 10U);
  for (const auto deadline = std::chrono::steady_clock::now() + 10s;
       !has(broker.errors(), "topic frames, partition 0") && std::chrono::steady_clock::now() < deadline;) {
    broker.read_line(100ms);
  }
  EXPECT_TRUE(has(broker.errors(), "topic frames, partition 0")) << broker.errors();
}

TEST(BrokerCommand, RefusesATopicThatCannotBe) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"broker", "--topic", "no spaces"}, {"broker", "--topic", "a", "--topic", "a:2"}}) {
    const Result refused = run(arguments);
    EXPECT_EQ(refused.code, 1);
    EXPECT_TRUE(has(refused.errors, "topic")) << refused.errors;
  }
}

class ChannelsCommand : public ::testing::Test {
 protected:
  ChannelsCommand() {
    google::protobuf::FileDescriptorSet files;
    auto* file = files.add_file();
    file->set_package("acme");
    add(file, "Scan", "scans", v1::CHANNEL_CODEC_RAW);
    add(file, "LongNamedOrder", "orders", v1::CHANNEL_CODEC_ZLIB);
    std::ofstream(path_, std::ios::binary) << files.SerializeAsString();
  }
  ~ChannelsCommand() override { std::filesystem::remove(path_); }

  static void add(google::protobuf::FileDescriptorProto* file, const char* type, const char* topic,
                  v1::ChannelCodec codec) {
    auto* message = file->add_message_type();
    message->set_name(type);
    auto* channel = message->mutable_options()->MutableExtension(v1::channel);
    channel->set_topic(topic);
    channel->set_codec(codec);
  }

  std::string path_ = std::filesystem::temp_directory_path() / ("conveyor_command_test." + std::to_string(getpid()));
};

TEST_F(ChannelsCommand, ListsAnAlignedTable) {
  const Result list = run({"channels", path_});
  EXPECT_EQ(list.code, 0) << list.errors;
  EXPECT_EQ(list.output,
            "TOPIC   TYPE                 CODEC  LEVEL\n"
            "orders  acme.LongNamedOrder  zlib   1\n"
            "scans   acme.Scan            raw    -\n");
}

TEST_F(ChannelsCommand, ListsJsonLines) {
  EXPECT_EQ(run({"channels", "--json", path_}).output,
            R"({"topic":"orders","type":"acme.LongNamedOrder","codec":"zlib","level":1})"
            "\n"
            R"({"topic":"scans","type":"acme.Scan","codec":"raw"})"
            "\n");
}

TEST_F(ChannelsCommand, FailsWhereItsOutputCannotBeWritten) {
  Child child({"/bin/sh", "-c", std::string(CONVEYOR_COMMAND) + " channels '" + path_ + "' >/dev/full"});
  EXPECT_EQ(child.wait(30s), 1);
  EXPECT_EQ(child.errors(), "conveyor: writing to standard output failed: No space left on device\n");
}

TEST_F(ChannelsCommand, NamesAFileItCannotRead) {
  const Result missing = run({"channels", path_, "/nowhere/acme.desc"});
  EXPECT_EQ(missing.code, 1);
  EXPECT_TRUE(has(missing.errors, "/nowhere/acme.desc")) << missing.errors;
}

}  // namespace
}  // namespace conveyor
