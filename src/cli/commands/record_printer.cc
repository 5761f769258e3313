#include "cli/commands/record_printer.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <iterator>
#include <utility>

#include "cli/message_types.h"
#include "cli/output/bytes.h"
#include "cli/output/json.h"
#include "cli/output/message_line.h"
#include "cli/output/message_text.h"
#include "cli/output/terminal.h"
#include "cli/output/time.h"
#include "codec/decode.h"

namespace conveyor::cli {
namespace {

constexpr std::size_t kLarge = std::size_t{1} << 16;

void append_headers_json(const Headers& headers, std::string& out) {
  out += '[';
  for (const Header& header : headers) {
    if (out.back() != '[') out += ',';
    out += R"({"name":)";
    append_json_string(out, header.name);
    out += R"(,"value":)";
    if (header.is_null) {
      out += "null";
    } else {
      append_json_string(out, header.value);
    }
    out += '}';
  }
  out += ']';
}

}  // namespace

RecordPrinter::RecordPrinter(const Options& options, const RecordDecoder& decoder)
    : options_(options), decoder_(decoder), colours_(shows_colours()) {}

void RecordPrinter::print(const ShownRecord& shown) {
  if (options_.json) return print_json(shown);
  print_line(shown);
}

bool RecordPrinter::flush() {
  const bool written = std::fwrite(out_.data(), 1, out_.size(), stdout) == out_.size() && std::fflush(stdout) == 0;
  out_.clear();
  return written;
}

bool RecordPrinter::flush_if_large() { return out_.size() < kLarge || flush(); }

// Records of a second share all but the milliseconds.
void RecordPrinter::append_time(std::chrono::system_clock::time_point time) {
  using namespace std::chrono;
  const auto second = floor<seconds>(time);
  if (second.time_since_epoch().count() != second_) {
    second_ = second.time_since_epoch().count();
    second_text_ = format_time(second).substr(0, std::string_view("2026-01-31T12:30:00").size());
  }
  out_ += second_text_;
  const auto rest = static_cast<unsigned>(duration_cast<milliseconds>(time - second).count());
  const std::array<char, 5> digits{'.', static_cast<char>('0' + rest / 100), static_cast<char>('0' + rest / 10 % 10),
                                   static_cast<char>('0' + rest % 10), 'Z'};
  out_.append(digits.data(), digits.size());
}

void RecordPrinter::print_json(const ShownRecord& shown) {
  const Record& record = shown.record;
  out_ += R"({"topic":)";
  append_json_string(out_, record.topic);
  out_ += R"(,"partition":)";
  append_decimal(record.partition, out_);
  out_ += R"(,"offset":)";
  append_decimal(record.offset, out_);
  out_ += R"(,"time":")";
  append_time(record.timestamp);
  out_ += R"(","key":)";
  if (record.key) {
    append_json_string(out_, *record.key);
  } else {
    out_ += "null";
  }
  out_ += R"(,"headers":)";
  append_headers_json(record.headers, out_);
  out_ += R"(,"value_bytes":)";
  out_ += shown.is_tombstone ? "null" : fmt::to_string(shown.value.size());
  const auto trace = codec::trace_of(record, shown.message != nullptr ? trace_id_in(*shown.message) : "");
  if (!trace.empty()) fmt::format_to(std::back_inserter(out_), R"(,"trace_id":"{}")", trace.id.view());
  if (shown.message != nullptr) {
    out_ += R"(,"type":)";
    append_json_string(out_, shown.message->GetDescriptor()->full_name());
    out_ += R"(,"message":)";
    append_message_json(*shown.message, options_.raw, out_);
  } else if (shown.is_tombstone) {
    out_ += R"(,"message":null)";
  } else {
    if (!shown.error.empty()) {
      out_ += R"(,"error":)";
      append_json_string(out_, shown.error);
    }
    append_plain_json(shown.value);
  }
  if (!shown.saved.empty()) {
    out_ += R"(,"saved":[)";
    for (const std::string& file : shown.saved) {
      if (out_.back() != '[') out_ += ',';
      append_json_string(out_, file);
    }
    out_ += ']';
  }
  out_ += "}\n";
}

void RecordPrinter::append_plain_json(std::string_view value) {
  const std::string plain = decoder_.plain(value);
  if (is_text(plain)) {
    out_ += R"(,"value":)";
    append_json_string(out_, plain);
  } else if (options_.raw) {
    out_ += R"(,"value_base64":")";
    append_base64(value, out_);
    out_ += '"';
  }
}

void RecordPrinter::append_plain_text(std::string_view value) {
  if (!looks_deflated(value) && is_text(value)) return append_printable(value, out_);
  const std::string plain = decoder_.plain(value);
  if (is_text(plain) || options_.raw) return append_printable(plain, out_);
  fmt::format_to(std::back_inserter(out_), "<{}>", size_text(plain.size()));
}

void RecordPrinter::print_line(const ShownRecord& shown) {
  const Record& record = shown.record;
  if (colours_) out_ += "\x1b[2m";
  append_time(record.timestamp);
  if (colours_) out_ += "\x1b[0m";
  out_ += ' ';
  append_decimal(record.partition, out_);
  out_ += ':';
  append_decimal(record.offset, out_);
  out_ += ' ';
  if (record.key) {
    append_printable(*record.key, out_);
  } else {
    out_ += '-';
  }
  out_ += ' ';
  out_ += shown.is_tombstone ? "-" : size_text(shown.value.size());
  out_ += "  ";
  if (shown.is_tombstone) {
    out_ += "(tombstone)";
  } else if (shown.message != nullptr) {
    append_message_text(*shown.message, out_);
  } else if (!shown.error.empty()) {
    std::string why = "CANNOT BE DECODED: ";
    append_printable(shown.error, why);
    out_ += colours_ ? styled(why, Style::kBad) : why;
  } else {
    append_plain_text(shown.value);
  }
  for (const std::string& file : shown.saved) fmt::format_to(std::back_inserter(out_), " -> {}", file);
  out_ += '\n';
}

}  // namespace conveyor::cli
