#ifndef CONVEYOR_SRC_CLI_LINE_READER_H_
#define CONVEYOR_SRC_CLI_LINE_READER_H_

#include <cstddef>
#include <optional>
#include <stop_token>
#include <string>

namespace conveyor::cli {

/// Reads lines from a file descriptor, and notices a stop while it waits for more.
class LineReader {
 public:
  LineReader(int file, std::stop_token stop) : file_(file), stop_(std::move(stop)) {}

  /// The next line without its end; nothing at the end of the file, or when stopped.
  /// @throws Error with errc::invalid_config for a line of more than `longest` bytes, or where reading fails
  std::optional<std::string> next(std::size_t longest);

 private:
  bool read_more();

  const int file_;
  const std::stop_token stop_;
  std::string buffer_;
  std::size_t at_ = 0;  // where the next line begins
  bool ended_ = false;
};

}  // namespace conveyor::cli

#endif  // CONVEYOR_SRC_CLI_LINE_READER_H_
