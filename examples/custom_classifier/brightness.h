#pragma once

#include <conveyor/vision/classifier.h>

/// Says whether a gray image is bright or dark; the score is how far its mean is from the middle, 0 to 1.
class Brightness final : public conveyor::vision::Classifier {
 public:
  std::string_view name() const override { return "brightness"; }
  conveyor::vision::InputSpec input() const override;
  void classify(std::span<const cv::Mat> images, std::span<Outcome> outcomes) override;
};
