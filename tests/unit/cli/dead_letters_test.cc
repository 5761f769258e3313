#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/wrappers.pb.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "conveyor/producer.h"
#include "conveyor/testing/embedded_broker.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/options.pb.h"
#include "unit/cli/child.h"

namespace conveyor {
namespace {

using namespace std::chrono_literals;
using v1::Image;

struct Result {
  int code = -1;
  std::string output = {};
  std::string errors = {};
};

bool has(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

std::string lines_of(const std::string& text, std::size_t first, std::size_t count) {
  std::istringstream lines(text);
  std::string found;
  std::string line;
  for (std::size_t i = 0; std::getline(lines, line); ++i) {
    if (i >= first && i < first + count) found += line + "\n";
  }
  return found;
}

class DeadLettersCommand : public ::testing::Test {
 protected:
  static std::vector<std::string> command(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {CONVEYOR_COMMAND, "dead-letters"});
    return arguments;
  }
  Result run(std::vector<std::string> arguments, bool with_broker = true) {
    if (with_broker) arguments.insert(arguments.end(), {"--bootstrap-servers", broker_.bootstrap_servers()});
    Child child(command(std::move(arguments)));
    const int code = child.wait(60s);
    return {code, child.output(), child.errors()};
  }

  /// Three dead letters of two partitions, and at offset 2 of the first a record that is none.
  void poison() {
    write(0, {{"conveyor-dlt-topic", "orders"},
              {"conveyor-dlt-partition", "1"},
              {"conveyor-dlt-offset", "42"},
              {"conveyor-dlt-stage", "decode"},
              {"conveyor-dlt-error", "not a zlib stream\x1b[2J"}});
    write(0, {{"tenant", "acme"},
              {"conveyor-dlt-topic", "orders"},
              {"conveyor-dlt-partition", "1"},
              {"conveyor-dlt-offset", "43"},
              {"conveyor-dlt-timestamp", "1767225600250"},
              {"conveyor-dlt-group", "kitchen"},
              {"conveyor-dlt-service", "cook"},
              {"conveyor-dlt-attempts", "5"},
              {"conveyor-dlt-stage", "handler"},
              {"conveyor-dlt-error", "the oven is cold"}});
    write(0, {});
    write(1, {{"conveyor-dlt-topic", "invoices"},
              {"conveyor-dlt-partition", "0"},
              {"conveyor-dlt-offset", "7"},
              {"conveyor-dlt-stage", "handler"}});
    ASSERT_EQ(producer_.flush(20s).delivered, 4U);
  }
  void write(int partition, std::vector<Header> headers) {
    google::protobuf::StringValue value;  // without metadata, so that the bytes are these alone
    value.set_value("frame");
    producer_.send(Channel<google::protobuf::StringValue>{"orders-dlt", {.codec = Codec::kRaw}}, value,
                   {.key = "table-7", .headers = std::move(headers), .partition = partition});
  }
  /// What lies in a topic that has two partitions: the offset that its next record gets.
  std::int64_t length_of(const Channel<Image>& channel, int partition) {
    std::int64_t offset = -1;
    producer_.send(channel, {}, {.partition = partition}, [&](const Delivery& delivery) { offset = delivery.offset; });
    producer_.flush(20s);
    return offset;
  }

  testing::EmbeddedBroker broker_{{.topics = {{"orders", 2}, {"orders-dlt", 2}, {"invoices", 2}, {"empty-dlt", 1}}}};
  Producer producer_{broker_.config()};
};

constexpr Channel<Image> kOrders{"orders"};
constexpr Channel<Image> kInvoices{"invoices"};

TEST_F(DeadLettersCommand, HelpShowsExamplesAndExitCodes) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"--help"}, {"list", "--help"}, {"show", "--help"}, {"replay", "--help"}}) {
    const Result help = run(arguments, false);
    EXPECT_EQ(help.code, 0) << help.errors;
    EXPECT_TRUE(has(help.output, "Examples:\n  conveyor dead-letters ")) << help.output;
    EXPECT_TRUE(has(help.output, "Exit codes:")) << help.output;
  }
}

