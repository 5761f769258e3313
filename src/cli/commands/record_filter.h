#ifndef CONVEYOR_SRC_CLI_COMMANDS_RECORD_FILTER_H_
#define CONVEYOR_SRC_CLI_COMMANDS_RECORD_FILTER_H_

#include <google/protobuf/message.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conveyor/message.h"

namespace conveyor::cli {

/// NAME=VALUE, as several options take it.
using NameAndValue = std::pair<std::string, std::string>;
/// @return nothing when there is no = or no name before it
[[nodiscard]] std::optional<NameAndValue> parse_name_and_value(std::string_view text);

/// Which records a user wants. All conditions must hold.
struct RecordFilter {
  std::optional<std::string> key = {};
  std::vector<NameAndValue> headers = {};
  std::string trace = {};                 ///< a trace id; empty: any
  std::vector<NameAndValue> fields = {};  ///< paths such as "model.name"; of a repeated field any element counts

  /// Whether nothing but the record itself must be looked at.
  [[nodiscard]] bool needs_message() const noexcept { return !fields.empty() || !trace.empty(); }

  /// @param message null: the record has none, or it cannot be decoded
  [[nodiscard]] bool wants(const Record& record, const google::protobuf::Message* message) const;

  /// Why a field can never match; empty: it can. @param message any of the type
  [[nodiscard]] std::string check_fields(const google::protobuf::Message& message) const;
};

}  // namespace conveyor::cli

#endif  // CONVEYOR_SRC_CLI_COMMANDS_RECORD_FILTER_H_
