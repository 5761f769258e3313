#include "cli/commands/tail.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <limits>
#include <memory>
#include <utility>

#include "cli/command.h"
#include "cli/commands/record_decoder.h"
#include "cli/commands/record_printer.h"
#include "cli/output/image_file.h"
#include "cli/output/terminal.h"
#include "codec/trace.h"
#include "conveyor/channel.h"
#include "conveyor/error.h"
#include "conveyor/stop.h"
#include "kafka/errors.h"
#include "kafka/partitions_reader.h"

namespace conveyor::cli {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds kSlice{100};  // how soon a stop is noticed

/// Calls take with each conveyor.v1.Image in a message.
void for_each_image(const google::protobuf::Message& message, const std::function<void(const v1::Image&)>& take) {
  if (message.GetDescriptor()->full_name() == v1::Image::descriptor()->full_name()) {
    v1::Image image;  // the type may be that of a descriptor set
    if (image.ParseFromString(message.SerializeAsString())) take(image);
    return;
  }
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  const auto& reflection = *message.GetReflection();
  reflection.ListFields(message, &fields);
  for (const auto* field : fields) {
    if (field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      for_each_image(reflection.GetMessage(message, field), take);
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      for_each_image(reflection.GetRepeatedMessage(message, field, i), take);
    }
  }
}

/// Writes the pictures of messages as files.
class ImageFolder {
 public:
  explicit ImageFolder(std::string folder) : folder_(std::move(folder)) {
    if (!folder_.empty()) std::filesystem::create_directories(folder_);
  }

  /// @return the files
  std::vector<std::string> save(const Record& record, const google::protobuf::Message& message) {
    std::vector<std::string> files;
    if (folder_.empty()) return files;
    int number = 0;
    for_each_image(message, [&](const v1::Image& image) {
      const std::string suffix = number++ == 0 ? "" : fmt::format("-{}", number);
      const auto file = image_file(image);
      if (const auto* why = std::get_if<std::string>(&file)) {
        fmt::print(stderr, "conveyor: {}/{}/{}: the image was not saved: {}\n", record.topic, record.partition,
                   record.offset, *why);
        return;
      }
      const auto& [extension, bytes] = std::get<ImageFile>(file);
      const auto path = std::filesystem::path(folder_) /
                        fmt::format("{}-{}-{}{}{}", record.topic, record.partition, record.offset, suffix, extension);
      std::ofstream out(path, std::ios::binary);
      out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
      if (!out.flush()) throw Error(errc::invalid_config, fmt::format("{} cannot be written", path.string()));
      files.push_back(path.string());
    });
    return files;
  }

 private:
  const std::string folder_;
};

std::string_view without_prefix(std::string_view topic, const Config& config) {
  if (topic.starts_with(config.topic_prefix)) topic.remove_prefix(config.topic_prefix.size());
  return topic;
}

/// One run of the command.
class Tail {
 public:
  Tail(const Config& config, const TailOptions& options, std::stop_token stop)
      : config_(config),
        options_(options),
        stop_(std::move(stop)),
        topic_(conveyor::detail::intern_topic(options.topic, {})),
        filter_(options.filter()),
        decoder_({.descriptors = options.descriptors,
                  .type = options.type,
                  .topic = std::string(without_prefix(options.topic, config)),
                  .max_message_bytes = config.max_message_bytes}),
        printer_({.json = options.json, .raw = options.raw}, decoder_),
        images_(options.save) {
    check_filter();
  }

  ExitCode run() {
    left_ = ranges_to_tail(config_, options_, stop_);
    std::erase_if(left_, [](const auto& range) { return range.second.begin >= range.second.end; });
    if (left_.empty() || is_enough()) return kOk;
    kafka::PartitionsReader reader(config_, kafka::FetchAhead::kMuch);
    for (const auto& [partition, range] : left_) reader.start({topic_, partition}, range.begin);
    last_answer_ = Clock::now();
    while (!left_.empty() && !is_enough() && !stop_.stop_requested()) {
      const auto records = reader.read(kSlice);
      for (const auto& record : records) {
        if (left_.empty() || is_enough()) break;
        take(record);
      }
      if (records.empty()) check_patience(reader);
      const bool at_once = options_.follow || is_terminal();
      if (!(at_once ? printer_.flush() : printer_.flush_if_large())) return kFailed;  // run_command() says why
    }
    return end();
  }

