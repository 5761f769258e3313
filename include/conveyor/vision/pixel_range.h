#ifndef CONVEYOR_VISION_PIXEL_RANGE_H_
#define CONVEYOR_VISION_PIXEL_RANGE_H_

namespace conveyor::vision {

/// What the values of pixels stand for, which channels and depth do not tell.
///
///     return DecodedImage(pixels, PixelRange::levels(4095));  // 12 bit in words of 16
///
/// Thread safety: a value.
struct PixelRange {
  enum class Kind {
    kByDepth,     ///< not declared; range_of() in preprocess.h derives it from the depth
    kLevels,      ///< brightness, from black to white
    kRescaled,    ///< brightness, from black to white as a step of the chain put them
    kPhysical,    ///< a measured quantity, Hounsfield units say; black and white are the least and greatest storable
    kNormalized,  ///< by a mean and a deviation; no fixed bounds
    kMismatched,  ///< made from another range by a step whose numbers are for 0 to `white`; no network takes them
    kUnknown,
  };
  Kind kind = Kind::kByDepth;
  double black = 0;  ///< the value of what is darkest; of levels, rescaled and physical values
  double white = 0;  ///< the value of what is brightest, likewise

  /// Brightness from 0 to `white`: 255, 4095, 65535, or 1 of float.
  [[nodiscard]] static constexpr PixelRange levels(double white) { return {Kind::kLevels, 0, white}; }
  [[nodiscard]] static constexpr PixelRange physical(double least, double greatest) {
    return {Kind::kPhysical, least, greatest};
  }
  [[nodiscard]] static constexpr PixelRange normalized() { return {Kind::kNormalized}; }
  [[nodiscard]] static constexpr PixelRange mismatched(double white) { return {Kind::kMismatched, 0, white}; }
  [[nodiscard]] static constexpr PixelRange unknown() { return {Kind::kUnknown}; }

  bool operator==(const PixelRange&) const = default;
};

}  // namespace conveyor::vision

#endif  // CONVEYOR_VISION_PIXEL_RANGE_H_
