#include <gtest/gtest.h>

#include <filesystem>
#include <utility>

#include "conveyor/vision/classifier.h"
#include "conveyor/vision/classifier_registry.h"
#include "conveyor/vision/onnx.h"
#include "conveyor/vision/onnx_detector.h"
#include "unit/vision/expect_error.h"
#include "unit/vision/temporary_folder.h"
#include "vision/sha256.h"

namespace conveyor::vision {
namespace {

class ModelCardFile : public ::testing::Test {
 protected:
  OnnxOptions read(std::string_view card) {
    folder_.write("means.onnx.json", card);
    return read_model_card(folder_ / "means.onnx");
  }

  TemporaryFolder folder_{"conveyor_model_card_test"};
};

TEST_F(ModelCardFile, SetsTheOptionsOfTheNetwork) {
  const OnnxOptions card = read(R"json({
    "name": "egg", "version": "3", "preprocess": "resize(8,6)", "labels": ["left", "right"],
    "activation": "sigmoid", "outputs": ["scores"], "top": 2,
    "input": {"width": 8, "height": 6, "rgb": false, "layout": "nhwc", "scale": 0.5, "mean": [1, 2, 3], "deviation": 4},
    "about": {"accuracy": 0.98, "confusion": [[1, 2], [3, 4]]}})json");
  EXPECT_EQ(card.name, "egg");
  EXPECT_EQ(card.version, "3");
  EXPECT_EQ(card.preprocess, "resize(8,6)");
  EXPECT_EQ(card.labels, (std::vector<std::string>{"left", "right"}));
  EXPECT_EQ(card.activation, OnnxActivation::kSigmoid);
  EXPECT_EQ(card.outputs, std::vector<std::string>{"scores"});
  EXPECT_EQ(card.layout, OnnxLayout::kNhwc);
  EXPECT_EQ(card.top, 2);
  EXPECT_EQ(card.width, 8);
  EXPECT_EQ(card.height, 6);
  EXPECT_FALSE(card.rgb);
  EXPECT_EQ(card.scale, 0.5);
  EXPECT_EQ(card.mean, (std::array<double, 3>{1, 2, 3}));
  EXPECT_EQ(card.deviation, (std::array<double, 3>{4, 4, 4}));
}

TEST_F(ModelCardFile, SetsTheOptionsOfADetector) {
  folder_.write("means.onnx.json", R"json({
    "labels": ["person"], "activation": "softmax",
    "detector": {"head": "ssd", "box_format": "yxyx", "box_units": "pixels", "background": "none", "min_score": 0.3,
                 "max_overlap": 0.6, "multi_label": true, "max_detections": 7}})json");
  const OnnxDetectorOptions card = read_detector_card(folder_ / "means.onnx");
  EXPECT_EQ(card.network.labels, std::vector<std::string>{"person"});
  EXPECT_EQ(card.network.activation, OnnxActivation::kSoftmax);
  EXPECT_EQ(card.head, DetectionHead::kSsd);
  EXPECT_EQ(card.box_format, BoxFormat::kYxyx);
  EXPECT_EQ(card.box_units, BoxUnits::kPixels);
  EXPECT_EQ(card.background, Background::kNone);
  EXPECT_EQ(card.min_score, 0.3);
  EXPECT_EQ(card.max_overlap, 0.6);
  EXPECT_TRUE(card.multi_label);
  EXPECT_EQ(card.max_detections, 7);
  EXPECT_EQ(read_model_card(folder_ / "means.onnx").labels, std::vector<std::string>{"person"});
  EXPECT_EQ(read_detector_card(folder_ / "none.onnx").head, DetectionHead::kAuto);
}

TEST_F(ModelCardFile, NamesEveryHead) {
  using enum DetectionHead;
  for (const auto& [word, head] :
       std::initializer_list<std::pair<const char*, DetectionHead>>{{"auto", kAuto},
                                                                    {"detr", kDetr},
                                                                    {"end_to_end", kEndToEnd},
                                                                    {"ssd", kSsd},
                                                                    {"yolo_columns", kYoloColumns},
                                                                    {"yolo_rows", kYoloRows},
                                                                    {"yolox", kYolox}}) {
    folder_.write("means.onnx.json", std::string(R"({"detector": {"head": ")") + word + "\"}}");
    EXPECT_EQ(read_detector_card(folder_ / "means.onnx").head, head) << word;
  }
}

TEST_F(ModelCardFile, GivesWayToTheClassifiersText) {
  std::filesystem::copy_file(CONVEYOR_TEST_MODELS "/ssd.onnx", folder_ / "ssd.onnx");
  const std::string text = "detector:" + (folder_ / "ssd.onnx").string();
  folder_.write("ssd.onnx.json", R"({"detector": {"head": "yolo_rows"}})");
  EXPECT_ERROR(errc::invalid_config, "this head has 1", (void)built_in_classifiers().make(text));
  EXPECT_NE(built_in_classifiers().make(text + "?head=ssd"), nullptr);
  folder_.write("ssd.onnx.json", R"({"detector": {"head": "ssd"}})");
  EXPECT_NE(built_in_classifiers().make(text), nullptr);
}

