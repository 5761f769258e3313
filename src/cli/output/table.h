#ifndef CONVEYOR_SRC_CLI_OUTPUT_TABLE_H_
#define CONVEYOR_SRC_CLI_OUTPUT_TABLE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "cli/output/terminal.h"

namespace conveyor::cli {

/// A table for people: aligned columns, two spaces between them, below a line with their names.
class Table {
 public:
  enum class Align : std::uint8_t { kLeft, kRight };
  struct Column {
    std::string name = {};
    Align align = Align::kLeft;
  };
  /// Control characters and bytes that are not UTF-8 are shown as \xNN.
  struct Cell {
    Cell(std::string of, Style with = Style::kPlain);  // NOLINT(google-explicit-constructor)
    Cell(const char* of) : Cell(std::string(of)) {}    // NOLINT(google-explicit-constructor)

    std::string text;
    Style style;
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  /// @param row as many cells as there are columns
  void add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }
  [[nodiscard]] bool is_empty() const noexcept { return rows_.empty(); }
  [[nodiscard]] std::string text(bool colours) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace conveyor::cli

#endif  // CONVEYOR_SRC_CLI_OUTPUT_TABLE_H_
