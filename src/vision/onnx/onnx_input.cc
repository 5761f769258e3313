#include "vision/onnx/onnx_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "conveyor/error.h"
#include "conveyor/vision/image.h"
#include "vision/image/image_shape.h"
#include "vision/onnx/onnx_network.h"

namespace conveyor::vision {
namespace {

[[noreturn]] void invalid(const std::string& what) { throw Error(errc::invalid_config, what); }

bool is_channels(std::int64_t side) { return side == 1 || side == 3; }

/// Whether the channels are the last side; `is` describes the input for errors.
bool has_channels_last(const std::vector<std::int64_t>& shape, OnnxLayout layout, const std::string& is) {
  const bool first = shape.size() == 4 && is_channels(shape[1]), last = shape.size() == 4 && is_channels(shape[3]);
  if (first && last && layout == OnnxLayout::kAuto) {
    invalid(
        fmt::format("{}, so that its channels may be the second side or the last: say layout=nchw or layout=nhwc in "
                    "its options, or as input.layout in its card",
                    is));
  }
  if (!first && !last) {
    invalid(
        fmt::format("{}; batch x channels x height x width or batch x height x width x channels is needed, with 1 "
                    "or 3 channels",
                    is));
  }
  const bool is_last = layout == OnnxLayout::kNhwc || (layout == OnnxLayout::kAuto && last);
  if (!(is_last ? last : first)) {
    invalid(fmt::format("{}, which is not layout={}", is, is_last ? "nhwc" : "nchw"));
  }
  return is_last;
}

/// The width or height: the one that the file declares, or that the option says.
void fix_side(std::int64_t declared, int& option, const char* what, const std::string& is) {
  if (declared == -1 && option == 0) invalid(fmt::format("{}; set OnnxOptions::{}", is, what));
  if (declared != -1 && option != 0 && declared != option) {
    invalid(fmt::format("{}; OnnxOptions::{} is {}", is, what, option));
  }
  const std::int64_t size = declared == -1 ? option : declared;
  if (size < 1 || size > kMaxImageSide) invalid(fmt::format("{}; its {} would be {}", is, what, size));
  option = static_cast<int>(size);
}

/// Bytes have no room for pixels that were scaled or normalised.
void feed_bytes(OnnxOptions& options, const std::string& is) {
  const OnnxOptions usual;
  const bool is_usual = options.scale == usual.scale || options.scale == 1;
  if (!is_usual || options.mean != usual.mean || options.deviation != usual.deviation ||
      (options.white != 0 && options.white != 255)) {
    invalid(
        fmt::format("{}, of type uint8, and gets pixels of 0 to 255 as they are: leave scale, mean, deviation and "
                    "white out of its card and options",
                    is));
  }
  options.scale = 1;
  options.white = 255;
}

}  // namespace

OnnxInput read_onnx_input(const std::vector<OnnxValue>& inputs, OnnxOptions& options) {
  if (inputs.size() != 1) invalid(fmt::format("it has {} inputs, not one", inputs.size()));
  const std::vector<std::int64_t>& shape = inputs[0].shape;
  const std::string is =
      fmt::format("its input \"{}\" is {}", inputs[0].name, shape.empty() ? "of no shape" : shape_text(shape));
  constexpr std::array kTypes = {kOnnxFloat, kOnnxFloat16, kOnnxUint8};
  if (std::find(kTypes.begin(), kTypes.end(), inputs[0].type) == kTypes.end()) {
    invalid(fmt::format("{}, of type {}; float, float16 or uint8 is needed: export it with such an input", is,
                        onnx_type_name(inputs[0].type)));
  }
  OnnxInput input{.name = inputs[0].name, .type = inputs[0].type};
  input.channels_last = has_channels_last(shape, options.layout, is);
  const std::size_t channels = input.channels_last ? 3 : 1, height = input.channels_last ? 1 : 2;
  input.channels = static_cast<int>(shape[channels]);
  fix_side(shape[height], options.height, "height", is);
  fix_side(shape[height + 1], options.width, "width", is);
  if (auto wrong = wrong_dimensions(options.width, options.height); !wrong.empty()) {
    invalid(fmt::format("{}; {}", is, wrong));
  }
  const std::int64_t pixels = std::int64_t{options.width} * options.height;
  if (shape[0] > kMaxImagePixels / pixels) {
    invalid(fmt::format("{}; {} images of {} x {} are more than {} pixels: export it with a smaller batch", is,
                        shape[0], options.width, options.height, kMaxImagePixels));
  }
  if (shape[0] > 0) input.batch = static_cast<int>(shape[0]);
  if (input.type == kOnnxUint8) feed_bytes(options, is);
  return input;
}

}  // namespace conveyor::vision
