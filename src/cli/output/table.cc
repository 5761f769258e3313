#include "cli/output/table.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/printable.h"

namespace conveyor::cli {
namespace {

constexpr std::size_t kLongestCell = 300;

// Characters, not bytes: good enough for names of topics, groups and hosts.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace

Table::Cell::Cell(std::string of, Style with) : text(printable(of, kLongestCell)), style(with) {}

std::string Table::text(bool colours) const {
  std::vector<std::size_t> widths;
  std::vector<Cell> names;
  for (const Column& column : columns_) {
    widths.push_back(width_of(column.name));
    names.emplace_back(column.name, Style::kBold);
  }
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i].text));
  }
  std::string all;
  const auto append = [&](const std::vector<Cell>& row) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const Cell& cell = row[i];
      const std::string padding(widths[i] - width_of(cell.text), ' ');
      const bool right = columns_[i].align == Align::kRight;
      if (right) all += padding;
      all += colours ? styled(cell.text, cell.style) : cell.text;
      if (i + 1 == row.size()) break;
      if (!right) all += padding;
      all += "  ";
    }
    all.erase(all.find_last_not_of(' ') + 1);
    all += '\n';
  };
  append(names);
  for (const auto& row : rows_) append(row);
  return all;
}

}  // namespace conveyor::cli
