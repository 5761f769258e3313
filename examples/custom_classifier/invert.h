#pragma once

#include <conveyor/vision/preprocess.h>

/// A preprocess step of our own, `invert`: a negative of the image.
class Invert final : public conveyor::vision::PreprocessStep {
 public:
  void apply(const conveyor::vision::Sample& in, conveyor::vision::Sample& out) const override;
  std::string text() const override { return "invert"; }
};

/// The built-in steps and `invert`.
conveyor::vision::StepRegistry steps_with_invert();
