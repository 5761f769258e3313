#ifndef CONVEYOR_VISION_STEPS_H_
#define CONVEYOR_VISION_STEPS_H_

#include <array>

#include "conveyor/export.h"
#include "conveyor/vision/preprocess.h"

// The built-in steps, each with the text it is parsed from and printed as. The usual order for scans is
//
//     rescale|mask|bias|clip(1,99)|zscore|crop|resize(64,64)
//
// "Inside" is where the sample's mask is not 0, or everywhere when it has no mask. A step that needs pixels inside
// refuses an empty mask, and float pixels that are not finite. All functions throw Error with errc::invalid_config for
// arguments out of range, naming the step. An image that a step cannot work on is an Error with errc::decode.

namespace conveyor::vision {

/// `rescale`, `rescale(factor,offset)`: CV_32F of factor * (slope * pixel + intercept) + offset. Slope and intercept
/// are 1 and 0 afterwards.
[[nodiscard]] CONVEYOR_EXPORT StepPtr rescale(double factor = 1, double offset = 0);

/// `levels(white)`: declares that pixels are levels of brightness from 0 to `white`: `levels(4095)` for a camera of 12
/// bit in words of 16, `levels(1)` for float. Lower values become 0, higher ones `white`; those between stay.
///
/// After `rescale` it is the window that physical values are looked at through: of Hounsfield units from -160 to 240,
/// `rescale(1,160)|levels(400)`. Takes 8 bit, 16 bit and float.
///
/// @param white above 0
[[nodiscard]] CONVEYOR_EXPORT StepPtr levels(double white);

/// `depth(8)`: CV_8U, levels to 255, from levels of any depth: pixel * 255 / white, rounded. Slope and
/// intercept are 1 and 0 afterwards. Refuses pixels that are not brightness. Networks need no such step; a border of a
/// value of 8 bit does: `depth(8)|letterbox(640,640,114)`.
///
/// @param bits 8
[[nodiscard]] CONVEYOR_EXPORT StepPtr depth(int bits);

/// `mask`, `mask(radius)`: finds the one bright thing on a darker ground. Pixels stay as they are.
///
/// Of the pixels inside, those above Otsu's threshold (IEEE Trans. SMC 9, 1979) are taken, on the values themselves for
/// 8 and 16 bit, and on 4096 equal levels from the least to the greatest for float. They are closed with a square of
/// 2 * radius + 1 pixels (beyond the image there is nothing), the component of the most pixels is kept (neighbours by
/// side and corner; the upper one of two), its holes are filled, and what was outside before stays outside.
/// Takes 1 channel of 8 bit, 16 bit or float; refuses pixels of one value only.
///
/// @param radius 0 to 64 pixels
[[nodiscard]] CONVEYOR_EXPORT StepPtr mask(int radius = 2);

/// `bias`, `bias(part)`: divides out the slow change of brightness that receiver coils leave in MR images. CV_32F.
///
/// Inside, out = pixel / field * k, with k such that the mean inside stays; outside, pixels stay. The field is the mean
/// of the pixels inside, weighted by a Gaussian of standard deviation s = part * the image's longer side, cut off
/// beyond 3 s along each side: (G * (m pixel)) / (G * m), m being 1 inside and 0 outside. It is computed on square
/// cells of max(1, floor(s/4)) pixels, linearly interpolated between their centres, and nowhere taken below 1% of the
/// mean inside. Takes 1 channel of 8 bit, 16 bit or float; refuses a mean inside that is not above 0.
///
/// @param part 0.05 to 1; larger follows the image less
[[nodiscard]] CONVEYOR_EXPORT StepPtr bias(double part = 0.2);

/// `clip(low,high)`: pixels below the percentile `low` of those inside get its value, those above `high` its value;
/// outside too. Same type.
///
/// The percentile p of n sorted values is the one at (n - 1) * (p / 100), linearly interpolated between neighbours (the
/// method "linear" of numpy.percentile); for 8 and 16 bit it is then rounded, to even where two are as near.
/// Takes 1 channel of 8 bit, 16 bit or float.
///
/// @param low,high percent, 0 <= low < high <= 100
[[nodiscard]] CONVEYOR_EXPORT StepPtr clip(double low, double high);

/// `zscore`: CV_32F of (pixel - mean) / deviation inside, both taken inside, the deviation over n; 0 outside. Where all
/// pixels inside are the same, everything is 0. Takes 1 channel of 8 bit, 16 bit or float.
[[nodiscard]] CONVEYOR_EXPORT StepPtr zscore();

/// `normalize(mean,deviation)`: CV_32F of (pixel - mean) / deviation, for any number of channels; the mask is ignored.
[[nodiscard]] CONVEYOR_EXPORT StepPtr normalize(double mean, double deviation);
/// `normalize(mean,mean,mean,deviation,deviation,deviation)`: the same with numbers for each of 3 channels, in the
/// order they have in the sample:
/// `rescale(0.00392156862745098,0)|color(rgb)|normalize(0.485,0.456,0.406,0.229,0.224,0.225)`.
[[nodiscard]] CONVEYOR_EXPORT StepPtr normalize(const std::array<double, 3>& mean,
                                                const std::array<double, 3>& deviation);

/// `median(size)`: each pixel becomes the median of the square around it, channel by channel; the image's edge pixels
/// are repeated beyond it, the mask is ignored.
/// Takes 8 bit, 16 bit and float.
/// @param size 3 or 5
[[nodiscard]] CONVEYOR_EXPORT StepPtr median(int size);

/// `crop`, `crop(margin)`: the smallest upright rectangle that holds all pixels inside, and up to `margin` pixels
/// around it where the image has them. Without a mask: the whole image.
[[nodiscard]] CONVEYOR_EXPORT StepPtr crop(int margin = 0);

/// How a number of pixels that is computed becomes whole.
enum class Rounding {
  kDown,     ///< `floor`
  kNearest,  ///< `round`: halves to even, as Python's round() has it
};

/// `crop_center(width,height)`, `crop_center(width,height,floor)`: the middle of the image, of this size. Refuses a smaller
/// image. The left and upper borders are half of what is left over, rounded: by default as torchvision's center_crop does
/// it, with `floor` as PaddleClas does it.
[[nodiscard]] CONVEYOR_EXPORT StepPtr crop_center(int width, int height, Rounding rounding = Rounding::kNearest);

/// How a step that resizes makes pixels.
enum class Interpolation {
  kArea,     ///< the mean of the area that becomes the pixel when neither side grows, otherwise as kLinear
  kLinear,   ///< between the centres of the four nearest pixels, also where it shrinks (OpenCV's INTER_LINEAR)
  kLanczos,  ///< Lanczos' filter over the 8 x 8 nearest pixels, also where it shrinks (OpenCV's INTER_LANCZOS4)
};

/// `resize(width,height)`, `resize(width,height,linear)`, `resize(width,height,lanczos)`: the mask by the nearest pixel.
/// Takes 8 bit, 16 bit and float. `linear` and `lanczos` are for networks that were trained with them, `linear` for those
/// of TensorFlow and of Ultralytics. Where Lanczos' filter leaves the range of levels, as it does at edges, they are cut
/// off: at 0 and at white.
[[nodiscard]] CONVEYOR_EXPORT StepPtr resize(int width, int height, Interpolation interpolation = Interpolation::kArea);

/// `resize_shortest(side)`, `resize_shortest(side,linear)`, `resize_shortest(side,linear,round)`: the shorter side gets
/// that many pixels, the other is in proportion, rounded: by default down, as torchvision's Resize does it, with `round` as
/// PaddleClas does it. With the cut that usually
/// follows, as classifiers of ImageNet are evaluated: `resize_shortest(256)|crop_center(224,224)`.
[[nodiscard]] CONVEYOR_EXPORT StepPtr resize_shortest(int side, Interpolation interpolation = Interpolation::kArea,
                                                      Rounding rounding = Rounding::kDown);

/// `letterbox(width,height)`, `letterbox(width,height,fill)`, `letterbox(width,height,fill,linear)`: resized as a whole,
/// sides in proportion, into the middle; the rest has the value `fill` in every channel, and is outside the mask where
/// there is one.
///
/// The longer side fills its room; the other is rounded to whole pixels, to even where two are as near (as Python's
/// round() and Ultralytics have it), and where its borders cannot be the same, the upper or left one is the smaller.
/// A `fill` up to 255 in a picture whose white is above that, or one above white, may be meant as a gray of 8 bit: what
/// it leaves is then of unknown range, unless `depth(8)` stands before it, or `levels` after it.
[[nodiscard]] CONVEYOR_EXPORT StepPtr letterbox(int width, int height, double fill = 0,
                                                Interpolation interpolation = Interpolation::kArea);

enum class Color { kGray, kBgr, kRgb };

/// `color(gray)`, `color(bgr)`, `color(rgb)`: 1 channel or 3 in that order, from what the sample has; alpha is dropped.
/// Gray is 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601, as cv::cvtColor has it).
[[nodiscard]] CONVEYOR_EXPORT StepPtr color(Color to);

}  // namespace conveyor::vision

#endif  // CONVEYOR_VISION_STEPS_H_
