#include "quality/docs/configuration_page.h"

#include <fmt/format.h>

#include <fstream>
#include <map>
#include <utility>

namespace conveyor {
namespace {

std::vector<std::string> cells_of(std::string_view line) {
  std::vector<std::string> cells;
  for (std::size_t begin = 1, end = 0; (end = line.find('|', begin)) != line.npos; begin = end + 1) {
    std::string_view cell = line.substr(begin, end - begin);
    while (cell.starts_with(' ')) cell.remove_prefix(1);
    while (cell.ends_with(' ')) cell.remove_suffix(1);
    cells.emplace_back(cell);
  }
  return cells;
}

/// The lines outside of code blocks; those inside are empty.
std::vector<std::string> page_lines() {
  std::ifstream in(CONVEYOR_CONFIGURATION_PAGE);
  std::vector<std::string> lines;
  bool in_code = false;
  for (std::string line; std::getline(in, line);) {
    const bool fence = line.starts_with("```");
    if (fence) in_code = !in_code;
    lines.push_back(fence || in_code ? "" : line);
  }
  EXPECT_FALSE(lines.empty()) << CONVEYOR_CONFIGURATION_PAGE;
  return lines;
}

}  // namespace

std::string page_text() {
  std::string text;
  for (const auto& line : page_lines()) text += line + "\n";
  return text;
}

std::vector<PageTable> page_tables() {
  std::vector<PageTable> tables;
  std::string section;
  bool in_table = false;
  int number = 0;
  for (const auto& line : page_lines()) {
    ++number;
    if (line.starts_with("## ")) section = line.substr(3);
    if (!line.starts_with("|")) {
      in_table = false;
    } else if (!std::exchange(in_table, true)) {
      tables.push_back({.section = section, .columns = cells_of(line)});
    } else if (!line.starts_with("|---")) {
      PageTable& table = tables.back();
      table.rows.push_back({number, cells_of(line)});
      EXPECT_EQ(table.rows.back().cells.size(), table.columns.size()) << "line " << number;
      table.rows.back().cells.resize(table.columns.size());
    }
  }
  return tables;
}

std::vector<std::string> code_in(std::string_view cell) {
  std::vector<std::string> found;
  for (std::size_t begin = cell.find('`'); begin != cell.npos;) {
    const std::size_t end = cell.find('`', begin + 1);
    if (end == cell.npos) break;
    found.emplace_back(cell.substr(begin + 1, end - begin - 1));
    begin = cell.find('`', end + 1);
  }
  return found;
}

void expect_rows(const std::vector<Member>& members, const std::function<bool(std::string_view section)>& wanted) {
  std::map<std::string, std::string> defaults;
  for (const PageTable& table : page_tables()) {
    if (!wanted(table.section) || table.columns.front() != "setting") continue;
    const bool has_environment = table.columns.size() > 4;
    for (const auto& row : table.rows) {
      const auto names = code_in(row.cells.front());
      if (names.empty()) continue;  // CONVEYOR_CONFIG_FILE, which sets no member
      EXPECT_TRUE(defaults.emplace(names.front(), row.cells[has_environment ? 3 : 1]).second)
          << "line " << row.line << ": a second row for " << names.front();
    }
  }
  for (const auto& [name, value] : members) {
    const auto found = defaults.find(name);
    if (found == defaults.end()) {
      ADD_FAILURE() << "docs/configuration.md has no row for " << name << ", default " << value;
      continue;
    }
    if (!value.empty()) {
      EXPECT_EQ(found->second, value) << "docs/configuration.md has another default of " << name << " than the code";
    }
    defaults.erase(found);
  }
  for (const auto& [name, value] : defaults) {
    ADD_FAILURE() << "docs/configuration.md has a row for " << name << ", which is not compared with the code";
  }
}

std::string page_value(double value) {
  std::string text = fmt::format("{}", value);
  constexpr std::size_t kReadable = 8;
  return text.size() <= kReadable ? text : fmt::format("1/{:.0f}", 1 / value);
}

std::string page_value(std::chrono::milliseconds value) {
  const auto count = value.count();
  if (count >= 60'000 && count % 60'000 == 0) return fmt::format("{} min", count / 60'000);
  if (count >= 1'000 && count % 1'000 == 0) return fmt::format("{} s", count / 1'000);
  return fmt::format("{} ms", count);
}

}  // namespace conveyor
