// The section of docs/configuration.md on images, compared with the code.

#include <gtest/gtest.h>

#include <array>
#include <cctype>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "conveyor/config.h"
#include "conveyor/dicom/decode.h"
#include "conveyor/error.h"
#include "conveyor/media/video.h"
#include "conveyor/vision/cascade.h"
#include "conveyor/vision/classifier.h"
#include "conveyor/vision/classifier_registry.h"
#include "conveyor/vision/ensemble.h"
#include "conveyor/vision/hog.h"
#include "conveyor/vision/motion.h"
#include "conveyor/vision/onnx.h"
#include "conveyor/vision/onnx_detector.h"
#include "conveyor/vision/serve.h"
#include "quality/docs/configuration_page.h"

namespace conveyor {

inline std::string page_value(vision::DetectionHead value) {
  return page_value_of(value, {"kAuto", "kYoloRows", "kYoloColumns", "kYolox", "kSsd", "kDetr", "kEndToEnd"});
}
inline std::string page_value(vision::BoxFormat value) {
  return page_value_of(value, {"kOfHead", "kCxcywh", "kXyxy", "kYxyx"});
}
inline std::string page_value(vision::BoxUnits value) {
  return page_value_of(value, {"kOfHead", "kNormalized", "kPixels"});
}
inline std::string page_value(vision::Background value) {
  return page_value_of(value, {"kOfHead", "kFirst", "kLast", "kNone"});
}
inline std::string page_value(vision::OnnxActivation value) {
  return page_value_of(value, {"kNone", "kSoftmax", "kSigmoid"});
}
inline std::string page_value(vision::OnnxLayout value) { return page_value_of(value, {"kAuto", "kNchw", "kNhwc"}); }
inline std::string page_value(vision::EnsembleOptions::Combine value) {
  return page_value_of(value, {"kMean", "kVote"});
}
inline std::string page_value(const std::array<double, 3>& values) {
  return page_value(values[0]) + ", " + page_value(values[1]) + ", " + page_value(values[2]);
}

namespace {

using dicom::DecoderOptions;
using media::VideoOptions;
using vision::CascadeOptions;
using vision::EnsembleOptions;
using vision::Freshness;
using vision::HogOptions;
using vision::MotionOptions;
using vision::OnnxDetectorOptions;
using vision::OnnxOptions;
using vision::ServeOptions;

bool is_about_images(std::string_view section) { return section == "Images"; }

TEST(ConfigurationPage, HasEveryMemberOfImagesWithItsDefault) {
  expect_rows({CONVEYOR_MEMBER(Config, classifier),
               CONVEYOR_MEMBER(ServeOptions, preprocess),
               CONVEYOR_MEMBER_OF_ANY_VALUE(ServeOptions, steps),
               CONVEYOR_MEMBER_OF_ANY_VALUE(ServeOptions, decode),
               CONVEYOR_MEMBER(ServeOptions, opencv_threads),
               CONVEYOR_MEMBER(ServeOptions, batch.max_batch),
               CONVEYOR_MEMBER(ServeOptions, batch.max_delay),
               CONVEYOR_MEMBER(ServeOptions, freshness),
               CONVEYOR_MEMBER(ServeOptions, handler.retry),
               CONVEYOR_MEMBER(ServeOptions, handler.dead_letter),
               CONVEYOR_MEMBER(Freshness, max_age),
               CONVEYOR_MEMBER(OnnxOptions, labels),
               CONVEYOR_MEMBER(OnnxOptions, width),
               CONVEYOR_MEMBER(OnnxOptions, height),
               CONVEYOR_MEMBER(OnnxOptions, rgb),
               CONVEYOR_MEMBER(OnnxOptions, layout),
               CONVEYOR_MEMBER(OnnxOptions, scale),
               CONVEYOR_MEMBER(OnnxOptions, white),
               CONVEYOR_MEMBER(OnnxOptions, mean),
               CONVEYOR_MEMBER(OnnxOptions, deviation),
               CONVEYOR_MEMBER(OnnxOptions, activation),
               CONVEYOR_MEMBER(OnnxOptions, outputs),
               CONVEYOR_MEMBER(OnnxOptions, top),
               CONVEYOR_MEMBER(OnnxOptions, name),
               CONVEYOR_MEMBER(OnnxOptions, version),
               CONVEYOR_MEMBER(OnnxOptions, preprocess),
               CONVEYOR_MEMBER(OnnxOptions, sha256),
               CONVEYOR_MEMBER_OF_ANY_VALUE(OnnxDetectorOptions, network),
               CONVEYOR_MEMBER(OnnxDetectorOptions, head),
               CONVEYOR_MEMBER(OnnxDetectorOptions, box_format),
               CONVEYOR_MEMBER(OnnxDetectorOptions, box_units),
               CONVEYOR_MEMBER(OnnxDetectorOptions, background),
               CONVEYOR_MEMBER(OnnxDetectorOptions, min_score),
               CONVEYOR_MEMBER(OnnxDetectorOptions, max_overlap),
               CONVEYOR_MEMBER(OnnxDetectorOptions, multi_label),
               CONVEYOR_MEMBER(OnnxDetectorOptions, max_detections),
               CONVEYOR_MEMBER(CascadeOptions, label),
               CONVEYOR_MEMBER(CascadeOptions, scale),
               CONVEYOR_MEMBER(CascadeOptions, min_neighbors),
               CONVEYOR_MEMBER(CascadeOptions, min_size),
               CONVEYOR_MEMBER(CascadeOptions, max_size),
               CONVEYOR_MEMBER(HogOptions, stride),
               CONVEYOR_MEMBER(HogOptions, padding),
               CONVEYOR_MEMBER(HogOptions, scale),
               CONVEYOR_MEMBER(HogOptions, min_score),
               CONVEYOR_MEMBER(HogOptions, max_overlap),
               CONVEYOR_MEMBER(MotionOptions, learning_rate),
               CONVEYOR_MEMBER(MotionOptions, threshold),
               CONVEYOR_MEMBER(MotionOptions, min_area),
               CONVEYOR_MEMBER(MotionOptions, max_area),
               CONVEYOR_MEMBER(EnsembleOptions, combine),
               CONVEYOR_MEMBER(EnsembleOptions, max_overlap),
               CONVEYOR_MEMBER(EnsembleOptions, name),
               CONVEYOR_MEMBER(EnsembleOptions, preprocess),
               CONVEYOR_MEMBER(VideoOptions, open_timeout),
               CONVEYOR_MEMBER(VideoOptions, read_timeout),
               CONVEYOR_MEMBER(VideoOptions, reconnect_timeout),
               CONVEYOR_MEMBER(VideoOptions, stop),
               CONVEYOR_MEMBER(DecoderOptions, frame),
               CONVEYOR_MEMBER(DecoderOptions, others)},
              is_about_images);
}

/// The members of a struct that the page has.
std::set<std::string> members_on_page(const std::string& of) {
  std::set<std::string> members;
  for (const PageTable& table : page_tables()) {
    if (!is_about_images(table.section)) continue;
    for (const auto& row : table.rows) {
      const auto names = code_in(row.cells.front());
      if (!names.empty() && names.front().starts_with(of + "::")) members.insert(names.front().substr(of.size() + 2));
    }
  }
  EXPECT_FALSE(members.empty()) << of;
  return members;
}

/// The keys that a classifier says it knows when it is given another one.
std::set<std::string> keys_of(const std::string& classifier) {
  std::string text;
  try {
    (void)vision::built_in_classifiers().make(classifier + "?nosuchkey=1");
  } catch (const Error& error) {
    text = error.what();
  }
  constexpr std::string_view kKnown = "Known are: ";
  const auto at = text.find(kKnown);
  EXPECT_NE(at, text.npos) << text;
  if (at == text.npos) return {};
  std::set<std::string> keys;
  std::string key;
  for (const char c : text.substr(at + kKnown.size()) + ",") {
    if (std::islower(static_cast<unsigned char>(c)) != 0 || std::isdigit(static_cast<unsigned char>(c)) != 0 ||
        c == '_') {
      key += c;
    } else if (!key.empty()) {
      keys.insert(std::exchange(key, {}));
    }
  }
  return keys;
}

TEST(ConfigurationPage, HasTheKeysOfClassifiersTexts) {
  const std::string models = CONVEYOR_TEST_MODELS;
  // `engine` is no option of a function: each function has one engine.
  std::set<std::string> network = members_on_page("OnnxOptions");
  network.insert("engine");
  EXPECT_EQ(keys_of("onnx:" + models + "/means.onnx"), network);
  EXPECT_EQ(keys_of("hog"), members_on_page("HogOptions"));
  EXPECT_EQ(keys_of("motion"), members_on_page("MotionOptions"));
  EXPECT_EQ(keys_of("ensemble:[hog]"), members_on_page("EnsembleOptions"));

  std::set<std::string> detector = members_on_page("OnnxDetectorOptions");
  detector.erase("network");
  detector.merge(network);
  detector.erase("top");
  EXPECT_EQ(keys_of("detector:" + models + "/yolo_columns.onnx"), detector);
}

}  // namespace
}  // namespace conveyor