TEST_F(DeadLettersCommand, AnswersTwoToAWrongCommandLine) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{},
                                                    {"list"},
                                                    {"list", "orders-dlt/x"},
                                                    {"list", "orders-dlt/0/5..3"},
                                                    {"list", "orders-dlt/0/"},
                                                    {"list", "orders-dlt", "--stage", "sleep"},
                                                    {"list", "orders-dlt", "--since", "yesterday"},
                                                    {"list", "orders-dlt", "--limit", "-1"},
                                                    {"show", "orders-dlt"},
                                                    {"show", "orders-dlt/0/1..2"},
                                                    {"show", "orders-dlt/0/1", "orders-dlt/0/2"},
                                                    {"replay"}}) {
    const Result wrong = run(arguments, false);
    EXPECT_EQ(wrong.code, 2) << wrong.output << wrong.errors;
    EXPECT_FALSE(wrong.errors.empty());
  }
}

TEST_F(DeadLettersCommand, ListsOneALineAndNamesWhatIsNone) {
  poison();
  const Result list = run({"list", "orders-dlt"});
  EXPECT_EQ(list.code, 0) << list.errors;
  EXPECT_EQ(std::ranges::count(list.output, '\n'), 4) << list.output;
  EXPECT_TRUE(has(lines_of(list.output, 0, 1), "TIME ")) << list.output;
  EXPECT_TRUE(has(lines_of(list.output, 1, 1), "decode ")) << list.output;
  EXPECT_TRUE(has(lines_of(list.output, 1, 1), "not a zlib stream\\x1b[2J")) << list.output;
  EXPECT_TRUE(has(lines_of(list.output, 2, 1), "  handler      5  orders-dlt/0/1       orders/1/43 ")) << list.output;
  EXPECT_TRUE(has(lines_of(list.output, 3, 1), "orders-dlt/1/0 ")) << list.output;
  EXPECT_TRUE(has(list.errors, "orders-dlt/0/2: not a dead letter")) << list.errors;
  EXPECT_EQ(std::ranges::count(list.errors, '\n'), 1) << list.errors;  // nothing of the Kafka client
}

TEST_F(DeadLettersCommand, ListsJsonLines) {
  poison();
  const Result list = run({"list", "orders-dlt/0/1", "--json"});
  EXPECT_EQ(list.code, 0) << list.errors;
  const std::string time = R"("time":")";
  const std::string part = list.output.substr(0, list.output.find(time)) +
                           list.output.substr(std::min(list.output.size(), list.output.find("\"origin\"")));
  EXPECT_EQ(part,
            R"({"topic":"orders-dlt","partition":0,"offset":1,"origin":{"topic":"orders","partition":1,"offset":43,)"
            R"("time":"2026-01-01T00:00:00.250Z","group":"kitchen"},"stage":"handler","attempts":5,"service":"cook",)"
            R"("error":"the oven is cold","key":"table-7","value_bytes":7})"
            "\n");
}

TEST_F(DeadLettersCommand, FiltersByTopicStageTimeAndPlace) {
  poison();
  const auto count = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"list", "--json"});
    const Result list = run(std::move(arguments));
    EXPECT_EQ(list.code, 0) << list.errors;
    return std::ranges::count(list.output, '\n');
  };
  EXPECT_EQ(count({"orders-dlt", "--topic", "invoices"}), 1);
  EXPECT_EQ(count({"orders-dlt", "--topic", "invoices", "--topic", "orders"}), 3);
  EXPECT_EQ(count({"orders-dlt", "--stage", "handler"}), 2);
  EXPECT_EQ(count({"orders-dlt", "--stage", "handler", "--stage", "decode"}), 3);
  EXPECT_EQ(count({"orders-dlt", "--since", "1h"}), 3);
  EXPECT_EQ(count({"orders-dlt", "--until", "1h"}), 0);
  EXPECT_EQ(count({"orders-dlt", "--since", "2026-01-01", "--until", "2026-01-02T00:00:00Z"}), 0);
  EXPECT_EQ(count({"orders-dlt/0"}), 2);
  EXPECT_EQ(count({"orders-dlt/0/1..9"}), 1);
  EXPECT_EQ(count({"orders-dlt/1", "orders-dlt/0/0"}), 2);
  EXPECT_EQ(count({"orders-dlt", "--limit", "2"}), 2);
}

