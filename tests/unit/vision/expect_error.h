#ifndef CONVEYOR_TESTS_UNIT_VISION_EXPECT_ERROR_H_
#define CONVEYOR_TESTS_UNIT_VISION_EXPECT_ERROR_H_

#include <gtest/gtest.h>

#include <string>

#include "conveyor/error.h"

namespace conveyor {

/// What an Error of this code says; fails when nothing, or another error, is thrown.
template <class F>
std::string error_text(errc code, F&& run) {
  try {
    run();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

}  // namespace conveyor

#define EXPECT_ERROR(code, part, ...)                                                \
  do {                                                                               \
    const std::string error_said = conveyor::error_text(code, [&] { __VA_ARGS__; }); \
    EXPECT_NE(error_said.find(part), std::string::npos) << error_said;               \
  } while (false)

#endif  // CONVEYOR_TESTS_UNIT_VISION_EXPECT_ERROR_H_
