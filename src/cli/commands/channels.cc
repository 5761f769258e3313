#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "cli/command.h"
#include "conveyor/channel_map.h"
#include "conveyor/error.h"

namespace conveyor::cli {
namespace {

constexpr const char* kFooter =
    "A descriptor set is the file that protoc writes with --descriptor_set_out=FILE --include_imports,\n"
    "and that the CMake function conveyor_add_messages writes beside the generated classes. Its channels\n"
    "are the messages with the option (conveyor.v1.channel) = {topic: \"...\"}.\n"
    "\n"
    "Exit codes: 0 done, 1 a file cannot be read or two of its channels disagree, 2 the command line is\n"
    "wrong.\n"
    "\n"
    "Examples:\n"
    "  conveyor channels build/acme.desc\n"
    "  conveyor channels --json build/*.desc    (one JSON object a line)";

struct Options {
  std::vector<std::string> files = {};
  bool json = false;
};

struct Row {
  std::string topic = {};
  std::string type = {};
  std::string codec = {};
  std::string level = {};
};

Row row_of(const ChannelMap::Entry& entry) {
  const bool raw = entry.options.codec == Codec::kRaw;
  return {entry.topic, entry.type, raw ? "raw" : "zlib", raw ? "-" : std::to_string(entry.options.level)};
}

void print_table(const ChannelMap& map) {
  std::vector<Row> rows{{"TOPIC", "TYPE", "CODEC", "LEVEL"}};
  for (const auto& entry : map.entries()) rows.push_back(row_of(entry));
  std::size_t topic = 0;
  std::size_t type = 0;
  for (const Row& row : rows) {
    topic = std::max(topic, row.topic.size());
    type = std::max(type, row.type.size());
  }
  for (const Row& row : rows) {
    fmt::print("{:{}}  {:{}}  {:5}  {}\n", row.topic, topic, row.type, type, row.codec, row.level);
  }
}

// No escapes are needed: in the topics and types of a ChannelMap only letters, digits, '.', '_' and '-' are allowed.
void print_json(const ChannelMap& map) {
  for (const auto& entry : map.entries()) {
    const Row row = row_of(entry);
    fmt::print(R"({{"topic":"{}","type":"{}","codec":"{}")", row.topic, row.type, row.codec);
    if (row.level != "-") fmt::print(R"(,"level":{})", row.level);
    fmt::print("}}\n");
  }
}

ExitCode list_channels(const Options& options) {
  ChannelMap map;
  for (const std::string& file : options.files) {
    const ChannelMap channels = ChannelMap::from_descriptor_set_file(file);
    try {
      map.add(channels);
    } catch (const Error& error) {
      throw Error(error.code(), fmt::format("{}: {}", file, error.what()));
    }
  }
  if (options.json) {
    print_json(map);
  } else if (map.entries().empty()) {
    fmt::print(stderr, "no message carries the option conveyor.v1.channel\n");
  } else {
    print_table(map);
  }
  return kOk;
}

}  // namespace

void add_channels(CLI::App& app, Run& run) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("channels", "List the channels that descriptor sets declare.");
  command->add_option("files", options->files, "Descriptor sets")->type_name("FILE")->required();
  command->add_flag("--json", options->json, "One JSON object a line");
  command->footer(kFooter);
  command->callback([options, &run] { run = [options] { return list_channels(*options); }; });
}

}  // namespace conveyor::cli
