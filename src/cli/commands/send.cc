#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/json_util.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/edit_distance.h"
#include "base/printable.h"
#include "cli/command.h"
#include "cli/commands/record_filter.h"
#include "cli/connection.h"
#include "cli/line_reader.h"
#include "cli/message_types.h"
#include "conveyor/channel.h"
#include "conveyor/error.h"
#include "conveyor/stop.h"
#include "produce/untyped_producer.h"

namespace conveyor::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using std::chrono::milliseconds;

constexpr std::size_t kLongestText = 500;
constexpr std::size_t kMostErrors = 20;  // that are printed
constexpr milliseconds kFlushSlice{100};
constexpr std::size_t kLongestLine = std::size_t{256} << 20;

constexpr const char* kFooter =
    "Reads one JSON object a line from standard input, in protobuf's JSON mapping: fields as declared or in\n"
    "lowerCamelCase, bytes in Base64. Each becomes one message, encoded and stamped as a service would.\n"
    "Empty lines are skipped. At the first line that does not fit, or record that is not delivered, it\n"
    "stops; what came before was sent.\n"
    "\n"
    "Exit codes: 0 all were delivered, 1 some were not, or it was interrupted; standard error says which\n"
    "and why, 2 the command line is wrong.\n"
    "\n"
    "Examples:\n"
    "  echo '{\"object\":[\"cat\"],\"frame\":7}' | conveyor send Predictions\n"
    "  conveyor send orders --descriptors build/acme.desc --key-field customer < orders.jsonl\n"
    "  conveyor tail orders --json --raw --descriptors build/acme.desc | jq -c .message |\n"
    "      conveyor send orders-copy --type Order --descriptors build/acme.desc";

struct Options {
  Connection connection = {};
  std::string topic = {};
  std::string type = {};
  std::vector<std::string> descriptors = {};
  std::string key_field = {};
  std::optional<std::string> key = {};
  std::vector<std::string> headers = {};
  bool raw_codec = false;
  bool keep_going = false;
  int wait_seconds = 30;
};

/// What failed, counted and printed as it happens. Its functions may be called from any thread.
class Failures {
 public:
  void add(std::uint64_t line, std::string_view why) {
    const std::uint64_t before = count_.fetch_add(1);
    if (before > kMostErrors) return;
    const std::lock_guard lock{mutex_};
    if (before == kMostErrors) {
      fmt::print(stderr, "conveyor: further errors are only counted\n");
    } else {
      fmt::print(stderr, "conveyor: line {}: {}\n", line, printable(why, kLongestText));
    }
  }
  [[nodiscard]] std::uint64_t count() const { return count_.load(); }

 private:
  std::atomic<std::uint64_t> count_{0};
  std::mutex mutex_;
};

/// A key from one field of each message.
class KeyField {
 public:
  /// @throws Error for a field that the type does not have, or that is no key
  KeyField(const google::protobuf::Descriptor& type, const std::string& name) : field_(type.FindFieldByName(name)) {
    if (field_ == nullptr) {
      std::vector<std::string> names;
      for (int i = 0; i < type.field_count(); ++i) names.push_back(type.field(i)->name());
      throw Error(errc::invalid_config,
                  fmt::format("--key-field: {} has no field {}{}", type.full_name(), name,
                              names.empty() ? "" : fmt::format("; did you mean {}?", closest(name, names))));
    }
    if (field_->is_repeated() || field_->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      throw Error(errc::invalid_config, fmt::format("--key-field: {} has no single value", name));
    }
  }

  [[nodiscard]] std::string of(const Message& message) const {
    if (field_->cpp_type() == FieldDescriptor::CPPTYPE_STRING)
      return message.GetReflection()->GetString(message, field_);
    std::string text;
    google::protobuf::TextFormat::PrintFieldValueToString(message, field_, -1, &text);
    return text;
  }

 private:
  const FieldDescriptor* field_;
};

/// One run of the command.
class Sender {
 public:
  Sender(const Config& config, const Options& options, std::stop_token stop)
      : options_(options),
        stop_(std::move(stop)),
        topic_(conveyor::detail::intern_topic(options.topic, {})),
        types_(options.descriptors),
        producer_(as_named(config), producer_options(options)) {
    choose_type(config);
    for (const std::string& text : options.headers) {
      const auto header = *parse_name_and_value(text);
      headers_.push_back({header.first, header.second});
    }
    producer_.wait_until_connected(std::chrono::seconds(options.wait_seconds));
  }

  ExitCode run() {
    LineReader lines(STDIN_FILENO, stop_);
    while (options_.keep_going || failures_.count() == 0) {
      const auto line = lines.next(kLongestLine);
      if (!line) break;
      ++line_;
      if (line->find_first_not_of(" \t\r") != line->npos) send(*line);
    }
    const auto report = flush();
    const bool interrupted = stop_.stop_requested();
    fmt::print("{}: {} delivered, {} failed\n", topic_, report.delivered, failures_.count());
    if (interrupted) fmt::print(stderr, "conveyor: interrupted before the end\n");
    return failures_.count() == 0 && !interrupted ? kOk : kFailed;
  }