TEST_F(DeadLettersCommand, SaysThatThereAreNone) {
  const Result list = run({"list", "empty-dlt"});
  EXPECT_EQ(list.code, 0);
  EXPECT_EQ(list.output, "");
  EXPECT_TRUE(has(list.errors, "no dead letters\n")) << list.errors;
}

TEST_F(DeadLettersCommand, SaysInOneLineThatATopicHoldsOtherRecords) {
  for (int i = 0; i < 5; ++i) producer_.send(kOrders, {}, {.partition = i % 2});
  ASSERT_EQ(producer_.flush(20s).delivered, 5U);
  const Result list = run({"list", "orders"});
  EXPECT_EQ(list.code, 1);
  EXPECT_EQ(list.output, "");
  EXPECT_TRUE(has(list.errors, "orders: 5 records, none of them a dead letter; did you mean orders-dlt?\n"))
      << list.errors;
  EXPECT_FALSE(has(list.errors, "conveyor-dlt-topic")) << list.errors;
}

TEST_F(DeadLettersCommand, ShowsOneWithHeadersAndTheBeginOfItsValue) {
  poison();
  const Result show = run({"show", "orders-dlt/0/1", "--bytes", "4"});
  EXPECT_EQ(show.code, 0) << show.errors;
  EXPECT_EQ(lines_of(show.output, 2, 20),
            "stage     handler\n"
            "error     the oven is cold\n"
            "attempts  5\n"
            "from      orders/1/43\n"
            "sent      2026-01-01T00:00:00.250Z\n"
            "group     kitchen\n"
            "service   cook\n"
            "header    tenant = acme\n"
            "key       tabl...  (7 bytes, the first 4)\n"
            "value     (7 bytes, the first 4)\n"
            "00000000  0a 05 66 72 " +
                std::string(36, ' ') + " |..fr|\n");
  EXPECT_EQ(run({"show", "orders-dlt/0/1", "--value"}).output,
            "\x0a\x05"
            "frame");
}

