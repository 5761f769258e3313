// docs/wire.md quotes what the code writes.

#include <gtest/gtest.h>

#include <array>
#include <cctype>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "codec/header_names.h"
#include "codec/stamp.h"
#include "consume/commit_metadata.h"
#include "conveyor/v1/image.pb.h"
#include "dead_letters/header_table.h"

namespace conveyor {
namespace {

std::string page() {
  std::ifstream in(CONVEYOR_WIRE_PAGE);
  std::ostringstream text;
  text << in.rdbuf();
  EXPECT_FALSE(text.str().empty()) << CONVEYOR_WIRE_PAGE;
  return text.str();
}

/// The lines of the code block behind the comment `<!-- marker -->`, without the last end of line.
std::string block(const std::string& marker) {
  const std::string text = page();
  const std::string fence = "```";
  const auto at = text.find("<!-- " + marker + " -->");
  if (at == text.npos) return "no block " + marker;
  const auto begin = text.find('\n', text.find(fence, at)) + 1;
  return text.substr(begin, text.find("\n" + fence, begin) - begin);
}

std::string hex(std::string_view bytes) {
  std::string text;
  char digits[4];
  for (const unsigned char byte : bytes) {
    std::snprintf(digits, sizeof digits, "%02x ", byte);
    text += digits;
  }
  return text;
}

/// The rows of all tables of the page that are about a header of dead letters, without their outer bars.
std::vector<std::string> rows_on_dead_letters() {
  std::vector<std::string> rows;
  std::istringstream lines(page());
  for (std::string line; std::getline(lines, line);) {
    const bool of_worker = line.starts_with("| `" + std::string(detail::kDeadLetterPrefix));
    if (of_worker || line.starts_with("| `" + std::string(codec::kReplayedFrom))) {
      rows.push_back(line.substr(2, line.size() - 4));
    }
  }
  return rows;
}

TEST(WirePage, QuotesAStampedMessage) {
  v1::Image image;
  image.set_frame(7);
  const codec::Stamp stamp{
      .time = std::chrono::system_clock::time_point(std::chrono::microseconds(1'767'323'045'678'901)),
      .environment = Environment::kProduction,
      .service = "camera",
      .uuid = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
      .trace_id = "5c6aa2d2e78711f09d3a0242ac120002"};
  const codec::StampField field(stamp, v1::Image::kMessageDataFieldNumber);
  std::string bytes = image.SerializeAsString();
  const std::size_t size = bytes.size();
  bytes.resize(size + field.size());
  field.write(bytes.data() + size);
  const std::string quoted = block("bytes: stamped");
  EXPECT_EQ(hex(bytes).substr(0, quoted.size()), quoted);
}

constexpr std::array kHeadersOfRecords{
    codec::kTraceparent, codec::kTracestate,  codec::kBaggage, codec::kContentEncoding, codec::kUuid,
    codec::kService,     codec::kEnvironment, codec::kDate,    codec::kTimestamp,       codec::kSize};

TEST(WirePage, NamesAllHeaders) {
  const std::string text = page();
  for (const std::string_view name : kHeadersOfRecords) {
    EXPECT_NE(text.find("`" + std::string(name) + "`"), text.npos) << name;
  }
  for (const auto environment :
       {Environment::kProduction, Environment::kDevelopment, Environment::kStaging, Environment::kUnknown}) {
    EXPECT_NE(text.find("`" + std::string(codec::name_of(environment)) + "`"), text.npos);
  }
}

TEST(WirePage, HasTheTableOfDeadLetterHeaders) {
  std::vector<std::string> rows;
  for (const auto& [field, name, writer, meaning] : detail::kDeadLetterHeaders) {
    const std::string_view written_by = writer == detail::HeaderWriter::kWorker ? "worker" : "replay";
    rows.push_back("`" + std::string(name) + "` | " + std::string(written_by) + " | " + std::string(meaning));
  }
  EXPECT_EQ(rows_on_dead_letters(), rows);
}

/// All sources, one behind the other.
const std::string& sources() {
  static const std::string text = [] {
    std::ostringstream all;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(CONVEYOR_SOURCES)) {
      if (entry.is_regular_file()) all << std::ifstream(entry.path()).rdbuf() << '\n';
    }
    return all.str();
  }();
  return text;
}

/// How often a name stands in the sources: as a whole text, or anywhere if it is ours.
int spellings(std::string_view name) {
  const std::string& text = sources();
  int count = 0;
  for (auto at = text.find(name, 1); at < text.size() - name.size(); at = text.find(name, at + 1)) {
    const char before = text[at - 1];
    const char after = text[at + name.size()];
    const bool ours = name.starts_with("conveyor-") && after != '-' && std::isalnum(after) == 0;
    if (ours || (before == '"' && after == '"')) ++count;
  }
  return count;
}

TEST(HeaderNames, AreSpeltOnceInTheSources) {
  for (const std::string_view name : kHeadersOfRecords) EXPECT_EQ(spellings(name), 1) << name;
  for (const auto& header : detail::kDeadLetterHeaders) EXPECT_EQ(spellings(header.name), 1) << header.name;
}

TEST(WirePage, QuotesCommitMetadataWithAllFields) {
  const worker::CommitMetadata metadata{.run = 0x8f3a,
                                        .offset = 1'000,
                                        .open = true,
                                        .lease_end = 1'512,
                                        .crash_count = 2,
                                        .region_end = 1'100,
                                        .suspect = 1'003,
                                        .last_suspect = 1'002,
                                        .deaths = 1,
                                        .topic_began_with = 4,
                                        .waits = true,
                                        .condemned = 3,
                                        .condemned_since = 1'767'225'600,
                                        .done = {{1'002, 1'005}, {1'010, 1'011}}};
  const std::string quoted = block("text: commit metadata");
  EXPECT_EQ(encode(metadata), quoted);
  EXPECT_EQ(worker::decode_commit_metadata(quoted, 1'000), metadata);
  std::istringstream fields(quoted);
  for (std::string field; fields >> field;) {
    field = field.substr(0, field.find('='));
    EXPECT_NE(page().find("`" + field + "`"), std::string::npos) << field << " is in no table";
  }
}

}  // namespace
}  // namespace conveyor
