#ifndef CONVEYOR_SRC_DICOM_HEADER_H_
#define CONVEYOR_SRC_DICOM_HEADER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "codec/scratch.h"
#include "dicom/dataset.h"
#include "dicom/lookup_table.h"
#include "dicom/modality.h"
#include "dicom/transfer.h"

namespace conveyor::dicom {

enum class Photometric { kMonochrome1, kMonochrome2, kPalette, kRgb, kYbrFull, kYbrFull422, kYbrReversible };

/// Whether luminance and chrominances are stored. The transformation within a JPEG 2000 stream does not count.
[[nodiscard]] constexpr bool is_ybr(Photometric photometric) {
  return photometric == Photometric::kYbrFull || photometric == Photometric::kYbrFull422;
}

/// What a DICOM file says of its pictures. Every number was checked against its limits, and the pixel data is there.
struct Header {
  std::string transfer_syntax = {};  ///< its UID
  Packing packing = Packing::kNative;
  Syntax syntax = {};

  int width = 0;
  int height = 0;
  int frames = 1;
  int samples = 1;         ///< a pixel: 1 or 3
  int bits_allocated = 0;  ///< 1, 8 or 16
  int bits_stored = 0;
  int high_bit = 0;
  bool is_signed = false;
  bool planar = false;  ///< the three samples of a pixel lie in a plane each
  Photometric photometric = Photometric::kMonochrome2;
  LookupTable palette[3] = {};  ///< of red, green and blue, each of 8 or 16 bits an entry

  Modality modality = {};     ///< of all frames
  Element frame_groups = {};  ///< what enhanced objects say of each frame

  Element pixel_data = {};
};

/// @param bytes the whole file; the header looks into it
/// @param inflated memory for what a deflated file holds
/// @throws DecodeError saying what is wrong, or what cannot be decoded
[[nodiscard]] Header read_header(std::string_view bytes, codec::Scratch& inflated);

/// The modality of one frame: its own, or else the one of all frames.
[[nodiscard]] Modality modality_of(const Header& header, int frame);

}  // namespace conveyor::dicom

#endif  // CONVEYOR_SRC_DICOM_HEADER_H_
