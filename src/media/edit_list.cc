#include "media/edit_list.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

namespace conveyor::media {
namespace {

// Limit on the boxes in a box, and on the edits in a list; files have dozens.
constexpr std::size_t kMost = 1'000;

constexpr std::uint64_t type_of(std::string_view name) {
  std::uint64_t type = 0;
  for (const char letter : name) type = type << 8 | static_cast<unsigned char>(letter);
  return type;
}

/// A box without its header (ISO/IEC 14496-12, 4.2): bytes from `begin` up to, not including, `end`.
struct Box {
  std::uint64_t type = 0;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

class Boxes {
 public:
  explicit Boxes(std::istream& file) : file_(file) {}

  Box whole() {
    file_.seekg(0, std::ios::end);
    const auto size = file_.tellg();
    return {.end = size > 0 ? static_cast<std::uint64_t>(size) : 0};
  }

  /// A big-endian number; 0 where the box ends before it.
  std::uint64_t number(const Box& box, std::uint64_t offset, unsigned bytes) {
    if (box.end - box.begin < offset + bytes) return 0;
    file_.clear();
    file_.seekg(static_cast<std::streamoff>(box.begin + offset));
    std::uint64_t value = 0;
    for (unsigned i = 0; i < bytes; ++i) {
      const int byte = file_.get();
      if (byte == std::istream::traits_type::eof()) return 0;
      value = value << 8 | static_cast<std::uint64_t>(byte);
    }
    return value;
  }

  std::vector<Box> inside(const Box& outer) {
    std::vector<Box> found;
    std::uint64_t at = outer.begin;
    while (found.size() < kMost && outer.end - at >= 8) {
      const Box rest{.begin = at, .end = outer.end};
      std::uint64_t size = number(rest, 0, 4);
      std::uint64_t header = 8;
      if (size == 1) {
        size = number(rest, 8, 8);
        header = 16;
      } else if (size == 0) {
        size = rest.end - rest.begin;
      }
      if (size < header || size > rest.end - rest.begin) break;
      found.push_back({number(rest, 4, 4), at + header, at + size});
      at += size;
    }
    return found;
  }

  /// The box of that type inside this one; an empty one where there is none.
  Box find(const Box& outer, std::string_view name) {
    const auto boxes = inside(outer);
    const auto found = std::ranges::find(boxes, type_of(name), &Box::type);
    return found != boxes.end() ? *found : Box();
  }

 private:
  std::istream& file_;
};

bool is_long(Boxes& boxes, const Box& box) { return boxes.number(box, 0, 1) == 1; }

/// The time scale of a movie's or a track's header, in units per second.
double scale_of(Boxes& boxes, const Box& header) {
  return static_cast<double>(boxes.number(header, is_long(boxes, header) ? 20 : 12, 4));
}

double duration_of(Boxes& boxes, const Box& header) {
  if (is_long(boxes, header)) return static_cast<double>(boxes.number(header, 24, 8));
  const std::uint64_t duration = boxes.number(header, 16, 4);
  return duration != std::numeric_limits<std::uint32_t>::max() ? static_cast<double>(duration) : 0;  // or not known
}

/// How long the edits show something, in units of the movie; 0: unknown.
double shown_by(Boxes& boxes, const Box& edits) {
  const unsigned bytes = is_long(boxes, edits) ? 8 : 4;
  const std::uint64_t entry = 2 * bytes + 4;
  const std::uint64_t count = boxes.number(edits, 4, 4);
  if (count > kMost || edits.end - edits.begin < 8 + count * entry) return 0;
  const std::uint64_t nothing = bytes == 8 ? std::numeric_limits<std::uint64_t>::max()  // -1: for so long nothing is
                                           : std::numeric_limits<std::uint32_t>::max();
  double shown = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    if (boxes.number(edits, 8 + i * entry + bytes, bytes) == nothing) continue;
    const std::uint64_t duration = boxes.number(edits, 8 + i * entry, bytes);
    if (duration == 0) return 0;  // up to the end, of a movie in fragments
    shown += static_cast<double>(duration);
  }
  return shown;
}

}  // namespace

std::optional<double> shown_share(std::istream& file) {
  Boxes boxes(file);
  const Box movie = boxes.find(boxes.whole(), "moov");
  const double movie_scale = scale_of(boxes, boxes.find(movie, "mvhd"));
  for (const Box& track : boxes.inside(movie)) {
    const Box media = boxes.find(track, "mdia");
    if (track.type != type_of("trak") || boxes.number(boxes.find(media, "hdlr"), 8, 4) != type_of("vide")) continue;
    const Box header = boxes.find(media, "mdhd");
    const double shown = shown_by(boxes, boxes.find(boxes.find(track, "edts"), "elst"));
    const double scale = scale_of(boxes, header), duration = duration_of(boxes, header);
    if (movie_scale <= 0 || scale <= 0 || duration <= 0 || shown <= 0) return {};
    return std::min(1.0, shown / movie_scale / (duration / scale));
  }
  return {};
}

}  // namespace conveyor::media
