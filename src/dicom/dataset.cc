#include "dicom/dataset.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "conveyor/error.h"

namespace conveyor::dicom {
namespace {

constexpr Tag kItem = 0xfffee000;
constexpr Tag kItemEnd = 0xfffee00d;
constexpr Tag kSequenceEnd = 0xfffee0dd;
constexpr std::uint32_t kUndefined = 0xffffffff;
constexpr int kDeepest = 32;  // sequences within each other; real files have a few

/// Value representations whose length has four bytes (PS3.5, table 7.1-1).
bool has_long_length(std::string_view vr) {
  static constexpr std::array<std::string_view, 13> kLong = {"OB", "OD", "OF", "OL", "OV", "OW", "SQ",
                                                             "SV", "UC", "UN", "UR", "UT", "UV"};
  return std::find(kLong.begin(), kLong.end(), vr) != kLong.end();
}

}  // namespace

std::string tag_text(Tag tag) { return fmt::format("({:04x},{:04x})", tag >> 16, tag & 0xffff); }

std::uint32_t read_number(std::string_view bytes, std::size_t at, int size, bool big_endian) {
  std::uint32_t value = 0;
  for (int i = 0; i < size; ++i) {
    const std::uint32_t byte = static_cast<unsigned char>(bytes[at + static_cast<std::size_t>(i)]);
    value |= byte << 8 * (big_endian ? size - 1 - i : i);
  }
  return value;
}

DatasetReader::Head DatasetReader::read_head(std::size_t& at, bool explicit_vr) const {
  const auto number = [&](std::size_t offset, int size) {
    return read_number(bytes_, at + offset, size, syntax_.big_endian);
  };
  if (bytes_.size() - at < 8) throw DecodeError(fmt::format("the file is cut short: it ends within byte {}", at));
  Head head{.tag = number(0, 2) << 16 | number(2, 2)};
  const bool is_item = head.tag >> 16 == 0xfffe;
  if (!explicit_vr || is_item) {
    head.length = number(4, 4);
    at += 8;
  } else if (const std::string_view vr = bytes_.substr(at + 4, 2); has_long_length(vr)) {
    if (bytes_.size() - at < 12) throw DecodeError(fmt::format("the file is cut short: it ends within byte {}", at));
    head.vr = vr;
    head.length = number(8, 4);
    at += 12;
  } else {
    head.vr = vr;
    head.length = number(6, 2);
    at += 8;
  }
  if (head.length != kUndefined && head.length > bytes_.size() - at) {
    throw DecodeError(fmt::format("the file is cut short: its element {} has {} bytes, of which {} are there",
                                  tag_text(head.tag), head.length, bytes_.size() - at));
  }
  return head;
}

// `at` is before the end of an item, or before the elements of an item of undefined length.
void DatasetReader::skip_item(std::size_t& at, bool explicit_vr, int depth) const {
  while (true) {
    const Head head = read_head(at, explicit_vr);
    if (head.tag == kItemEnd) return;
    if (head.tag == kSequenceEnd || head.tag == kItem) throw DecodeError("an item of a sequence has no end");
    if (head.length == kUndefined) {
      (void)end_of_items(at, head.explicit_inside(), depth + 1);
    } else {
      at += head.length;
    }
  }
}

// Skips from the first item to behind the delimiter. @return where the delimiter begins
std::size_t DatasetReader::end_of_items(std::size_t& at, bool explicit_vr, int depth) const {
  if (depth > kDeepest) throw DecodeError(fmt::format("sequences lie more than {} deep in each other", kDeepest));
  while (true) {
    const std::size_t end = at;
    const Head head = read_head(at, explicit_vr);
    if (head.tag == kSequenceEnd) return end;
    if (head.tag != kItem)
      throw DecodeError(fmt::format("{} stands where a sequence's item should", tag_text(head.tag)));
    if (head.length == kUndefined) {
      skip_item(at, explicit_vr, depth);
    } else {
      at += head.length;
    }
  }
}

std::optional<Element> DatasetReader::next() {
  if (at_ >= bytes_.size()) return std::nullopt;
  const Head head = read_head(at_, syntax_.explicit_vr);
  if (head.tag >> 16 == 0xfffe) throw DecodeError(fmt::format("{} stands outside of any sequence", tag_text(head.tag)));
  const std::size_t begin = at_;
  if (head.length != kUndefined) {
    at_ += head.length;
    return Element{head.tag, head.vr, bytes_.substr(begin, head.length), false};
  }
  const std::size_t end = end_of_items(at_, head.explicit_inside(), 1);
  return Element{head.tag, head.vr, bytes_.substr(begin, end - begin), true};
}

void DatasetReader::for_each_item(const std::function<bool(std::string_view)>& each) const {
  for (std::size_t at = 0; at < bytes_.size();) {
    const Head head = read_head(at, syntax_.explicit_vr);
    if (head.tag == kSequenceEnd) return;
    if (head.tag != kItem)
      throw DecodeError(fmt::format("{} stands where a sequence's item should", tag_text(head.tag)));
    const std::size_t begin = at;
    std::size_t size = head.length;
    if (head.length == kUndefined) {
      skip_item(at, syntax_.explicit_vr, 1);
      size = at - begin - 8;  // without the delimiter
    } else {
      at += size;
    }
    if (!each(bytes_.substr(begin, size))) return;
  }
}

}  // namespace conveyor::dicom
