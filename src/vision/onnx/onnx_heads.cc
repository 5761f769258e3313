#include "vision/onnx/onnx_heads.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>

#include "conveyor/error.h"
#include "vision/onnx/onnx_boxes.h"
#include "vision/onnx/onnx_candidates.h"
#include "vision/onnx/onnx_words.h"

namespace conveyor::vision {
namespace {

using enum DetectionHead;

[[noreturn]] void invalid(const std::string& what) { throw Error(errc::invalid_config, what); }

std::string shapes_text(const std::vector<OnnxOutput>& outputs) {
  std::string text = outputs.size() == 1 ? "its output is " : "its outputs are ";
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    text += fmt::format("{}{}", i == 0 ? "" : " and ", shape_text(outputs[i].shape));
  }
  return text;
}

/// The heads that can read one table of 1 x a x b.
std::vector<DetectionHead> readings_of_table(std::size_t a, std::size_t b, const OnnxOptions& network) {
  const std::size_t labels = network.labels.size();
  const auto may_be_classes = [&](std::size_t columns, std::size_t first, std::size_t candidates) {
    return columns > first && columns - first <= candidates && (labels == 0 || labels == columns - first);
  };
  std::vector<DetectionHead> found;
  if (may_be_classes(a, 4, b) && (labels > 0 || a != kPoseColumns)) found.push_back(kYoloColumns);
  if (may_be_classes(b, 5, a)) {
    found.push_back(kYoloRows);
    if (a == yolox_cells(network)) found.push_back(kYolox);
  }
  if (b == 6) found.push_back(kEndToEnd);
  if (found.size() < 2) return found;
  // YOLO networks have a candidate for each cell of their grids, which other tables hardly have by chance.
  std::vector<DetectionHead> likely;
  std::copy_if(found.begin(), found.end(), std::back_inserter(likely), [&](DetectionHead head) {
    return head == kEndToEnd || is_yolo_grid(head == kYoloColumns ? b : a, network);
  });
  return likely.empty() ? found : likely;
}

bool are_boxes_and_scores(const std::vector<OnnxOutput>& outputs) {
  const auto is_table = [](const OnnxOutput& output) { return output.shape.size() == 3 && output.shape[0] == 1; };
  return outputs.size() == 2 && is_table(outputs[0]) && is_table(outputs[1]) &&
         outputs[0].shape[1] == outputs[1].shape[1] && (outputs[0].shape[2] == 4 || outputs[1].shape[2] == 4);
}

std::vector<DetectionHead> readings(const std::vector<OnnxOutput>& outputs, const OnnxOptions& network) {
  if (are_boxes_and_scores(outputs)) return {kSsd, kDetr};
  if (outputs.size() != 1) return {};
  const std::vector<std::int64_t>& shape = outputs[0].shape;
  if (shape.size() != 3 || shape[0] != 1 || shape[1] < 0 || shape[2] < 1) return {};
  return readings_of_table(static_cast<std::size_t>(shape[1]), static_cast<std::size_t>(shape[2]), network);
}

DetectionHead recognised(const std::vector<OnnxOutput>& outputs, const OnnxOptions& network) {
  const std::vector<DetectionHead> found = readings(outputs, network);
  if (found.size() == 1) return found[0];
  const std::string known = network.labels.empty() ? "" : fmt::format(" with {} labels", network.labels.size());
  if (found.empty()) {
    invalid(fmt::format("{}, which no head reads{}{}", shapes_text(outputs), known, likely_layout(outputs)));
  }
  std::string heads;
  for (std::size_t i = 0; i < found.size(); ++i) {
    heads += fmt::format("{}head={}", i == 0 ? "" : " or ", word_of(kHeadWords, found[i]));
  }
  constexpr const char* kYoloxHint =
      "; YOLOX gives cells (head=yolox) unless it was exported with "
      "--decode_in_inference (head=yolo_rows)";
  constexpr const char* kDetrHint = "; DETR gives centres and logits, SSD corners and probabilities";
  const bool has_yolox = std::find(found.begin(), found.end(), kYolox) != found.end();
  invalid(fmt::format("{}, which{} may be {}: say which in its options, or as detector.head in its card{}{}",
                      shapes_text(outputs), known, heads,
                      has_yolox          ? kYoloxHint
                      : found[0] == kSsd ? kDetrHint
                                         : "",
                      network.labels.empty() ? "; labels may decide it, too" : ""));
}

/// What the documentation of DetectionHead says.
BoxFormat format_of(DetectionHead head) {
  return head == kSsd || head == kEndToEnd ? BoxFormat::kXyxy : BoxFormat::kCxcywh;
}
BoxUnits units_of(DetectionHead head) {
  return head == kSsd || head == kDetr ? BoxUnits::kNormalized : BoxUnits::kPixels;
}
Background background_of(DetectionHead head, OnnxActivation activation) {
  if (head == kSsd) return Background::kFirst;
  if (head != kDetr || activation == OnnxActivation::kSigmoid) return Background::kNone;
  if (activation == OnnxActivation::kSoftmax) return Background::kLast;
  invalid(
      "head=detr needs activation=softmax (DETR) or activation=sigmoid (RT-DETR, RF-DETR) for its logits; a network "
      "that ends with its own needs background=last or background=none, in its options or as detector.background in "
      "its card");
}

void check_settings(const OnnxDetectorOptions& options) {
  const auto refuse = [&](bool holds, const char* setting) {
    if (holds) invalid(fmt::format("{} does not go with head={}", setting, word_of(kHeadWords, options.head)));
  };
  const bool has_objectness = options.head == kYoloRows || options.head == kYolox;
  refuse(options.head == kYolox && options.box_format != BoxFormat::kOfHead, "box_format");
  refuse(options.head == kYolox && options.box_units != BoxUnits::kOfHead, "box_units");
  refuse(options.head == kEndToEnd && options.background != Background::kOfHead, "background");
  refuse(options.head == kEndToEnd && options.network.activation != OnnxActivation::kNone, "activation");
  refuse(has_objectness && options.network.activation == OnnxActivation::kSoftmax, "activation=softmax");
}

}  // namespace

