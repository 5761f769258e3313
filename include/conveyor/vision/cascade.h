#ifndef CONVEYOR_VISION_CASCADE_H_
#define CONVEYOR_VISION_CASCADE_H_

#include <filesystem>
#include <memory>
#include <string>

#include "conveyor/export.h"

namespace conveyor::vision {

class Model;

struct CascadeOptions {
  std::string label = {};  ///< what it finds; empty: the file's name without its extension
  double scale = 1.1;      ///< from one size of the window to the next, above 1; nearer to 1 finds more, and is slower
  int min_neighbors = 3;   ///< windows that must agree
  int min_size = 0;        ///< pixels, of the shorter side of what is looked for; 0: that of the cascade's window
  int max_size = 0;        ///< pixels, of the longer side; 0: the image's
};

/// Finds what a Haar or LBP cascade was trained for (Viola and Jones, CVPR 2001), such as those of Debian's
/// opencv-data:
///
///     auto model = conveyor::vision::cascade("haarcascade_frontalface_default.xml", {.label = "face"});
///
/// The score of a detection is the number of windows that agreed on it, and no probability. Takes gray or BGR images of
/// 8 bit, of any size. Old cascade files (opencv-haar-classifier) are not read; OpenCV's own are all of the new kind.
///
/// @throws Error with errc::invalid_config naming the file when it cannot be read or is no cascade, or for options out
///         of range
[[nodiscard]] CONVEYOR_EXPORT std::shared_ptr<const Model> cascade(const std::filesystem::path& file,
                                                                   const CascadeOptions& options = {});

}  // namespace conveyor::vision

#endif  // CONVEYOR_VISION_CASCADE_H_
