#ifndef CONVEYOR_VISION_ONNX_DETECTOR_H_
#define CONVEYOR_VISION_ONNX_DETECTOR_H_

#include <filesystem>
#include <memory>

#include "conveyor/export.h"
#include "conveyor/vision/onnx.h"

namespace conveyor::vision {

/// How a network lays out what it found. N candidates, C classes.
enum class DetectionHead {
  /// 1 x N x (5 + C), as YOLOv5 exports it: centre x and y, width, height in pixels of the input; how sure it is that
  /// there is anything; and how sure of each class, if so. The score is the product.
  kYoloRows,
  /// 1 x (4 + C) x N, as YOLOv8 exports it: centre x and y, width, height in pixels of the input, and the classes'
  /// scores.
  kYoloColumns,
  /// Two outputs, 1 x N x 4 and 1 x N x (1 + C), as SSD heads give them: left, top, right, bottom as fractions of the
  /// input's width and height; and scores, the first of which is that of no object.
  kSsd,
  /// 1 x N x 6, as end-to-end networks (YOLOv10 and YOLO26, exports with nms=True, CenterNet) give what they found:
  /// left, top, right, bottom in pixels of the input, score, and the number of the class. max_overlap does not apply.
  kEndToEnd,
};

struct OnnxDetectorOptions {
  OnnxOptions network = {};  ///< one label a class; softmax and top do not apply
  DetectionHead head = DetectionHead::kYoloColumns;
  double min_score = 0.25;  ///< candidates below are left out; 0 to 1
  /// Of two boxes of one class whose intersection over union is above this, the surer one stays; 0 to 1.
  double max_overlap = 0.45;
  /// A box for each class of a candidate that is sure enough; false: the surest alone, as Ultralytics' predict does.
  bool multi_label = false;
  int max_detections = 100;  ///< of an image, surest first
};

/// A network that gives boxes, run as onnx() runs others: what it says of files, input and errors holds here too.
/// OpenCV 4.6 lacks some of the operators that YOLOv8 is exported with; Conveyor::onnxruntime has them.
///
///     auto model = conveyor::vision::onnx_detector("yolov8n.onnx", {.network = {.labels = coco}});
///
/// Boxes are cut from candidates by their scores and by non-maximum suppression in each class. They are in pixels of
/// the image that the classifier was given; the preprocess chain brings them back to the source. Where the network was
/// trained with borders, let the chain be "letterbox(640,640,114)|color(bgr)" (OnnxOptions::preprocess),
/// for pictures of 12 or 16 bit with "depth(8)|" before it: the 114 is a gray of 8 bit.
///
/// Outputs that no head of that kind gives are a fault of the classifier, which fails the warm-up, and name the layouts
/// that they may be: scores below 0 or above 1, more classes than candidates, boxes that are not in pixels.
///
/// @throws Error with errc::invalid_config as onnx() does, or for options out of range or outputs of another layout
[[nodiscard]] CONVEYOR_EXPORT std::shared_ptr<const Model> onnx_detector(const std::filesystem::path& file,
                                                                         const OnnxDetectorOptions& options = {});

}  // namespace conveyor::vision

#endif  // CONVEYOR_VISION_ONNX_DETECTOR_H_
