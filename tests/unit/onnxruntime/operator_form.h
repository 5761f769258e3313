#ifndef CONVEYOR_TESTS_UNIT_ONNXRUNTIME_OPERATOR_FORM_H_
#define CONVEYOR_TESTS_UNIT_ONNXRUNTIME_OPERATOR_FORM_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <opencv2/core.hpp>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "unit/vision/onnx_writer.h"

// Small graphs of one operator each, run by both engines: OpenCV gives what ONNX Runtime gives, or the graph is refused
// before OpenCV sees it: OpenCV 4.6 gives something else for those, or was not tried with them.

namespace conveyor::onnxruntime {

using namespace vision::onnx_writer;

inline constexpr const char* kRight = nullptr;
/// OpenCV may refuse it in its own words, but gives nothing else.
inline constexpr char kRightOrTold[] = "OpenCV says";

/// Nodes that make y from `image`, 1 x 3 x 6 x 8 and -2 to 2, and from r, its absolute values and 0.5.
struct Form {
  std::string name;
  const char* refused;  // why OpenCV does not get it; kRight: it gives the same
  std::vector<std::string> nodes;
  std::vector<std::string> weights = {};
  int opset = 13;
};

inline void PrintTo(const Form& form, std::ostream* out) { *out << form.name; }

inline std::vector<float> random(std::int64_t count, float least = -1, float most = 1) {
  cv::RNG generator(static_cast<std::uint64_t>(count));
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) value = generator.uniform(least, most);
  return values;
}
inline std::string random(std::string_view name, const Shape& shape, float least = -1, float most = 1) {
  std::int64_t count = 1;
  for (const std::int64_t side : shape) count *= side;
  return floats(name, shape, random(count, least, most));
}
inline std::string ints(std::string_view name, const Shape& values) {
  return integers(name, {static_cast<std::int64_t>(values.size())}, values);
}
inline std::string one(std::string_view name, float value) { return floats(name, {}, {value}); }

/// OpenCV and ONNX Runtime: a test of its own for each form, wherever it stands.
void give_the_same_or_are_refused(const Form& form);
class OpenCvOperators : public ::testing::TestWithParam<Form> {};

inline constexpr auto by_name = [](const auto& form) { return form.param.name; };

}  // namespace conveyor::onnxruntime

#endif  // CONVEYOR_TESTS_UNIT_ONNXRUNTIME_OPERATOR_FORM_H_
