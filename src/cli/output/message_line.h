#ifndef CONVEYOR_SRC_CLI_OUTPUT_MESSAGE_LINE_H_
#define CONVEYOR_SRC_CLI_OUTPUT_MESSAGE_LINE_H_

#include <google/protobuf/message.h>

#include <string>

namespace conveyor::cli {

// Messages on one line. protobuf's own writers take several times as long, and know no images.

/// Appends the message for people: `name: value` pairs, a message in braces, bytes as their size, and a
/// conveyor.v1.Image as <640x480 JPEG, 23 KiB>. The field _message_data is left out. Control characters become \xNN.
void append_message_text(const google::protobuf::Message& message, std::string& out);

/// Appends the message in protobuf's JSON mapping, with the fields' names as declared.
/// @param all_bytes false: fields of bytes in Conveyor's own types, such as pixels, are {"bytes":23456}
void append_message_json(const google::protobuf::Message& message, bool all_bytes, std::string& out);

}  // namespace conveyor::cli

#endif  // CONVEYOR_SRC_CLI_OUTPUT_MESSAGE_LINE_H_
