#ifndef CONVEYOR_TESTS_SUPPORT_ERRORS_H_
#define CONVEYOR_TESTS_SUPPORT_ERRORS_H_

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "conveyor/error.h"

namespace conveyor::tests {

/// What some work threw: its code and its text.
struct Thrown {
  std::error_code code = {};
  std::string text = {};
};

/// Runs work that must throw conveyor::Error; if it does not, the code is none and the text says so.
template <class Work>
[[nodiscard]] Thrown thrown_by(Work&& work) {
  try {
    std::forward<Work>(work)();
  } catch (const Error& error) {
    return {error.code(), error.what()};
  }
  return {{}, "(nothing was thrown)"};
}

[[nodiscard]] inline ::testing::AssertionResult contains(std::string_view text, std::string_view part) {
  if (text.find(part) != std::string_view::npos) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "\"" << part << "\" is not in: " << text;
}

}  // namespace conveyor::tests

#endif  // CONVEYOR_TESTS_SUPPORT_ERRORS_H_
