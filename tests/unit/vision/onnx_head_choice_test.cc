#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "unit/vision/expect_error.h"
#include "vision/onnx/onnx_boxes.h"
#include "vision/onnx/onnx_candidates.h"
#include "vision/onnx/onnx_heads.h"

// Which head is taken for outputs of which shapes. Numbers decide nothing, so that there are none here.

namespace conveyor::vision {
namespace {

using enum DetectionHead;
using Shape = std::vector<std::int64_t>;

OnnxOptions network(int side, std::size_t labels) {
  return {.labels = std::vector<std::string>(labels, "a"), .width = side, .height = side};
}

OnnxDetectorOptions resolved(const std::vector<Shape>& shapes, const OnnxOptions& network,
                             OnnxDetectorOptions options = {}) {
  std::vector<OnnxOutput> outputs;
  for (const Shape& shape : shapes) outputs.push_back({.shape = shape});
  options.network = network;
  return resolve_head(options, network, outputs);
}

TEST(HeadChoice, TakesTheOnlyHeadThatShapesAllow) {
  EXPECT_EQ(resolved({{1, 84, 8400}}, network(640, 0)).head, kYoloColumns) << "YOLOv8 and YOLO11";
  EXPECT_EQ(resolved({{1, 84, 8400}}, network(640, 80)).head, kYoloColumns);
  EXPECT_EQ(resolved({{1, 5, 8400}}, network(640, 1)).head, kYoloColumns);
  EXPECT_EQ(resolved({{1, 25200, 85}}, network(640, 0)).head, kYoloRows) << "YOLOv5 and YOLOv7: three for each cell";
  EXPECT_EQ(resolved({{1, 25200, 85}}, network(640, 80)).head, kYoloRows);
  EXPECT_EQ(resolved({{1, 300, 6}}, network(640, 80)).head, kEndToEnd) << "YOLOv10 and YOLO26";
  EXPECT_EQ(resolved({{1, 300, 6}}, network(640, 0)).head, kEndToEnd) << "300 is no number of cells of a grid";
  EXPECT_EQ(resolved({{1, 100, 6}}, network(512, 0)).head, kEndToEnd) << "CenterNet";
  EXPECT_EQ(resolved({{1, 0, 6}}, network(640, 0)).head, kEndToEnd) << "nothing found";
  EXPECT_EQ(resolved({{1, 25200, 6}}, network(640, 2)).head, kEndToEnd) << "one class is not two labels";
}

TEST(HeadChoice, AsksWhereShapesAllowSeveral) {
  EXPECT_ERROR(errc::invalid_config,
               "its output is 1 x 25200 x 6, which may be head=yolo_rows or head=end_to_end: say which in its options, "
               "or as detector.head in its card; labels may decide it, too",
               (void)resolved({{1, 25200, 6}}, network(640, 0)));
  EXPECT_ERROR(errc::invalid_config, "which with 1 labels may be head=yolo_rows or head=end_to_end",
               (void)resolved({{1, 25200, 6}}, network(640, 1)));
  EXPECT_ERROR(errc::invalid_config, "may be head=yolo_rows or head=yolox",
               (void)resolved({{1, 8400, 85}}, network(640, 80)));
  EXPECT_ERROR(errc::invalid_config, "--decode_in_inference", (void)resolved({{1, 8400, 85}}, network(640, 80)));
  EXPECT_ERROR(errc::invalid_config, "may be head=ssd or head=detr",
               (void)resolved({{1, 100, 92}, {1, 100, 4}}, network(640, 91)));
  EXPECT_ERROR(errc::invalid_config, "may be head=yolo_columns or head=yolo_rows",
               (void)resolved({{1, 84, 85}}, network(64, 80)));
  for (const DetectionHead head : {kYoloRows, kYolox, kEndToEnd}) {
    EXPECT_EQ(resolved({{1, 8400, 6}}, network(640, 0), {.head = head}).head, head);
  }
}

TEST(HeadChoice, RefusesWhatNoHeadReads) {
  EXPECT_ERROR(errc::invalid_config, "17 keypoints", (void)resolved({{1, 56, 8400}}, network(640, 0)));
  EXPECT_ERROR(errc::invalid_config, "1 x 56 x 8400, which no head reads with 1 labels",
               (void)resolved({{1, 56, 8400}}, network(640, 1)));
  EXPECT_EQ(resolved({{1, 56, 8400}}, network(640, 52)).head, kYoloColumns) << "so many classes were said";
  EXPECT_ERROR(errc::invalid_config, "oriented boxes", (void)resolved({{1, 20, 21504}}, network(1024, 15)));
  EXPECT_ERROR(errc::invalid_config, "masks", (void)resolved({{1, 116, 8400}, {1, 32, 160, 160}}, network(640, 80)));
  EXPECT_ERROR(errc::invalid_config, "torchvision", (void)resolved({{9, 4}, {9}, {9}}, network(640, 80)));
  EXPECT_ERROR(errc::invalid_config, "no head reads", (void)resolved({{100, 6}}, network(640, 80)));
  EXPECT_ERROR(errc::invalid_config, "no head reads", (void)resolved({}, network(640, 80)));
}

TEST(HeadChoice, SaysWhatTheHeadLeavesOpen) {
  const auto of = [](DetectionHead head) { return resolved({}, network(640, 0), {.head = head}); };
  EXPECT_EQ(of(kYoloColumns).box_format, BoxFormat::kCxcywh);
  EXPECT_EQ(of(kYoloColumns).box_units, BoxUnits::kPixels);
  EXPECT_EQ(of(kYoloColumns).background, Background::kNone);
  EXPECT_EQ(of(kEndToEnd).box_format, BoxFormat::kXyxy);
  EXPECT_EQ(of(kEndToEnd).box_units, BoxUnits::kPixels);
  EXPECT_EQ(of(kSsd).box_format, BoxFormat::kXyxy);
  EXPECT_EQ(of(kSsd).box_units, BoxUnits::kNormalized);
  EXPECT_EQ(of(kSsd).background, Background::kFirst);
  const auto own = resolved(
      {}, network(640, 0),
      {.head = kSsd, .box_format = BoxFormat::kYxyx, .box_units = BoxUnits::kPixels, .background = Background::kNone});
  EXPECT_EQ(own.box_format, BoxFormat::kYxyx);
  EXPECT_EQ(own.box_units, BoxUnits::kPixels);
  EXPECT_EQ(own.background, Background::kNone);
}

TEST(HeadChoice, KnowsWhichScoreOfDetrIsThatOfNoObjectByItsActivation) {
  OnnxOptions options = network(640, 0);
  EXPECT_ERROR(errc::invalid_config, "head=detr needs activation=softmax (DETR) or activation=sigmoid",
               (void)resolved({}, options, {.head = kDetr}));
  EXPECT_EQ(resolved({}, options, {.head = kDetr, .background = Background::kLast}).background, Background::kLast);
  options.activation = OnnxActivation::kSoftmax;
  EXPECT_EQ(resolved({}, options, {.head = kDetr}).background, Background::kLast);
  options.activation = OnnxActivation::kSigmoid;
  EXPECT_EQ(resolved({}, options, {.head = kDetr}).background, Background::kNone);
  EXPECT_EQ(resolved({}, options, {.head = kDetr}).box_units, BoxUnits::kNormalized);
}

TEST(HeadChoice, RefusesSettingsThatDoNotGoWithTheHead) {
  OnnxOptions options = network(640, 0);
  EXPECT_ERROR(errc::invalid_config, "box_format does not go with head=yolox",
               (void)resolved({}, options, {.head = kYolox, .box_format = BoxFormat::kXyxy}));
  EXPECT_ERROR(errc::invalid_config, "box_units does not go with head=yolox",
               (void)resolved({}, options, {.head = kYolox, .box_units = BoxUnits::kPixels}));
  EXPECT_ERROR(errc::invalid_config, "background does not go with head=end_to_end",
               (void)resolved({}, options, {.head = kEndToEnd, .background = Background::kNone}));
  options.activation = OnnxActivation::kSoftmax;
  EXPECT_ERROR(errc::invalid_config, "activation=softmax does not go with head=yolox",
               (void)resolved({}, options, {.head = kYolox}));
  options.activation = OnnxActivation::kSigmoid;
  EXPECT_EQ(resolved({}, options, {.head = kYolox}).head, kYolox);
  EXPECT_ERROR(errc::invalid_config, "activation does not go with head=end_to_end",
               (void)resolved({}, options, {.head = kEndToEnd}));
}

Box box(BoxFormat format, BoxUnits units, const std::vector<float>& numbers, bool in_cells = false,
        std::size_t row = 0) {
  std::vector<float> all(row * 4);
  all.insert(all.end(), numbers.begin(), numbers.end());
  const Candidates candidates{
      .boxes = {all.data(), row + 1, 4, 4, 1}, .format = format, .units = units, .in_cells = in_cells};
  return box_of(candidates, row, {.width = 200, .height = 100});
}

TEST(CandidateBoxes, AreReadInEveryFormatAndUnit) {
  const Box expected{20, 30, 40, 50};
  EXPECT_EQ(box(BoxFormat::kCxcywh, BoxUnits::kPixels, {40, 55, 40, 50}), expected);
  EXPECT_EQ(box(BoxFormat::kXyxy, BoxUnits::kPixels, {20, 30, 60, 80}), expected);
  EXPECT_EQ(box(BoxFormat::kYxyx, BoxUnits::kPixels, {30, 20, 80, 60}), expected);
  EXPECT_EQ(box(BoxFormat::kCxcywh, BoxUnits::kNormalized, {0.25F, 0.5F, 0.5F, 0.5F}), (Box{0, 25, 100, 50}));
  EXPECT_EQ(box(BoxFormat::kXyxy, BoxUnits::kNormalized, {0.25F, 0.5F, 0.75F, 1}), (Box{50, 50, 100, 50}));
  EXPECT_EQ(box(BoxFormat::kYxyx, BoxUnits::kNormalized, {0.5F, 0.25F, 1, 0.75F}), (Box{50, 50, 100, 50}));
}

TEST(CandidateBoxes, OfYoloxLieInTheCellsOfThreeGrids) {
  // 200 x 100 pixels have 25 x 12 cells of 8, 12 x 6 of 16, and 6 x 3 of 32.
  const OnnxOptions network{.width = 200, .height = 100};
  EXPECT_EQ(yolox_cells(network), 300U + 72 + 18);
  const auto at = [](std::size_t row) {
    return box(BoxFormat::kCxcywh, BoxUnits::kPixels, {0.5F, 0.25F, 0, std::log(2.0F)}, true, row);
  };
  const auto expect = [](const Box& box, float x, float y, float stride) {
    EXPECT_NEAR(box.x, (x + 0.5F) * stride - stride / 2, 1e-4);
    EXPECT_NEAR(box.y, (y + 0.25F) * stride - stride, 1e-4);
    EXPECT_NEAR(box.width, stride, 1e-4);
    EXPECT_NEAR(box.height, 2 * stride, 1e-4);
  };
  expect(at(0), 0, 0, 8);
  expect(at(24), 24, 0, 8);
  expect(at(25), 0, 1, 8);
  expect(at(299), 24, 11, 8);
  expect(at(300), 0, 0, 16);
  expect(at(371), 11, 5, 16);
  expect(at(372), 0, 0, 32);
  expect(at(389), 5, 2, 32);
}

}  // namespace
}  // namespace conveyor::vision
