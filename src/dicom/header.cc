#include "dicom/header.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <utility>

#include "conveyor/error.h"
#include "vision/describe.h"

namespace conveyor::dicom {
namespace {

constexpr Tag kSamples = 0x00280002;
constexpr Tag kPhotometric = 0x00280004;
constexpr Tag kPlanar = 0x00280006;
constexpr Tag kFrames = 0x00280008;
constexpr Tag kRows = 0x00280010;
constexpr Tag kColumns = 0x00280011;
constexpr Tag kBitsAllocated = 0x00280100;
constexpr Tag kBitsStored = 0x00280101;
constexpr Tag kHighBit = 0x00280102;
constexpr Tag kPixelRepresentation = 0x00280103;
constexpr Tag kIntercept = 0x00281052;
constexpr Tag kSlope = 0x00281053;
constexpr Tag kPaletteDescriptor = 0x00281101;  // of red; green and blue follow
constexpr Tag kPaletteValues = 0x00281201;
constexpr Tag kSharedGroups = 0x52009229;
constexpr Tag kFrameGroups = 0x52009230;
constexpr Tag kTransformation = 0x00289145;
constexpr Tag kFloatPixels = 0x7fe00008;
constexpr Tag kDoublePixels = 0x7fe00009;
constexpr Tag kPixels = 0x7fe00010;

/// The elements that are looked at, of which there are few.
using Elements = std::map<Tag, Element>;

bool is_wanted(Tag tag) {
  const Tag group = tag >> 16;
  return group == 0x0028 || group == 0x7fe0 || tag == kSharedGroups || tag == kFrameGroups;
}

Elements read_elements(DatasetReader reader) {
  Elements elements;
  while (auto element = reader.next()) {
    if (is_wanted(element->tag)) elements.emplace(element->tag, *element);
    if (element->tag == kPixels) break;  // what follows is padding or signatures
  }
  return elements;
}

const Element* find(const Elements& elements, Tag tag) {
  const auto found = elements.find(tag);
  return found == elements.end() || found->second.value.empty() ? nullptr : &found->second;
}

/// A US element.
int number(const Elements& elements, Tag tag, const char* name, bool big_endian, int otherwise = -1) {
  const Element* element = find(elements, tag);
  if (element == nullptr && otherwise >= 0) return otherwise;
  if (element == nullptr || element->value.size() < 2)
    throw DecodeError(fmt::format("it has no {} {}", name, tag_text(tag)));
  return static_cast<int>(read_number(element->value, 0, 2, big_endian));
}

/// A decimal string (DS, IS); the first of several.
double decimal(const Elements& elements, Tag tag, const char* name, double otherwise) {
  const Element* element = find(elements, tag);
  if (element == nullptr) return otherwise;
  const std::string_view all = element->value;
  std::string_view text = trim(all.substr(0, all.find('\\')));
  if (text.empty()) return otherwise;
  if (text.front() == '+') text.remove_prefix(1);
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || !std::isfinite(value)) {
    throw DecodeError(fmt::format("its {} {} is no number", name, tag_text(tag)));
  }
  return value;
}

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
    if (descriptor == nullptr || descriptor->value.size() < 6 || values == nullptr) {
      throw DecodeError("its palette has no descriptor or no values (segmented palettes are not decoded)");
    }
    const auto part = [&](std::size_t i) { return read_number(descriptor->value, 2 * i, 2, header.syntax.big_endian); };
    PaletteTable& table = header.palette[color];
    table.entries = part(0) == 0 ? 65536 : static_cast<int>(part(0));
    table.first = header.is_signed ? static_cast<std::int16_t>(part(1)) : static_cast<int>(part(1));
    table.values = values->value;
    const int bits = static_cast<int>(part(2));
    if ((bits != 8 && bits != 16) || (color > 0 && bits != header.palette_bits)) {
      throw DecodeError(fmt::format("its palette has {} bits an entry", bits));
    }
    header.palette_bits = bits;
    const auto entries = static_cast<std::size_t>(table.entries);
    // Entries of 8 bits may lie in one byte each, or each in a word of its own.
    if (table.values.size() < (bits == 8 ? entries : 2 * entries)) {
      throw DecodeError(
          fmt::format("its palette has {} bytes for {} entries of {} bits", table.values.size(), entries, bits));
    }
  }
}

