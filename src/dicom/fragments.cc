#include "dicom/fragments.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "conveyor/error.h"

namespace conveyor::dicom {
namespace {

struct Encapsulated {
  std::string_view offsets = {};  ///< the basic offset table, which may be empty
  std::vector<std::string_view> fragments = {};
};

Encapsulated read_items(const Header& header) {
  if (!header.pixel_data.undefined_length) throw DecodeError("its pixel data is not encapsulated");
  Encapsulated items;
  bool first = true;
  DatasetReader(header.pixel_data.value, header.syntax).for_each_item([&](std::string_view item) {
    if (!std::exchange(first, false)) {
      items.fragments.push_back(item);
    } else {
      items.offsets = item;
    }
    return true;
  });
  return items;
}

/// The fragments [first, second).
using Range = std::pair<std::size_t, std::size_t>;

Range by_offsets(const Encapsulated& items, std::size_t frames, std::size_t frame) {
  // The table counts from the first fragment's item, whose tag and length have 8 bytes.
  const auto fragment_at = [&](std::size_t offset) {
    const auto found = std::find_if(items.fragments.begin(), items.fragments.end(), [&](std::string_view fragment) {
      return static_cast<std::size_t>(fragment.data() - items.fragments[0].data()) == offset;
    });
    if (found == items.fragments.end()) {
      throw DecodeError("its table of frames names places where no fragment begins");
    }
    return static_cast<std::size_t>(found - items.fragments.begin());
  };
  const std::size_t begin = fragment_at(read_number(items.offsets, 4 * frame, 4, false));
  if (frame + 1 == frames) return {begin, items.fragments.size()};
  return {begin, fragment_at(read_number(items.offsets, 4 * frame + 4, 4, false))};
}

/// Whether the end marker, which JPEG, JPEG-LS and JPEG 2000 share, is among the last bytes. Padding to an even length
/// or to a word may follow it. A marker may be split over two fragments.
bool has_end_marker(std::string_view fragment, bool cut) {
  constexpr std::size_t kPadded = 10;  // as far as pydicom looks
  if (cut && fragment.size() < kPadded && fragment.starts_with('\xd9')) return true;
  return fragment.substr(fragment.size() - std::min(fragment.size(), kPadded)).find("\xff\xd9") != fragment.npos;
}

Range by_end_markers(const Encapsulated& items, std::size_t frames, std::size_t frame) {
  Range range{0, 0};
  std::size_t ends = 0;
  std::size_t begin = 0;
  bool cut = false;
  for (std::size_t i = 0; i < items.fragments.size(); ++i) {
    const std::string_view fragment = items.fragments[i];
    const bool ended = has_end_marker(fragment, cut);
    cut = !ended && fragment.ends_with('\xff');
    if (!ended) continue;
    if (ends++ == frame) range = {begin, i + 1};
    begin = i + 1;
  }
  if (ends != frames || begin != items.fragments.size()) {
    throw DecodeError(
        fmt::format("its {} frames lie in {} fragments without a table that says how, and {} of these end "
                    "with the marker of a frame's end",
                    frames, items.fragments.size(), ends));
  }
  return range;
}

Range range_of(const Header& header, const Encapsulated& items, int frame) {
  const auto frames = static_cast<std::size_t>(header.frames);
  const auto index = static_cast<std::size_t>(frame);
  if (frames == 1) return {0, items.fragments.size()};
  if (items.fragments.size() == frames) return {index, index + 1};
  if (items.offsets.size() == 4 * frames) return by_offsets(items, frames, index);
  const bool has_markers =
      header.packing == Packing::kJpeg || header.packing == Packing::kJpegLs || header.packing == Packing::kJpeg2000;
  if (items.offsets.empty() && has_markers) return by_end_markers(items, frames, index);
  throw DecodeError(
      fmt::format("its {} frames lie in {} fragments without a table that says how", frames, items.fragments.size()));
}

}  // namespace

std::string_view frame_stream(const Header& header, int frame, std::string& memory) {
  const Encapsulated items = read_items(header);
  const auto [begin, end] = range_of(header, items, frame);
  if (begin >= end) throw DecodeError(fmt::format("its frame {} has no pixel data", frame));
  if (end - begin == 1) return items.fragments[begin];
  for (std::size_t i = begin; i < end; ++i) memory.append(items.fragments[i]);
  return memory;
}

}  // namespace conveyor::dicom
