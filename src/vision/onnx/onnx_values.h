#ifndef CONVEYOR_SRC_VISION_ONNX_ONNX_VALUES_H_
#define CONVEYOR_SRC_VISION_ONNX_ONNX_VALUES_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "vision/onnx/onnx_model.h"

namespace conveyor::vision {

/// Where the values of a graph come from and which shapes they have, as far as the file says.
class OnnxValues {
 public:
  /// @throws Error with errc::invalid_config when a node reads a value that no earlier node gives, or two give the same
  explicit OnnxValues(const OnnxModel& model);

  /// The tensor of a weight or of a Constant node; null for other values.
  [[nodiscard]] const OnnxTensor* constant(std::string_view value) const;
  /// The numbers of a constant that has few.
  [[nodiscard]] std::optional<std::vector<double>> numbers(std::string_view value) const;
  /// The declared shape, or that of a weight; null where nothing says it.
  [[nodiscard]] const std::vector<std::int64_t>* shape(std::string_view value) const;
  /// How many dimensions; -1 where neither the file nor the operators say it.
  [[nodiscard]] int rank(std::string_view value) const;
  /// The size of dimension 1; -1 where neither the file nor the operators say it.
  [[nodiscard]] std::int64_t channels(std::string_view value) const;
  [[nodiscard]] const OnnxNode* producer(std::string_view value) const;
  [[nodiscard]] bool is_read(std::string_view value) const;
  /// Follows nodes back as long as they certainly keep the shape; the first value of that shape.
  [[nodiscard]] std::string_view same_shape(std::string_view value) const;

 private:
  [[nodiscard]] int rank_given_by(const OnnxNode& node) const;
  [[nodiscard]] std::int64_t channels_given_by(const OnnxNode& node) const;
  [[nodiscard]] std::int64_t reduced_channels(const OnnxNode& node) const;

  std::map<std::string_view, const OnnxNode*> producers_;
  std::map<std::string_view, const OnnxTensor*> constants_;
  std::map<std::string_view, std::vector<std::int64_t>> shapes_;
  std::map<std::string_view, int> ranks_;  // of what nodes give
  std::map<std::string_view, std::int64_t> channels_;
  std::map<std::string_view, int> readers_;
};

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_ONNX_ONNX_VALUES_H_
