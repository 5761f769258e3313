#include "invert.h"

#include <memory>
#include <opencv2/core.hpp>

void Invert::apply(const conveyor::vision::Sample& in, conveyor::vision::Sample& out) const {
  cv::bitwise_not(in.pixels, out.pixels);
  out.mask = in.mask;
}

conveyor::vision::StepRegistry steps_with_invert() {
  conveyor::vision::StepRegistry steps = conveyor::vision::built_in_steps();
  steps.add("invert", [](const conveyor::vision::StepArguments&) { return std::make_shared<Invert>(); });
  return steps;
}
