// Preprocess steps, in any order, on small pictures of any kind, with any bits as their pixels.
#include <algorithm>
#include <array>
#include <opencv2/core.hpp>
#include <string>
#include <utility>
#include <vector>

#include "conveyor/error.h"
#include "conveyor/vision/preprocess.h"
#include "quality/fuzz/input.h"

namespace {

using conveyor::fuzz::Input;
using conveyor::vision::StepRegistry;

/// A step's name and what its arguments are: s a size, n a number, w a small whole number, p a percentile, l linear, 8 itself.
constexpr std::array<std::pair<const char*, const char*>, 26> kSteps = {{
    {"rescale", ""},
    {"rescale", "nn"},
    {"resize", "ss"},
    {"letterbox", "ss"},
    {"letterbox", "ssn"},
    {"mask", ""},
    {"mask", "w"},
    {"bias", ""},
    {"bias", "n"},
    {"clip", "pp"},
    {"zscore", ""},
    {"median", "w"},
    {"crop", ""},
    {"crop", "w"},
    {"normalize", "nn"},
    {"color", "g"},
    {"color", "b"},
    {"color", "r"},
    {"normalize", "nnnnnn"},
    {"rescale", ""},
    {"levels", "n"},
    {"depth", "8"},
    {"resize", "ssl"},
    {"letterbox", "ssnl"},
    {"crop_center", "ss"},
    {"resize_shortest", "s"},
}};

std::string argument(char kind, Input& input) {
  switch (kind) {
    case 's':
      return std::to_string(1 + input.byte() % 64);
    case 'w':
      return std::to_string(input.byte() % 8);
    case 'p':
      return std::to_string(input.byte() % 101);
    case '8':
      return "8";
    case 'l':
      return "linear";
    case 'g':
      return "gray";
    case 'b':
      return "bgr";
    case 'r':
      return "rgb";
    default:
      return std::to_string((input.word() - 32768) / 128.0);
  }
}

std::string chain_text(Input& input) {
  std::string text;
  for (int left = 1 + input.byte() % 5; left > 0; --left) {
    const auto& [name, kinds] = kSteps[static_cast<std::size_t>(input.byte()) % kSteps.size()];
    std::string arguments;
    for (const char* kind = kinds; *kind != '\0'; ++kind) {
      arguments += (arguments.empty() ? "" : ",") + argument(*kind, input);
    }
    text += (text.empty() ? "" : "|") + std::string(name) + (arguments.empty() ? "" : "(" + arguments + ")");
  }
  return text;
}

cv::Mat picture(Input& input) {
  constexpr std::array kDepths = {CV_8U, CV_16U, CV_32F};
  constexpr std::array kChannels = {1, 3, 4};
  const int kind = input.byte();
  const int width = 1 + input.byte() % 48;
  const int height = 1 + input.byte() % 48;
  cv::Mat pixels(
      height, width,
      CV_MAKETYPE(kDepths[static_cast<std::size_t>(kind % 3)], kChannels[static_cast<std::size_t>(kind / 3 % 3)]));
  const std::string_view bits = input.rest();
  const std::size_t size = pixels.total() * pixels.elemSize();
  for (std::size_t i = 0; i < size; ++i)
    pixels.data[i] = bits.empty() ? 0 : static_cast<unsigned char>(bits[i % bits.size()]);
  return pixels;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const StepRegistry steps = conveyor::vision::built_in_steps();
  static conveyor::vision::Scratch scratch;
  Input input(data, size);
  const std::string text = chain_text(input);
  const cv::Mat pixels = picture(input);
  const cv::Mat before = pixels.clone();
  try {
    const auto chain = steps.parse(text);
    const conveyor::vision::Sample& sample = chain.run({.pixels = pixels, .slope = 2, .intercept = -1}, scratch);
    conveyor::fuzz::expect(!sample.pixels.empty(), "a chain that runs gives pixels");
    conveyor::fuzz::expect(sample.mask.empty() || sample.mask.size() == sample.pixels.size(), "a mask fits its pixels");
  } catch (const conveyor::Error&) {
    // An unknown step, impossible arguments, or a picture that a step cannot work on.
  }
  conveyor::fuzz::expect(std::equal(pixels.datastart, pixels.dataend, before.datastart),
                         "a chain leaves its input alone");
  return 0;
}
