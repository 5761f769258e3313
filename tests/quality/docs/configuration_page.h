#ifndef CONVEYOR_TESTS_QUALITY_DOCS_CONFIGURATION_PAGE_H_
#define CONVEYOR_TESTS_QUALITY_DOCS_CONFIGURATION_PAGE_H_

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <initializer_list>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace conveyor {

/// A table of docs/configuration.md.
struct PageTable {
  std::string section = {};  ///< the last heading "## ..." before it
  std::vector<std::string> columns = {};
  struct Row {
    int line = 0;
    std::vector<std::string> cells = {};  ///< as many as columns
  };
  std::vector<Row> rows = {};
};

/// The whole page, code blocks left out.
[[nodiscard]] std::string page_text();
[[nodiscard]] std::vector<PageTable> page_tables();
/// What stands between backticks.
[[nodiscard]] std::vector<std::string> code_in(std::string_view cell);

/// A member of a struct, and its default as the page has it.
struct Member {
  std::string name;
  std::string value;
};

/// CONVEYOR_MEMBER(ProducerOptions, block_timeout): what a ProducerOptions has there that nobody changed.
#define CONVEYOR_MEMBER(type, member) \
  ::conveyor::Member { #type "::" #member, ::conveyor::page_value(type().member) }
/// One whose default is no value that can be compared.
#define CONVEYOR_MEMBER_OF_ANY_VALUE(type, member) \
  ::conveyor::Member { #type "::" #member, ((void)type().member, "") }

/// Fails for members that the page has no row for, or another default, and for rows that are none of the members.
/// @param wanted which sections' rows may be such
void expect_rows(const std::vector<Member>& members, const std::function<bool(std::string_view section)>& wanted);

// The default of a setting, as the page has it.

inline std::string page_value(bool value) { return value ? "true" : "false"; }
inline std::string page_value(const std::string& value) { return value.empty() ? "empty" : "`" + value + "`"; }
std::string page_value(double value);
std::string page_value(std::chrono::milliseconds value);

template <class Number>
requires std::is_integral_v<Number> std::string page_value(Number value) {
  constexpr auto kMebi = std::size_t{1} << 20;
  if (std::is_same_v<Number, std::size_t> && value != 0 && static_cast<std::size_t>(value) % kMebi == 0) {
    return std::to_string(static_cast<std::size_t>(value) / kMebi) + " MiB";
  }
  return std::to_string(value);
}

/// Enumerations: `names` in the order of their numbers.
template <class E>
std::string page_value_of(E value, std::initializer_list<std::string_view> names) {
  return "`" + std::string(names.begin()[static_cast<std::size_t>(value)]) + "`";
}

/// What holds something or nothing, and by default nothing.
template <class T>
requires requires(const T& value) {
  value.empty();
} &&(!std::is_convertible_v<T, std::string>)std::string page_value(const T& value) {
  return value.empty() ? "none" : "something";
}
template <class T>
requires requires(const T& value) {
  value == nullptr;
} &&(!std::is_convertible_v<T, std::string>)std::string page_value(const T& value) {
  return value == nullptr ? "none" : "something";
}
template <class T>
std::string page_value(const std::optional<T>& value) {
  return value ? "something" : "none";
}
inline std::string page_value(const std::stop_token& value) { return value.stop_possible() ? "something" : "none"; }

}  // namespace conveyor

#endif  // CONVEYOR_TESTS_QUALITY_DOCS_CONFIGURATION_PAGE_H_