 private:
  void check_filter() const {
    if (decoder_.any() == nullptr) {
      if (filter_.fields.empty()) return;
      throw Error(errc::invalid_config,
                  fmt::format("--where needs a message type, and none is known for topic {}: name one with --type, or "
                              "a descriptor set that declares the channel with --descriptors",
                              options_.topic));
    }
    const std::string why = filter_.check_fields(*decoder_.any());
    if (!why.empty()) throw Error(errc::invalid_config, "--where: " + why);
  }

  [[nodiscard]] bool is_enough() const { return options_.limit && printed_ >= *options_.limit; }

  void take(const kafka::ConsumedRecord& received) {
    const auto range = left_.find(received.partition());
    if (range == left_.end()) return;
    if (received.error() == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      last_answer_ = Clock::now();
      // Records of an open transaction may lie behind it; a reader of committed records waits for them.
      if (!options_.follow) left_.erase(range);
      return;
    }
    if (received.error() != RD_KAFKA_RESP_ERR_NO_ERROR) return take_error(received);
    last_answer_ = Clock::now();
    if (received.offset() < range->second.begin) return;  // a lagging broker denied the offset: read again
    const bool wanted = received.offset() < range->second.end;
    if (wanted) show(received);
    range->second.begin = received.offset() + 1;
    if (range->second.begin >= range->second.end) left_.erase(range);
  }

  void take_error(const kafka::ConsumedRecord& received) {
    last_error_ = received.error();
    const errc code = kafka::errc_of(last_error_, errc::retryable);
    if (code != errc::unknown_topic && code != errc::not_authorized) return;  // the client tries again
    throw Error(code, fmt::format("reading {} [{}]: {}", topic_, received.partition(), rd_kafka_err2str(last_error_)));
  }

  void check_patience(const kafka::PartitionsReader& reader) const {
    const auto patience = std::chrono::seconds(options_.wait_seconds);
    if (options_.follow || Clock::now() - last_answer_ < patience) return;
    if (last_error_ == RD_KAFKA_RESP_ERR_NO_ERROR) {
      throw kafka::unreachable(reader.reporter(), config_.bootstrap_servers, patience);
    }
    throw Error(kafka::errc_of(last_error_, errc::retryable),
                fmt::format("reading {}: {}", topic_, rd_kafka_err2str(last_error_)));
  }

  void show(const kafka::ConsumedRecord& received) {
    received.fill_record(topic_, record_);
    ShownRecord shown{.record = record_, .value = received.value(), .is_tombstone = received.is_tombstone()};
    std::optional<std::string> wrong;
    if (!shown.is_tombstone && decoder_.any() != nullptr) {
      wrong = decoder_.decode(shown.value, record_.headers);
      if (wrong) {
        shown.error = *wrong;
      } else {
        shown.message = &decoder_.message();
      }
    }
    if (!filter_.wants(record_, shown.message)) return;
    if (wrong) ++poison_;
    if (shown.message != nullptr) shown.saved = images_.save(record_, *shown.message);
    printer_.print(shown);
    ++printed_;
  }

  ExitCode end() {
    if (!printer_.flush()) return kFailed;
    if (poison_ > 0) fmt::print(stderr, "conveyor: {} of {} records could not be decoded\n", poison_, printed_);
    if (decoder_.any() == nullptr && printed_ > 0) {
      fmt::print(stderr,
                 "conveyor: no message type is known for topic {}, so values are shown as they are; name one with "
                 "--type, or a descriptor set that declares the channel with --descriptors\n",
                 topic_);
    }
    if (!stop_.stop_requested() || options_.follow) return kOk;
    fmt::print(stderr, "conveyor: interrupted before the end\n");
    return kFailed;
  }

  const Config& config_;
  const TailOptions& options_;
  const std::stop_token stop_;
  const std::string_view topic_;
  const RecordFilter filter_;
  RecordDecoder decoder_;
  RecordPrinter printer_;
  ImageFolder images_;
  std::map<std::int32_t, TailRange> left_;  // what is still to be read
  Record record_;                           // its memory serves again
  std::uint64_t printed_ = 0;
  std::uint64_t poison_ = 0;
  rd_kafka_resp_err_t last_error_ = RD_KAFKA_RESP_ERR_NO_ERROR;
  Clock::time_point last_answer_ = {};
};

ExitCode tail(const TailOptions& options) {
  const std::stop_token stop = stop_on_signals();
  const Config config = config_of(options.connection);
  return Tail(config, options, stop).run();
}

}  // namespace

RecordFilter TailOptions::filter() const {
  RecordFilter filter{.key = key, .trace = trace};
  for (const std::string& text : headers) filter.headers.push_back(*parse_name_and_value(text));
  for (const std::string& text : fields) filter.fields.push_back(*parse_name_and_value(text));
  return filter;
}

