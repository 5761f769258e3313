#include "brightness.h"

#include <cmath>
#include <opencv2/core.hpp>

// Images of another shape do not reach classify(): they are bad input.
conveyor::vision::InputSpec Brightness::input() const { return {.channels = 1, .depth = CV_8U}; }

void Brightness::classify(std::span<const cv::Mat> images, std::span<Outcome> outcomes) {
  for (std::size_t i = 0; i < images.size(); ++i) {
    const double mean = cv::mean(images[i])[0] / 255;
    outcomes[i].add_label(mean > 0.5 ? "bright" : "dark", std::abs(mean - 0.5) * 2);
  }
}
