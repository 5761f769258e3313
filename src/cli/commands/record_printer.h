#ifndef CONVEYOR_SRC_CLI_COMMANDS_RECORD_PRINTER_H_
#define CONVEYOR_SRC_CLI_COMMANDS_RECORD_PRINTER_H_

#include <google/protobuf/message.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/commands/record_decoder.h"
#include "conveyor/message.h"

namespace conveyor::cli {

/// A record with what became of its value.
struct ShownRecord {
  const Record& record;
  std::string_view value;
  bool is_tombstone = false;
  const google::protobuf::Message* message = nullptr;  ///< null: no type is known, or the value is none of it
  std::string_view error = {};                         ///< why the value is no message of the type
  std::vector<std::string> saved = {};                 ///< files
};

/// Writes records, one a line, into memory that is written to standard output in large parts.
///
/// Thread safety: use it from one thread.
class RecordPrinter {
 public:
  struct Options {
    bool json = false;
    bool raw = false;  ///< all bytes, in JSON as Base64
  };
  RecordPrinter(const Options& options, const RecordDecoder& decoder);

  void print(const ShownRecord& shown);
  /// @return false where standard output cannot be written
  bool flush();
  /// The same, once enough has come together.
  bool flush_if_large();

 private:
  void print_json(const ShownRecord& shown);
  void print_line(const ShownRecord& shown);
  void append_plain_json(std::string_view value);
  void append_plain_text(std::string_view value);
  void append_time(std::chrono::system_clock::time_point time);

  const Options options_;
  const RecordDecoder& decoder_;
  const bool colours_;
  std::string out_;
  std::int64_t second_ = -1;  // of the time that was printed last
  std::string second_text_;
};

}  // namespace conveyor::cli

#endif  // CONVEYOR_SRC_CLI_COMMANDS_RECORD_PRINTER_H_
