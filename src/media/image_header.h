#ifndef CONVEYOR_SRC_MEDIA_IMAGE_HEADER_H_
#define CONVEYOR_SRC_MEDIA_IMAGE_HEADER_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace conveyor::media {

/// What the header of an image file says.
struct ImageHeader {
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::size_t bytes = 0;  ///< of the image; the file may go on after them
};

/// Reads the IHDR chunk and finds the IEND chunk (ISO/IEC 15948). @throws DecodeError for bytes that are not a whole
/// PNG
[[nodiscard]] ImageHeader read_png_header(std::string_view bytes);

/// Reads the frame header (SOF) and finds the end (EOI) of a JPEG (ITU-T T.81, B.2.1), which anything may follow: a
/// line's end in a multipart stream, the video of a motion photo. @throws DecodeError likewise, and for more than 64
/// scans
[[nodiscard]] ImageHeader read_jpeg_header(std::string_view bytes);

}  // namespace conveyor::media

#endif  // CONVEYOR_SRC_MEDIA_IMAGE_HEADER_H_
