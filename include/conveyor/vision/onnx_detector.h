#ifndef CONVEYOR_VISION_ONNX_DETECTOR_H_
#define CONVEYOR_VISION_ONNX_DETECTOR_H_

#include <filesystem>
#include <memory>

#include "conveyor/export.h"
#include "conveyor/vision/onnx.h"

namespace conveyor::vision {

/// How a network lays out what it found. N candidates, C classes.
enum class DetectionHead {
  /// The only one of those below that the shapes of the outputs and the number of labels allow. Where they allow more
  /// than one, the network is refused, and the error names them.
  kAuto,
  /// 1 x N x (5 + C), as YOLOv5 exports it: centre x and y, width, height in pixels of the input; how sure it is that
  /// there is anything; and how sure of each class, if so. The score is the product.
  kYoloRows,
  /// 1 x (4 + C) x N, as YOLOv8 exports it: centre x and y, width, height in pixels of the input, and the classes'
  /// scores.
  kYoloColumns,
  /// 1 x N x (5 + C), as YOLOX exports it without --decode_in_inference: as kYoloRows, but centres are counted in cells
  /// from the candidate's own, and sizes are logarithms of cells. The cells are those of strides 8, 16 and 32.
  kYolox,
  /// Two outputs, 1 x N x 4 and 1 x N x (1 + C), as SSD heads give them: left, top, right, bottom as fractions of the
  /// input's width and height; and scores, the first of which is that of no object.
  kSsd,
  /// Two outputs, 1 x N x 4 and 1 x N x (C + 1), as DETR gives them: centre x and y, width, height as fractions of the
  /// input's width and height; and logits. With the softmax activation the last of them is that of no object, with
  /// sigmoid (RT-DETR, RF-DETR) there is none. max_overlap does not apply.
  kDetr,
  /// 1 x N x 6, as end-to-end networks (YOLOv10 and YOLO26, exports with nms=True, CenterNet) give what they found:
  /// left, top, right, bottom in pixels of the input, score, and the number of the class. max_overlap does not apply.
  kEndToEnd,
};

/// Which four numbers make a box.
enum class BoxFormat {
  kOfHead,  ///< those that DetectionHead says
  kCxcywh,  ///< centre x and y, width, height
  kXyxy,    ///< left, top, right, bottom
  kYxyx,    ///< top, left, bottom, right, as TensorFlow has it
};

/// What the numbers of a box count.
enum class BoxUnits {
  kOfHead,      ///< what DetectionHead says
  kNormalized,  ///< fractions of the input's width and height
  kPixels,      ///< pixels of the input
};

/// Which of the scores of a candidate is that of no object.
enum class Background {
  kOfHead,  ///< what DetectionHead says; none where it says nothing
  kFirst,
  kLast,
  kNone,
};

struct OnnxDetectorOptions {
  OnnxOptions network = {};  ///< one label a class, none for no object; top does not apply
  DetectionHead head = DetectionHead::kAuto;
  BoxFormat box_format = BoxFormat::kOfHead;    ///< where the network differs from its head; not for kYolox
  BoxUnits box_units = BoxUnits::kOfHead;       ///< likewise
  Background background = Background::kOfHead;  ///< likewise; not for kEndToEnd
  double min_score = 0.25;                      ///< candidates below are left out; 0 to 1
  /// Of two boxes of one class whose intersection over union is above this, the surer one stays; 0 to 1.
  double max_overlap = 0.45;
  /// A box for each class of a candidate that is sure enough; false: the surest alone, as Ultralytics' predict does.
  bool multi_label = false;
  int max_detections = 100;  ///< of an image, surest first
};

/// The options in the model card beside a network, as read_model_card() reads them, with those of its key "detector":
///
///     {"labels": ["person"], "activation": "sigmoid",
///      "detector": {"head": "ssd", "box_format": "yxyx", "box_units": "pixels", "background": "none",
///                   "min_score": 0.3, "max_overlap": 0.6, "multi_label": false, "max_detections": 100}}
///
/// @throws Error with errc::invalid_config as read_model_card() does
[[nodiscard]] CONVEYOR_EXPORT OnnxDetectorOptions read_detector_card(const std::filesystem::path& model);

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
/// that they may be: scores below 0 or above 1, more classes than candidates, boxes in other units. Networks for poses,
/// oriented boxes and masks are refused; their files say so (Ultralytics' `task`), or their shapes do.
///
/// @throws Error with errc::invalid_config as onnx() does, or for options out of range or outputs of another layout
[[nodiscard]] CONVEYOR_EXPORT std::shared_ptr<const Model> onnx_detector(const std::filesystem::path& file,
                                                                         const OnnxDetectorOptions& options = {});

}  // namespace conveyor::vision

#endif  // CONVEYOR_VISION_ONNX_DETECTOR_H_