 private:
  // The topic is named as the brokers have it.
  static Config as_named(Config config) {
    config.topic_prefix.clear();
    return config;
  }
  static ProducerOptions producer_options(const Options& options) {
    const milliseconds within = std::chrono::seconds(options.wait_seconds);
    return {.block_timeout = within, .delivery_timeout = within, .close_timeout = milliseconds(0)};
  }

  void choose_type(const Config& config) {
    std::string_view name = topic_;
    if (name.starts_with(config.topic_prefix)) name.remove_prefix(config.topic_prefix.size());
    const auto* channel = types_.channel_of(name);
    if (channel != nullptr) channel_ = channel->options;
    if (options_.raw_codec) channel_.codec = Codec::kRaw;
    std::string type = options_.type;
    if (type.empty() && channel != nullptr) type = channel->type;
    if (type.empty()) type = MessageTypes::usual_type_of(name);
    if (type.empty()) {
      throw Error(errc::invalid_config,
                  fmt::format("no message type is known for topic {}: name one with --type, or a descriptor set that "
                              "declares the channel with --descriptors",
                              topic_));
    }
    message_ = types_.make(type);
    if (!options_.key_field.empty()) key_field_.emplace(*message_->GetDescriptor(), options_.key_field);
  }

  void send(const std::string& line) {
    message_->Clear();
    const auto status = google::protobuf::util::JsonStringToMessage(line, message_.get());
    if (!status.ok()) {
      return failures_.add(line_, fmt::format("it is no {}: {}", message_->GetTypeName(), status.message().ToString()));
    }
    SendOptions to{.headers = headers_};
    if (options_.key) to.key = *options_.key;
    if (key_field_) to.key = key_field_->of(*message_);
    const auto done = [this, line_number = line_](const Delivery& delivery) {
      if (delivery.error) failures_.add(line_number, delivery.error_text);
    };
    const auto refusal = producer_.send(topic_, channel_, *message_, stamp_target_of(*message_), to, done);
    if (refusal) failures_.add(line_, refusal->text);
  }

  FlushReport flush() {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(options_.wait_seconds + 1);
    FlushReport all;
    do {
      const FlushReport part = producer_.flush(kFlushSlice);
      all.delivered += part.delivered;
      all.left = part.left;
    } while (all.left != 0 && std::chrono::steady_clock::now() < deadline);
    return all;
  }

  const Options& options_;
  const std::stop_token stop_;
  const std::string_view topic_;
  const MessageTypes types_;
  ChannelOptions channel_ = {};
  std::unique_ptr<Message> message_;
  std::optional<KeyField> key_field_;
  std::vector<Header> headers_;
  std::uint64_t line_ = 0;
  Failures failures_;
  conveyor::detail::UntypedProducer producer_;  // goes first: its callbacks use the others
};

ExitCode send(const Options& options) {
  const std::stop_token stop = stop_on_signals();
  return Sender(config_of(options.connection), options, stop).run();
}

std::string check_header(const std::string& text) {
  return parse_name_and_value(text) ? "" : fmt::format("{}: expected NAME=VALUE", text);
}

}  // namespace

void add_send(CLI::App& app, Run& run) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("send", "Send JSON lines from standard input as typed messages.");
  command->add_option("topic", options->topic, "The topic, named as the brokers have it")
      ->type_name("TOPIC")
      ->required();
  command->add_option("--type", options->type, "The message type, such as conveyor.v1.Prediction or Prediction")
      ->type_name("MESSAGE");
  command
      ->add_option("--descriptors", options->descriptors,
                   "A descriptor set, as `conveyor channels` reads it; may be repeated")
      ->type_name("FILE")
      ->allow_extra_args(false);
  CLI::Option* key = command->add_option("--key", options->key, "The key of every record")->type_name("KEY");
  command->add_option("--key-field", options->key_field, "The field of each message that is its record's key")
      ->type_name("FIELD")
      ->excludes(key);
  command->add_option("--header", options->headers, "A header of every record; may be repeated")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false)
      ->check(CLI::Validator(check_header, ""));
  command->add_flag("--raw-codec", options->raw_codec,
                    "Send the messages without compression (Codec::kRaw), whatever the channel's codec");
  command->add_flag("--keep-going", options->keep_going, "Go on after lines and records that fail");
  add_wait(*command, options->wait_seconds);
  add_connection(*command, options->connection);
  command->footer(kFooter);
  command->callback([options, &run] { run = [options] { return send(*options); }; });
}

}  // namespace conveyor::cli