namespace {

constexpr const char* kFooter =
    "Prints one line for each record: time, PARTITION:OFFSET, key, size of the value, and the message. It\n"
    "joins no group and commits nothing. Records of one partition come in order; partitions come as their\n"
    "brokers answer. Of transactions, only what was committed is shown.\n"
    "\n"
    "The type is that of --type, or of the channel that a descriptor set declares for the topic. Values of\n"
    "no known type are shown as text. A record that cannot be decoded is shown with the reason.\n"
    "\n"
    "Exit codes: 0 done, whatever the records are; also where Ctrl-C ends --follow, 1 failed or interrupted;\n"
    "standard error says why, 2 the command line is wrong.\n"
    "\n"
    "Examples:\n"
    "  conveyor tail VideoStream --follow\n"
    "  conveyor tail orders --descriptors build/acme.desc --from 2h --where status=FAILED\n"
    "  conveyor tail orders --partition 1 --from 17 --to 25 --json\n"
    "  conveyor tail frames --type Image --from -1 --save pictures";

// Checks of single options. Each returns an error text, empty when the text is valid.
std::string check_position(const std::string& text) {
  if (parse_position(text, {})) return {};
  return fmt::format(
      "{}: expected earliest, latest, an offset, -N for the last N, a time such as 2026-01-31T12:00:00Z, "
      "or an age such as 30m or 2h",
      text);
}
std::string check_pair(const std::string& text) {
  return parse_name_and_value(text) ? "" : fmt::format("{}: expected NAME=VALUE", text);
}
std::string check_trace(const std::string& text) {
  return codec::is_trace_id(text) ? "" : fmt::format("{}: expected 32 lower-case hexadecimal digits", text);
}

void add_filter(CLI::App& command, TailOptions& options) {
  command.add_option("--partition", options.partitions, "Only this partition; may be repeated")
      ->type_name("NUMBER")
      ->allow_extra_args(false)
      ->check(CLI::NonNegativeNumber);
  command.add_option("--key", options.key, "Only records with this key")->type_name("KEY");
  command.add_option("--header", options.headers, "Only records with this header; may be repeated")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false)
      ->check(CLI::Validator(check_pair, ""));
  command.add_option("--trace", options.trace, "Only records of this trace")
      ->type_name("ID")
      ->check(CLI::Validator(check_trace, ""));
  command
      .add_option("--where", options.fields,
                  "Only messages with this value in the field, such as model.name=egg; may be repeated")
      ->type_name("FIELD=VALUE")
      ->allow_extra_args(false)
      ->check(CLI::Validator(check_pair, ""));
  command.add_option("--limit", options.limit, "End after so many records")
      ->type_name("NUMBER")
      ->check(CLI::NonNegativeNumber);
}

void add_output(CLI::App& command, TailOptions& options) {
  command.add_flag("--json", options.json, "One JSON object a line");
  command.add_option("--type", options.type, "The message type, such as conveyor.v1.Image or Image")
      ->type_name("MESSAGE");
  command
      .add_option("--descriptors", options.descriptors,
                  "A descriptor set, as `conveyor channels` reads it; may be repeated")
      ->type_name("FILE")
      ->allow_extra_args(false);
  command.add_flag("--raw", options.raw, "Show all bytes: in JSON as Base64, also those of images");
  command.add_option("--save", options.save, "Write images to this folder, which is created")->type_name("FOLDER");
}

}  // namespace

void add_tail(CLI::App& app, Run& run) {
  const auto options = std::make_shared<TailOptions>();
  CLI::App* command = app.add_subcommand("tail", "Show the records of a topic as typed messages.");
  command->add_option("topic", options->topic, "The topic, named as the brokers have it")
      ->type_name("TOPIC")
      ->required();
  command
      ->add_option("--from", options->from,
                   "Where to begin: earliest, latest, an offset, -N: N before the end of each "
                   "partition, a time or an age")
      ->type_name("WHERE")
      ->check(CLI::Validator(check_position, ""))
      ->capture_default_str();
  command
      ->add_option("--to", options->to,
                   "Where to end: the last offset, or the time from which on records are left out; "
                   "default: what is there now")
      ->type_name("WHERE")
      ->check(CLI::Validator(check_position, ""));
  command->add_flag("--follow", options->follow, "Wait for new records, until Ctrl-C");
  add_filter(*command, *options);
  add_output(*command, *options);
  add_wait(*command, options->wait_seconds);
  add_connection(*command, options->connection);
  command->footer(kFooter);
  command->callback([options, &run] { run = [options] { return tail(*options); }; });
}

}  // namespace conveyor::cli