TEST_F(DeadLettersCommand, ShowsTheMessageThatACompressedValueHolds) {
  google::protobuf::StringValue note;
  note.set_value("table 7 \x1b[2J waits");
  producer_.send(Channel<google::protobuf::StringValue>{"orders-dlt"}, note,
                 {.headers = {{"conveyor-dlt-topic", "orders"},
                              {"conveyor-dlt-partition", "0"},
                              {"conveyor-dlt-offset", "1"},
                              {"conveyor-dlt-stage", "handler"}},
                  .partition = 0});
  ASSERT_EQ(producer_.flush(20s).delivered, 1U);
  const Result show = run({"show", "orders-dlt/0/0"});
  EXPECT_TRUE(has(show.output, "value     (20 bytes, inflated from ")) << show.output;
  EXPECT_TRUE(has(show.output, "|..table 7 .[2J w|")) << show.output;

  google::protobuf::FileDescriptorSet files;
  auto* file = files.add_file();
  file->set_name("acme.proto");
  file->set_syntax("proto3");
  file->set_package("acme");
  auto* type = file->add_message_type();
  type->set_name("Note");
  type->mutable_options()->MutableExtension(v1::channel)->set_topic("orders");
  auto* field = type->add_field();
  field->set_name("note_text");
  field->set_number(1);
  field->set_type(google::protobuf::FieldDescriptorProto::TYPE_STRING);
  const std::string path = std::filesystem::temp_directory_path() / ("conveyor_show." + std::to_string(getpid()));
  std::ofstream(path, std::ios::binary) << files.SerializeAsString();
  const Result json = run({"show", "orders-dlt/0/0", "--descriptors", path});
  EXPECT_EQ(json.code, 0) << json.errors;
  EXPECT_TRUE(has(json.output, R"("note_text": "table 7 \u001b[2J waits")")) << json.output;

  type->mutable_options()->MutableExtension(v1::channel)->set_topic("order");
  std::ofstream(path, std::ios::binary) << files.SerializeAsString();
  const Result unknown = run({"show", "orders-dlt/0/0", "--descriptors", path});
  std::filesystem::remove(path);
  EXPECT_EQ(unknown.code, 1);
  EXPECT_TRUE(has(unknown.output, "|..table 7")) << "its bytes all the same: " << unknown.output;
  EXPECT_TRUE(has(unknown.errors, "no descriptor set declares a channel of topic orders; did you mean order?"))
      << unknown.errors;
}

TEST_F(DeadLettersCommand, SaysWhenThereIsNothingToShow) {
  poison();
  const Result nothing = run({"show", "orders-dlt/0/99"});
  EXPECT_EQ(nothing.code, 1);
  EXPECT_TRUE(has(nothing.errors, "there is no record at orders-dlt/0/99")) << nothing.errors;
  const Result foreign = run({"show", "orders-dlt/0/2"});
  EXPECT_EQ(foreign.code, 1);
  EXPECT_TRUE(has(foreign.errors, "not a dead letter")) << foreign.errors;
}

TEST_F(DeadLettersCommand, ReplaysEachToWhereItCameFrom) {
  poison();
  const Result replay = run({"replay", "orders-dlt"});
  EXPECT_EQ(replay.code, 0) << replay.errors;
  EXPECT_EQ(replay.output, "orders-dlt: 3 sent, 0 failed, 1 are no dead letters\n");
  EXPECT_TRUE(has(replay.errors, "orders-dlt/0/2: not a dead letter")) << replay.errors;
  EXPECT_EQ(length_of(kOrders, 0), 0);
  EXPECT_EQ(length_of(kOrders, 1), 2);
  EXPECT_EQ(length_of(kInvoices, 0), 1);
}

TEST_F(DeadLettersCommand, ADryRunSaysWhatWouldBeSentAndSendsNothing) {
  poison();
  const Result replay = run({"replay", "orders-dlt", "--dry-run", "--topic", "orders"});
  EXPECT_EQ(replay.code, 0) << replay.errors;
  EXPECT_EQ(replay.output,
            "orders-dlt/0/0 -> orders/1/42\n"
            "orders-dlt/0/1 -> orders/1/43\n"
            "orders-dlt: 2 would be sent, 0 would fail, 1 are no dead letters\n");
  EXPECT_EQ(length_of(kOrders, 1), 0);
}

TEST_F(DeadLettersCommand, ReplaysOneAlone) {
  poison();
  EXPECT_EQ(run({"replay", "orders-dlt/0/1"}).output, "orders-dlt: 1 sent, 0 failed, 0 are no dead letters\n");
  EXPECT_EQ(length_of(kOrders, 1), 1);
}

TEST_F(DeadLettersCommand, AnswersOneWhenSomeCannotBeSent) {
  poison();
  write(1, {{"conveyor-dlt-topic", "nowhere"}, {"conveyor-dlt-partition", "0"}, {"conveyor-dlt-offset", "1"}});
  producer_.flush(20s);
  const Result replay = run({"replay", "orders-dlt/1"});
  EXPECT_EQ(replay.code, 1);
  EXPECT_EQ(replay.output, "orders-dlt: 1 sent, 1 failed, 0 are no dead letters\n");
  EXPECT_TRUE(has(replay.errors, "orders-dlt/1/1: topic nowhere")) << replay.errors;
}

TEST_F(DeadLettersCommand, AnswersOneForATopicThatDoesNotExist) {
  for (const char* what : {"list", "replay"}) {
    const Result missing = run({what, "missing-dlt"});
    EXPECT_EQ(missing.code, 1);
    EXPECT_TRUE(has(missing.errors, "topic missing-dlt does not exist")) << missing.errors;
  }
}

TEST_F(DeadLettersCommand, NamesWhatIsAllowed) {
  const Result stage = run({"list", "orders-dlt", "--stage", "handling"}, false);
  EXPECT_EQ(stage.code, 2);
  EXPECT_TRUE(has(stage.errors, "handling: expected decode, handler or crash")) << stage.errors;
  for (const std::vector<std::string>& filter : {std::vector<std::string>{"orders-dlt", "--stage", "handler"},
                                                 {"orders-dlt", "--since", "2h"},
                                                 {"orders-dlt/0/1"}}) {
    std::vector<std::string> arguments{"replay", "--group", "orders-replay"};
    arguments.insert(arguments.end(), filter.begin(), filter.end());
    const Result group = run(arguments, false);
    EXPECT_EQ(group.code, 2);
    EXPECT_TRUE(has(group.errors, "--group: dead letters that a filter other than --limit and a partition leaves out"))
        << group.errors;
  }
}

TEST_F(DeadLettersCommand, WaitsAsLongAsItIsToldAndNamesItsOptions) {
  const auto began = std::chrono::steady_clock::now();
  const Result list = run({"list", "orders-dlt", "--bootstrap-servers", "127.0.0.1:1", "--wait", "1"}, false);
  EXPECT_EQ(list.code, 1);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 8s);
  EXPECT_TRUE(has(list.errors, "check --bootstrap-servers")) << list.errors;
  EXPECT_FALSE(has(list.errors, "Config::")) << list.errors;
}

