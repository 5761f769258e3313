#ifndef EGG_SCAN_MODEL_PHANTOM_H_
#define EGG_SCAN_MODEL_PHANTOM_H_

#include <cstdint>
#include <opencv2/core/mat.hpp>

// Synthetic MR slices of eggs. No egg was scanned: everything is made up, and nothing learnt from these says anything
// about real ones.

namespace conveyor::egg {

inline constexpr int kPhantomSide = 128;  ///< pixels

/// A synthetic slice, and whether its embryo has the feature that the two classes differ in.
struct Phantom {
  cv::Mat slice;      ///< kPhantomSide x kPhantomSide, CV_16UC1, above 0 only by noise outside the egg
  bool spot = false;  ///< the embryo has a dark spot
};

/// Phantom `number` of a series; the same for the same two numbers, whatever was made before. Half of them have the
/// spot.
///
/// An egg-shaped outline at any angle and place, with albumen, a dark air cell at the blunt end, a yolk, an embryo
/// beside it, and a few small dark blobs elsewhere in both classes. The embryo of one class has a dark spot of about a
/// twentieth of its area. Over all of it a smooth bias field of up to about half the signal, and Rician noise
/// (Gudbjartsson and Patz, Magn. Reson. Med. 34, 1995) of 3% to 12% of the albumen's signal.
///
/// Thread safety: may be called from any thread.
[[nodiscard]] Phantom phantom(std::uint64_t series, std::uint64_t number);

}  // namespace conveyor::egg

#endif  // EGG_SCAN_MODEL_PHANTOM_H_
