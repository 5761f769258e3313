#ifndef CONVEYOR_SRC_CLI_OUTPUT_BYTES_H_
#define CONVEYOR_SRC_CLI_OUTPUT_BYTES_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace conveyor::cli {

/// Whether printable() of base/printable.h changes nothing but line ends and tabs.
[[nodiscard]] bool is_text(std::string_view bytes);

/// A dump in lines of 16 bytes: offset, hexadecimal, and printable ASCII.
[[nodiscard]] std::string hex_dump(std::string_view bytes);

/// Appends bytes for a terminal, as printable() of base/printable.h makes them.
void append_printable(std::string_view bytes, std::string& out);

/// Such as "23 bytes" or "1.5 GiB".
[[nodiscard]] std::string size_text(std::uint64_t bytes);

/// Appends the number in decimal; several times as fast as fmt::format_to() with a string's iterator.
void append_decimal(std::int64_t number, std::string& out);

/// RFC 4648.
void append_base64(std::string_view bytes, std::string& out);

}  // namespace conveyor::cli

#endif  // CONVEYOR_SRC_CLI_OUTPUT_BYTES_H_
