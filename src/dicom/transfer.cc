#include "dicom/transfer.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "codec/deflate.h"
#include "conveyor/error.h"

namespace conveyor::dicom {
namespace {

constexpr Tag kTransferSyntax = 0x00020010;

struct KnownSyntax {
  std::string_view uid;
  Packing packing;
  Syntax syntax = {};
};
constexpr std::string_view kImplicit = "1.2.840.10008.1.2";
constexpr std::string_view kExplicit = "1.2.840.10008.1.2.1";
constexpr std::string_view kDeflated = "1.2.840.10008.1.2.1.99";

/// PS3.5, annex A, and the retired JPEG processes that GDCM reads.
const KnownSyntax& known_syntax(std::string_view uid) {
  static constexpr std::array<KnownSyntax, 19> kKnown = {{
      {kImplicit, Packing::kNative, {.explicit_vr = false}},
      {kExplicit, Packing::kNative},
      {kDeflated, Packing::kNative},
      {"1.2.840.10008.1.2.2", Packing::kNative, {.big_endian = true}},
      {"1.2.840.10008.1.2.5", Packing::kRle},
      {"1.2.840.10008.1.2.4.50", Packing::kJpeg},      // baseline, 8 bit
      {"1.2.840.10008.1.2.4.51", Packing::kJpeg},      // extended, 8 and 12 bit
      {"1.2.840.10008.1.2.4.53", Packing::kJpeg},      // spectral selection
      {"1.2.840.10008.1.2.4.55", Packing::kJpeg},      // full progression
      {"1.2.840.10008.1.2.4.57", Packing::kJpeg},      // lossless
      {"1.2.840.10008.1.2.4.70", Packing::kJpeg},      // lossless, first-order prediction
      {"1.2.840.10008.1.2.4.80", Packing::kJpegLs},    // lossless
      {"1.2.840.10008.1.2.4.81", Packing::kJpegLs},    // near lossless
      {"1.2.840.10008.1.2.4.90", Packing::kJpeg2000},  // lossless
      {"1.2.840.10008.1.2.4.91", Packing::kJpeg2000},
      {"1.2.840.10008.1.2.4.201", Packing::kJpeg2000},  // high throughput, lossless
      {"1.2.840.10008.1.2.4.202", Packing::kJpeg2000},  // the same by resolution
      {"1.2.840.10008.1.2.4.203", Packing::kJpeg2000},  // high throughput
      {"1.2.840.10008.1.2.8.1", Packing::kDeflated},    // frame by frame
  }};
  for (const KnownSyntax& known : kKnown) {
    if (known.uid == uid) return known;
  }
  throw DecodeError(fmt::format("transfer syntax {} is not decoded", uid.substr(0, 64)));
}

/// Inflates a raw deflate stream, up to a limit: it may inflate to far more than the file's size. A padding byte may
/// follow it.
std::string_view inflate(std::string_view deflated, codec::Scratch& into) {
  constexpr std::size_t kMost = std::size_t{512} << 20;
  const codec::Inflated inflated = codec::inflate_raw(deflated, kMost, into);
  if (inflated.error == codec::InflateError::kTooLarge) {
    throw DecodeError(fmt::format("its data set inflates to more than {} bytes", kMost));
  }
  if (inflated.error) throw DecodeError("its deflated data set is corrupt");
  return inflated.bytes;
}

/// Whether a value representation stands in the element there.
bool has_letters(std::string_view bytes, std::size_t at) {
  const auto is_letter = [](char c) { return c >= 'A' && c <= 'Z'; };
  return bytes.size() - at >= 8 && is_letter(bytes[at + 4]) && is_letter(bytes[at + 5]);
}

/// Where the data set begins, and the transfer syntax that the file's meta information names or, where it names none,
/// that the first element looks like.
std::pair<std::size_t, std::string> read_meta(std::string_view bytes) {
  const bool preamble = bytes.size() >= 132 && bytes.substr(128, 4) == "DICM";
  std::size_t at = preamble ? 132 : 0;
  const auto group_at = [&](std::size_t place) {
    return bytes.size() - place >= 8 ? read_number(bytes, place, 2, false) : 0xffffU;
  };
  if (!preamble && group_at(0) != 0x0002 && group_at(0) != 0x0008) {
    throw DecodeError("its bytes are not DICOM: DICM is not where it should be");
  }
  std::string uid;
  while (at < bytes.size() && group_at(at) == 0x0002) {
    DatasetReader reader(bytes, {}, at);
    const auto element = reader.next();
    if (element->tag == kTransferSyntax) uid = trim(element->value);
    at = reader.position();
  }
  if (uid.empty()) uid = has_letters(bytes, at) ? kExplicit : kImplicit;
  return {at, uid};
}

}  // namespace

std::string_view trim(std::string_view text) {
  constexpr std::string_view kPadding(" \0\t\r\n", 5);
  const auto first = text.find_first_not_of(kPadding);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kPadding) - first + 1);
}

DataSet open_data_set(std::string_view bytes, codec::Scratch& inflated) {
  const auto [at, uid] = read_meta(bytes);
  const KnownSyntax& known = known_syntax(uid);
  DataSet data{.bytes = uid == kDeflated ? inflate(bytes.substr(at), inflated) : bytes.substr(at),
               .transfer_syntax = uid,
               .packing = known.packing,
               .syntax = known.syntax};
  // Some writers name an explicit syntax and write an implicit one: whether two letters stand there tells.
  if (!known.syntax.big_endian) data.syntax.explicit_vr = has_letters(data.bytes, 0);
  return data;
}

}  // namespace conveyor::dicom
