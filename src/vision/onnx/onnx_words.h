#ifndef CONVEYOR_SRC_VISION_ONNX_ONNX_WORDS_H_
#define CONVEYOR_SRC_VISION_ONNX_ONNX_WORDS_H_

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "conveyor/vision/onnx.h"
#include "conveyor/vision/onnx_detector.h"

// The words that model cards and configurations have for the values of an option.

namespace conveyor::vision {

template <class E>
struct OnnxWord {
  std::string_view word;
  E value;
};
template <class E>
OnnxWord(std::string_view, E) -> OnnxWord<E>;

inline constexpr std::array kActivationWords = {OnnxWord{"none", OnnxActivation::kNone},
                                                OnnxWord{"sigmoid", OnnxActivation::kSigmoid},
                                                OnnxWord{"softmax", OnnxActivation::kSoftmax}};
inline constexpr std::array kLayoutWords = {OnnxWord{"auto", OnnxLayout::kAuto}, OnnxWord{"nchw", OnnxLayout::kNchw},
                                            OnnxWord{"nhwc", OnnxLayout::kNhwc}};
inline constexpr std::array kHeadWords = {
    OnnxWord{"auto", DetectionHead::kAuto},
    OnnxWord{"detr", DetectionHead::kDetr},
    OnnxWord{"end_to_end", DetectionHead::kEndToEnd},
    OnnxWord{"ssd", DetectionHead::kSsd},
    OnnxWord{"yolo_columns", DetectionHead::kYoloColumns},
    OnnxWord{"yolo_rows", DetectionHead::kYoloRows},
    OnnxWord{"yolox", DetectionHead::kYolox},
};
inline constexpr std::array kBoxFormatWords = {OnnxWord{"of_head", BoxFormat::kOfHead},
                                               OnnxWord{"cxcywh", BoxFormat::kCxcywh},
                                               OnnxWord{"xyxy", BoxFormat::kXyxy}, OnnxWord{"yxyx", BoxFormat::kYxyx}};
inline constexpr std::array kBoxUnitsWords = {OnnxWord{"of_head", BoxUnits::kOfHead},
                                              OnnxWord{"normalized", BoxUnits::kNormalized},
                                              OnnxWord{"pixels", BoxUnits::kPixels}};
inline constexpr std::array kBackgroundWords = {
    OnnxWord{"of_head", Background::kOfHead}, OnnxWord{"first", Background::kFirst},
    OnnxWord{"last", Background::kLast}, OnnxWord{"none", Background::kNone}};

template <class E, std::size_t N>
[[nodiscard]] std::optional<E> value_of_word(const std::array<OnnxWord<E>, N>& words, std::string_view word) {
  const auto found = std::find_if(words.begin(), words.end(), [&](const auto& each) { return each.word == word; });
  return found == words.end() ? std::nullopt : std::optional(found->value);
}

template <class E, std::size_t N>
[[nodiscard]] constexpr std::string_view word_of(const std::array<OnnxWord<E>, N>& words, E value) {
  for (const auto& each : words) {
    if (each.value == value) return each.word;
  }
  return {};
}

/// For an error: "head is none of auto, detr, ..."
template <class E, std::size_t N>
[[nodiscard]] std::string unknown_word(std::string_view key, const std::array<OnnxWord<E>, N>& words) {
  std::string text = fmt::format("{} is none of", key);
  for (std::size_t i = 0; i < N; ++i) text += fmt::format("{} {}", i == 0 ? "" : ",", words[i].word);
  return text;
}

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_ONNX_ONNX_WORDS_H_