TEST_F(ModelCardFile, IsReadAsDocumented) {
  const OnnxOptions card = read_model_card(CONVEYOR_TEST_MODELS "/egg.onnx");
  EXPECT_EQ(card.name, "egg");
  EXPECT_EQ(card.sha256, sha256("test"));
  EXPECT_EQ(card.labels.size(), 2U);
  EXPECT_EQ(card.scale, 0.0039);
}

TEST_F(ModelCardFile, OfADetectorIsReadAsDocumented) {
  const OnnxDetectorOptions card = read_detector_card(CONVEYOR_TEST_MODELS "/pedestrians.onnx");
  EXPECT_EQ(card.head, DetectionHead::kSsd);
  EXPECT_EQ(card.box_format, BoxFormat::kYxyx);
  EXPECT_EQ(card.box_units, BoxUnits::kOfHead);
  EXPECT_EQ(card.background, Background::kFirst);
  EXPECT_EQ(card.network.activation, OnnxActivation::kSigmoid);
  EXPECT_EQ(card.network.layout, OnnxLayout::kNhwc);
  EXPECT_EQ(card.network.outputs, (std::vector<std::string>{"boxes", "logits"}));
}

TEST_F(ModelCardFile, MayBeMissingOrNamedWithoutTheExtension) {
  EXPECT_EQ(read_model_card(folder_ / "means.onnx").name, "");
  folder_.write("means.json", R"({"name": "short"})");
  EXPECT_EQ(read_model_card(folder_ / "means.onnx").name, "short");
  EXPECT_EQ(read(R"({"name": "long"})").name, "long");
}

TEST_F(ModelCardFile, SaysWhatIsWrong) {
  EXPECT_ERROR(errc::invalid_config, "means.onnx.json cannot be used: it is not JSON", (void)read("{"));
  EXPECT_ERROR(errc::invalid_config, "the card is no object", (void)read("[]"));
  EXPECT_ERROR(errc::invalid_config, "a key lables that is not known; did you mean labels?",
               (void)read(R"({"lables": []})"));
  EXPECT_ERROR(errc::invalid_config, "a key means that is not known; did you mean mean?",
               (void)read(R"({"input": {"means": 1}})"));
  EXPECT_ERROR(errc::invalid_config, "labels is no list", (void)read(R"({"labels": "egg"})"));
  EXPECT_ERROR(errc::invalid_config, "labels is no text", (void)read(R"({"labels": ["egg", 2]})"));
  EXPECT_ERROR(errc::invalid_config, "rgb is neither", (void)read(R"({"input": {"rgb": 1}})"));
  EXPECT_ERROR(errc::invalid_config, "activation is no text", (void)read(R"({"activation": true})"));
  EXPECT_ERROR(errc::invalid_config, "activation is none of none, sigmoid, softmax",
               (void)read(R"({"activation": "relu"})"));
  EXPECT_ERROR(errc::invalid_config, "a key heads that is not known; did you mean head?",
               (void)read(R"({"detector": {"heads": "ssd"}})"));
  EXPECT_ERROR(errc::invalid_config, "head is none of auto, detr,", (void)read(R"({"detector": {"head": "yolo"}})"));
  EXPECT_ERROR(errc::invalid_config, "width is not from 0", (void)read(R"({"input": {"width": -8}})"));
  EXPECT_ERROR(errc::invalid_config, "width is not from 0", (void)read(R"({"input": {"width": 1e300}})"));
  EXPECT_ERROR(errc::invalid_config, "mean is neither", (void)read(R"({"input": {"mean": [1, 2]}})"));
  EXPECT_ERROR(errc::invalid_config, "scale is no number", (void)read(R"({"input": {"scale": "1"}})"));
  EXPECT_ERROR(errc::invalid_config, "not JSON", (void)read(std::string(100'000, '[')));
  EXPECT_ERROR(errc::invalid_config, "not JSON", (void)read("{\"name\": \"\xFF\"}"));
}

TEST_F(ModelCardFile, NamesTheWeightsItBelongsTo) {
  const auto network = folder_ / "means.onnx";
  std::filesystem::copy_file(CONVEYOR_TEST_MODELS "/means.onnx", network);
  const std::string digest = onnx(network)->card().sha256;
  EXPECT_EQ(onnx(network, read(R"({"sha256": ")" + digest + R"("})"))->card().sha256, digest);
  const std::string other(64, '0');
  EXPECT_ERROR(errc::invalid_config, "its SHA-256 is " + digest + "; its card, or OnnxOptions::sha256, says " + other,
               (void)onnx(network, read(R"({"sha256": ")" + other + R"("})")));
}

}  // namespace
}  // namespace conveyor::vision
