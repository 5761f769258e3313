#include "dicom/header.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "conveyor/error.h"
#include "dicom/elements.h"
#include "dicom/tags.h"
#include "vision/image/image_shape.h"

namespace conveyor::dicom {
namespace {

Photometric read_photometric(const Elements& elements) {
  const Element* element = find(elements, kPhotometric);
  if (element == nullptr) throw DecodeError("it has no photometric interpretation " + tag_text(kPhotometric));
  static constexpr std::array<std::pair<std::string_view, Photometric>, 8> kKnown = {{
      {"MONOCHROME1", Photometric::kMonochrome1},
      {"MONOCHROME2", Photometric::kMonochrome2},
      {"PALETTE COLOR", Photometric::kPalette},
      {"RGB", Photometric::kRgb},
      {"YBR_FULL", Photometric::kYbrFull},
      {"YBR_FULL_422", Photometric::kYbrFull422},
      {"YBR_RCT", Photometric::kYbrReversible},
      {"YBR_ICT", Photometric::kYbrReversible},
  }};
  const std::string_view name = trim(element->value);
  for (const auto& [known, photometric] : kKnown) {
    if (known == name) return photometric;
  }
  throw DecodeError(fmt::format("photometric interpretation \"{}\" is not decoded", name.substr(0, 32)));
}

void read_palette(const Elements& elements, Header& header) {
  for (Tag color = 0; color < 3; ++color) {
    const Element* descriptor = find(elements, kPaletteDescriptor + color);
    const Element* values = find(elements, kPaletteValues + color);
    if (descriptor == nullptr || values == nullptr) {
      throw DecodeError("its palette has no descriptor or no values (segmented palettes are not decoded)");
    }
    LookupTable& table = header.palette[color];
    table = read_lookup_table(descriptor->value, values->value, header.is_signed, header.syntax.big_endian, "palette");
    if ((table.bits != 8 && table.bits != 16) || table.bits != header.palette[0].bits) {
      throw DecodeError(fmt::format("its palette has {} bits an entry", table.bits));
    }
  }
}

void check_samples(const Header& header) {
  const bool color = header.photometric != Photometric::kMonochrome1 &&
                     header.photometric != Photometric::kMonochrome2 && header.photometric != Photometric::kPalette;
  if (header.samples != (color ? 3 : 1)) {
    throw DecodeError(
        fmt::format("it has {} samples a pixel, which its photometric interpretation does not", header.samples));
  }
  const int bits = header.bits_allocated;
  const bool native = header.packing == Packing::kNative || header.packing == Packing::kDeflated;
  const bool single =
      bits == 1 && native && header.samples == 1 && !header.is_signed && header.photometric != Photometric::kPalette;
  if (bits != 8 && bits != 16 && !single) {
    throw DecodeError(fmt::format("its pixels have {} bits a sample; 8 and 16 are decoded", bits));
  }
  if (header.bits_stored < 1 || header.bits_stored > bits || header.high_bit < header.bits_stored - 1 ||
      header.high_bit >= bits) {
    throw DecodeError(fmt::format("of {} bits allocated, {} are stored up to bit {}, which is not possible", bits,
                                  header.bits_stored, header.high_bit));
  }
  if (color && header.is_signed) throw DecodeError("its colours are signed");
  if (header.photometric == Photometric::kYbrReversible && header.packing != Packing::kJpeg2000) {
    throw DecodeError("YBR_RCT and YBR_ICT belong to JPEG 2000");
  }
  if (is_ybr(header.photometric) && header.bits_stored != 8) throw DecodeError("YBR is decoded with 8 bits only");
  if (header.photometric == Photometric::kYbrFull422 && native && header.width % 2 != 0) {
    throw DecodeError("YBR_FULL_422 needs an even width");
  }
}

}  // namespace

Header read_header(std::string_view bytes, codec::Scratch& inflated) {
  const DataSet data = open_data_set(bytes, inflated);
  Header header{.transfer_syntax = data.transfer_syntax, .packing = data.packing, .syntax = data.syntax};
  const bool big = header.syntax.big_endian;
  const Elements elements = read_elements(DatasetReader(data.bytes, data.syntax));
  const Element* pixels = find(elements, kPixels);
  if (pixels == nullptr) {
    throw DecodeError(elements.contains(kFloatPixels) || elements.contains(kDoublePixels)
                          ? "its pixels are floating point numbers; 8 and 16 bit are decoded"
                          : "it has no pixel data");
  }
  header.pixel_data = *pixels;
  header.height = number(elements, kRows, "number of rows", big);
  header.width = number(elements, kColumns, "number of columns", big);
  if (auto wrong = vision::wrong_dimensions(header.width, header.height); !wrong.empty()) throw DecodeError(wrong);
  const double frames = decimal(elements, kFrames, "number of frames", 1);
  if (frames < 0 || frames > 1'000'000 || frames != std::floor(frames)) {
    throw DecodeError(fmt::format("its number of frames is {}", frames));
  }
  header.frames = std::max(1, static_cast<int>(frames));  // some single pictures say 0
  header.samples = number(elements, kSamples, "samples per pixel", big, 1);
  header.bits_allocated = number(elements, kBitsAllocated, "bits allocated", big);
  header.bits_stored = number(elements, kBitsStored, "bits stored", big, header.bits_allocated);
  header.high_bit = number(elements, kHighBit, "high bit", big, std::max(0, header.bits_stored - 1));
  header.is_signed = number(elements, kPixelRepresentation, "pixel representation", big, 0) == 1;
  header.planar = number(elements, kPlanar, "planar configuration", big, 0) == 1;
  header.photometric = read_photometric(elements);
  check_samples(header);
  if (header.photometric == Photometric::kPalette) read_palette(elements, header);

  header.modality = read_modality(elements, header.syntax, header.is_signed, {});
  if (const Element* shared = find(elements, kSharedGroups)) {
    header.modality = read_group_modality(item_at(*shared, header.syntax, 0), header.is_signed, header.modality);
  }
  if (const Element* each = find(elements, kFrameGroups)) header.frame_groups = *each;
  return header;
}

Modality modality_of(const Header& header, int frame) {
  return read_group_modality(item_at(header.frame_groups, header.syntax, frame), header.is_signed, header.modality);
}

}  // namespace conveyor::dicom
