#ifndef CONVEYOR_SRC_DICOM_STREAMS_H_
#define CONVEYOR_SRC_DICOM_STREAMS_H_

#include <cstdint>
#include <opencv2/core.hpp>
#include <string>
#include <string_view>

#include "dicom/header.h"

// Decoders for the compressed streams that a DICOM file may hold. Each turns a frame into samples, CV_8U or CV_16U by
// the precision of the stream. All throw DecodeError for a corrupt stream, or one whose header contradicts the file's:
// decoders allocate by that header.

namespace conveyor::dicom {

/// What the header of a stream says of its picture.
struct StreamHeader {
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::int64_t components = 0;
  int precision = 0;               ///< bits a sample
  bool lossless = false;           ///< of a JPEG: its process (SOF3)
  bool transforms_colors = false;  ///< of a JPEG 2000: its components are transformed, which decoding undoes
};

/// Run lengths (PS3.5, annex G).
void decode_rle(const Header& header, std::string_view stream, cv::Mat& into);

/// JPEG (ITU-T T.81) of 2 to 16 bits, by GDCM's three builds of the Independent JPEG Group's library.
StreamHeader decode_jpeg(const Header& header, std::string_view stream, cv::Mat& into);

/// JPEG-LS (T.87), by CharLS rather than by GDCM's own use of it.
StreamHeader decode_jpeg_ls(const Header& header, std::string_view stream, cv::Mat& into);

/// JPEG 2000 (T.800), a codestream or a JP2 file around one, by OpenJPEG rather than by GDCM's own use of it.
StreamHeader decode_jpeg2000(const Header& header, std::string_view stream, cv::Mat& into);

/// Checks the stream's header against the file's, and allocates the samples. @throws DecodeError when they differ
void create_samples(const Header& header, const StreamHeader& stream, cv::Mat& into);

/// Interleaves three planes that lie one after the other.
void interleave_planes(cv::Mat& samples);

/// Copies from a JPEG only the segments that decoding needs, each checked to lie within the bytes; GDCM gets nothing
/// else.
/// @param clean becomes the stream
/// @throws DecodeError for what is no baseline, extended, progressive or lossless JPEG with one frame and an end
[[nodiscard]] StreamHeader clean_jpeg(std::string_view stream, std::string& clean);

/// The header (SIZ, COD) of a JPEG 2000 codestream, whose components must all be of its full size.
/// @param stream becomes the codestream alone where it is a JP2 file around one
[[nodiscard]] StreamHeader read_jpeg2000_header(std::string_view& stream);

}  // namespace conveyor::dicom

#endif  // CONVEYOR_SRC_DICOM_STREAMS_H_
