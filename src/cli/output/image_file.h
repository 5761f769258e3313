#ifndef CONVEYOR_SRC_CLI_OUTPUT_IMAGE_FILE_H_
#define CONVEYOR_SRC_CLI_OUTPUT_IMAGE_FILE_H_

#include <string>
#include <variant>

#include "conveyor/v1/image.pb.h"

namespace conveyor::cli {

/// What a picture becomes on disk.
struct ImageFile {
  std::string extension = {};  ///< with its dot
  std::string bytes = {};
};

/// The picture as a file: JPEG, PNG and DICOM as they are; raw and delta-split pixels as PGM (gray), PPM (colours) or
/// PAM (with alpha), which need no library and lose nothing: https://netpbm.sourceforge.net/doc/
/// @return the file, or why there is none
[[nodiscard]] std::variant<ImageFile, std::string> image_file(const v1::Image& image);

}  // namespace conveyor::cli

#endif  // CONVEYOR_SRC_CLI_OUTPUT_IMAGE_FILE_H_
