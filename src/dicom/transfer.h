#ifndef CONVEYOR_SRC_DICOM_TRANSFER_H_
#define CONVEYOR_SRC_DICOM_TRANSFER_H_

#include <string>
#include <string_view>

#include "codec/scratch.h"
#include "dicom/dataset.h"

namespace conveyor::dicom {

/// How pixels are stored, by transfer syntax.
enum class Packing { kNative, kDeflated, kRle, kJpeg, kJpegLs, kJpeg2000 };

/// The data set in a file, and how it is to be read.
struct DataSet {
  std::string_view bytes = {};
  std::string transfer_syntax = {};  ///< its UID
  Packing packing = Packing::kNative;
  Syntax syntax = {};
};

/// Reads the meta information of a file (PS3.10) that may lack it, or its preamble.
/// @param inflated memory for what a deflated file holds
/// @throws DecodeError when it is no DICOM file, or its transfer syntax is not decoded
[[nodiscard]] DataSet open_data_set(std::string_view bytes, codec::Scratch& inflated);

/// A text value without its padding.
[[nodiscard]] std::string_view trim(std::string_view text);

}  // namespace conveyor::dicom

#endif  // CONVEYOR_SRC_DICOM_TRANSFER_H_