TEST_F(DeadLettersCommand, ReadsTheSettingsFile) {
  const std::string path = std::filesystem::temp_directory_path() / ("conveyor_letters." + std::to_string(getpid()));
  std::ofstream(path) << "bootstrap.servers=" << broker_.bootstrap_servers() << "\n";
  const Result list = run({"list", "empty-dlt", "--config", path}, false);
  std::filesystem::remove(path);
  EXPECT_EQ(list.code, 0) << list.errors;
  EXPECT_TRUE(has(list.errors, "no dead letters\n")) << list.errors;
}

TEST_F(DeadLettersCommand, EndsSoonWhenInterrupted) {
  for (const char* what : {"list", "replay"}) {
    Child child(command({what, "orders-dlt", "--bootstrap-servers", "127.0.0.1:1"}));
    // The client's complaint says that signals are listened to.
    for (const auto deadline = std::chrono::steady_clock::now() + 20s;
         child.errors().empty() && std::chrono::steady_clock::now() < deadline;) {
      child.read_line(100ms);
    }
    child.signal(SIGINT);
    EXPECT_EQ(child.wait(15s), 1) << child.errors();
    EXPECT_TRUE(has(child.errors(), "interrupted")) << child.errors();
  }
}

TEST_F(DeadLettersCommand, DoesWhatTheReadmeShows) {
  poison();
  const std::string folder = std::filesystem::path(CONVEYOR_COMMAND).parent_path();
  const Result shown = [&] {
    Child child({"/usr/bin/env", "PATH=" + folder + ":/usr/bin:/bin",
                 "CONVEYOR_BOOTSTRAP_SERVERS=" + broker_.bootstrap_servers(), "sh", CONVEYOR_DEAD_LETTERS_SCRIPT});
    const int code = child.wait(60s);
    return Result{code, child.output(), child.errors()};
  }();
  EXPECT_EQ(shown.code, 0) << shown.errors;
  EXPECT_TRUE(has(shown.output, "orders-dlt: 2 would be sent")) << shown.output;
  EXPECT_TRUE(has(shown.output, "orders-dlt: 3 sent")) << shown.output;
  EXPECT_EQ(run({"replay", "orders-dlt", "--group", "orders-replay"}).output,
            "orders-dlt: 0 sent, 0 failed, 0 are no dead letters\n");
}

}  // namespace
}  // namespace conveyor