Rescale read_rescale(const Elements& elements, const Rescale& otherwise) {
  const Rescale rescale{decimal(elements, kSlope, "rescale slope", otherwise.slope),
                        decimal(elements, kIntercept, "rescale intercept", otherwise.intercept)};
  if (rescale.slope == 0) throw DecodeError("its rescale slope is 0");
  return rescale;
}

/// The item of a sequence at that place, or nothing.
std::string_view item_at(const Element& sequence, Syntax syntax, int index) {
  std::string_view found;
  DatasetReader(sequence.value, syntax).for_each_item([&](std::string_view item) {
    if (index-- > 0) return true;
    found = item;
    return false;
  });
  return found;
}

/// What the functional groups of an enhanced object (PS3.3, C.7.6.16) say of rescaling.
Rescale read_group_rescale(std::string_view groups, Syntax syntax, const Rescale& otherwise) {
  DatasetReader reader(groups, syntax);
  while (const auto group = reader.next()) {
    if (group->tag != kTransformation) continue;
    return read_rescale(read_elements(DatasetReader(item_at(*group, syntax, 0), syntax)), otherwise);
  }
  return otherwise;
}

void check_samples(const Header& header) {
  const bool color = header.photometric != Photometric::kMonochrome1 &&
                     header.photometric != Photometric::kMonochrome2 && header.photometric != Photometric::kPalette;
  if (header.samples != (color ? 3 : 1)) {
    throw DecodeError(
        fmt::format("it has {} samples a pixel, which its photometric interpretation does not", header.samples));
  }
  const int bits = header.bits_allocated;
  const bool single = bits == 1 && header.packing == Packing::kNative && header.samples == 1 && !header.is_signed &&
                      header.photometric != Photometric::kPalette;
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
  const bool ybr = header.photometric == Photometric::kYbrFull || header.photometric == Photometric::kYbrFull422;
  if (ybr && header.bits_stored != 8) throw DecodeError("YBR is decoded with 8 bits only");
  if (header.photometric == Photometric::kYbrFull422 && header.packing == Packing::kNative && header.width % 2 != 0) {
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
  if (frames < 1 || frames > 1'000'000 || frames != std::floor(frames)) {
    throw DecodeError(fmt::format("its number of frames is {}", frames));
  }
  header.frames = static_cast<int>(frames);
  header.samples = number(elements, kSamples, "samples per pixel", big, 1);
  header.bits_allocated = number(elements, kBitsAllocated, "bits allocated", big);
  header.bits_stored = number(elements, kBitsStored, "bits stored", big, header.bits_allocated);
  header.high_bit = number(elements, kHighBit, "high bit", big, std::max(0, header.bits_stored - 1));
  header.is_signed = number(elements, kPixelRepresentation, "pixel representation", big, 0) == 1;
  header.planar = number(elements, kPlanar, "planar configuration", big, 0) == 1;
  header.photometric = read_photometric(elements);
  check_samples(header);
  if (header.photometric == Photometric::kPalette) read_palette(elements, header);

  header.rescale = read_rescale(elements, {});
  if (const Element* shared = find(elements, kSharedGroups)) {
    header.rescale = read_group_rescale(item_at(*shared, header.syntax, 0), header.syntax, header.rescale);
  }
  if (const Element* each = find(elements, kFrameGroups)) header.frame_groups = *each;
  return header;
}

Rescale rescale_of(const Header& header, int frame) {
  return read_group_rescale(item_at(header.frame_groups, header.syntax, frame), header.syntax, header.rescale);
}

}  // namespace conveyor::dicom
