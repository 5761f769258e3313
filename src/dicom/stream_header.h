#ifndef CONVEYOR_SRC_DICOM_STREAM_HEADER_H_
#define CONVEYOR_SRC_DICOM_STREAM_HEADER_H_

#include <cstdint>
#include <string_view>

namespace conveyor::dicom {

/// What a compressed stream says of its picture before its pixels: libraries allocate by it.
struct StreamHeader {
  std::int64_t width = 0;
  std::int64_t height = 0;
  int components = 0;
  int precision = 0;  ///< bits a sample
};

/// The frame header (SOF) of a JPEG (ITU-T T.81) or JPEG-LS (T.87), of which there must be one before the first scan.
/// @throws DecodeError for bytes that are neither
[[nodiscard]] StreamHeader read_jpeg_stream(std::string_view bytes);

/// The header (SIZ) of a JPEG 2000 codestream (T.800), whose components must all be of its full size.
/// @param bytes become the codestream alone where they are a JP2 file around one
/// @throws DecodeError for bytes that are none
[[nodiscard]] StreamHeader read_jpeg2000_stream(std::string_view& bytes);

}  // namespace conveyor::dicom

#endif  // CONVEYOR_SRC_DICOM_STREAM_HEADER_H_