OnnxDetectorOptions resolve_head(const OnnxDetectorOptions& options, const OnnxOptions& network,
                                 const std::vector<OnnxOutput>& outputs) {
  OnnxDetectorOptions resolved = options;
  if (resolved.head == kAuto) resolved.head = recognised(outputs, network);
  check_settings(resolved);
  if (resolved.box_format == BoxFormat::kOfHead) resolved.box_format = format_of(resolved.head);
  if (resolved.box_units == BoxUnits::kOfHead) resolved.box_units = units_of(resolved.head);
  if (resolved.background == Background::kOfHead) {
    resolved.background = background_of(resolved.head, network.activation);
  }
  return resolved;
}

std::string likely_layout(const std::vector<OnnxOutput>& outputs) {
  const auto is_map = [](const OnnxOutput& output) { return output.shape.size() == 4; };
  if (outputs.size() == 1 && outputs[0].shape.size() == 3) {
    const auto a = outputs[0].shape[1], b = outputs[0].shape[2];
    if (b == 6) {
      return ". 1 x N x 6 is how end-to-end exports give left, top, right, bottom, score and class: head=end_to_end";
    }
    if (std::min(a, b) == static_cast<std::int64_t>(kPoseColumns)) {
      return ". 56 numbers a candidate are those of YOLO's pose networks: boxes with 17 keypoints, which are not read";
    }
    constexpr const char* kColumns =
        " of YOLOv8 (head=yolo_columns), or of its poses or oriented boxes, which are not read";
    constexpr const char* kRows =
        " of YOLOv5 (head=yolo_rows), of YOLOX (head=yolox, or head=yolo_rows if exported with "
        "--decode_in_inference), or end-to-end (head=end_to_end)";
    if (a < b / 2) return fmt::format(". It may be{}", kColumns);
    return a / 2 > b ? fmt::format(". It may be{}", kRows) : fmt::format(". It may be{}; or{}", kColumns, kRows);
  }
  if (outputs.size() == 2 && std::any_of(outputs.begin(), outputs.end(), is_map)) {
    return ". An output of 4 dimensions beside the boxes has masks: segmentation networks are not read";
  }
  if (outputs.size() == 2) {
    return ". Two outputs are those of SSD (head=ssd), or of DETR (head=detr); background, activation and box_units "
           "say "
           "how they differ from these";
  }
  if (outputs.size() == 3) {
    return ". Three outputs are boxes, labels and scores apart, as torchvision gives them, or maps of each stride; "
           "neither are read. Where two of them are boxes and scores of all classes, outputs names these";
  }
  return outputs.size() > 3 ? ". These are maps that the exporter can decode to boxes in the network itself; outputs "
                              "names those that are to be read"
                            : "";
}

}  // namespace conveyor::vision
