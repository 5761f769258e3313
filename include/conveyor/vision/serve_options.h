#ifndef CONVEYOR_VISION_SERVE_OPTIONS_H_
#define CONVEYOR_VISION_SERVE_OPTIONS_H_

#include <chrono>
#include <opencv2/core/mat.hpp>
#include <optional>
#include <string>

#include "conveyor/batch.h"
#include "conveyor/handler.h"
#include "conveyor/vision/image.h"
#include "conveyor/vision/preprocess.h"

namespace conveyor::vision {

/// For live cameras, whose old frames are of no use: which frames of a batch to pass over, so that a service that fell
/// behind catches up. They are counted (ServeCounters::passed_over) and committed, and nothing is sent for them.
///
/// Scans are never passed over: without this every image has its prediction or is a dead letter.
struct Freshness {
  /// A frame that waited longer, from its capture_time_us, is passed over when the batch has a newer one of its
  /// partition and source.
  std::chrono::milliseconds max_age{500};
};

/// How images become what a classifier gets: of a Predictor, and of serve(), which has one on each thread.
struct ServeOptions {
  std::string preprocess = {};            ///< a chain as text; empty: the one that the model's card names
  StepRegistry steps = built_in_steps();  ///< what the chain may consist of
  /// Raw and delta_split images only; conveyor::media::decode reads PNG and JPEG too, conveyor::dicom::decode DICOM.
  ImageDecoder decode = static_cast<cv::Mat (*)(const v1::Image&, cv::Mat&)>(&vision::decode);
  /// OpenCV's number of threads, which serve() sets for the whole process: the worker's threads are enough. 0 leaves
  /// OpenCV's setting alone.
  int opencv_threads = 1;
  /// How many images a classifier gets at once, at most, and how long the first waits for others; a classifier that
  /// declares less gets them in parts. WorkerOptions::max_in_flight limits how many may wait.
  BatchOptions batch{.max_batch = 1, .max_delay = std::chrono::milliseconds(0)};
  /// For cameras only. It chooses among the frames of a batch: batch.max_batch must be above 1.
  std::optional<Freshness> freshness = {};
  HandlerOptions handler = {};  ///< retries and dead letters of the images' channel, where not the worker's
};

}  // namespace conveyor::vision

#endif  // CONVEYOR_VISION_SERVE_OPTIONS_H_
