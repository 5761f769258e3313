#ifndef CONVEYOR_VISION_FAKE_H_
#define CONVEYOR_VISION_FAKE_H_

#include <functional>
#include <memory>

#include "conveyor/export.h"
#include "conveyor/vision/classifier.h"

// Classifiers for tests of code around a classifier.

namespace conveyor::vision {

/// A model, called "constant", that says the same of every image.
[[nodiscard]] CONVEYOR_EXPORT std::shared_ptr<const Model> constant(Outcome outcome, InputSpec input = {});

/// A model, called "scripted", whose classifiers ask `script` about image after image, warm-up included. The script may
/// throw; every thread that has a classifier calls it.
///
///     auto busy = vision::scripted([](const cv::Mat&, vision::Outcome& outcome) { outcome.retry("busy"); });
[[nodiscard]] CONVEYOR_EXPORT std::shared_ptr<const Model> scripted(
    std::function<void(const cv::Mat& image, Outcome& outcome)> script, InputSpec input = {});

}  // namespace conveyor::vision

#endif  // CONVEYOR_VISION_FAKE_H_
