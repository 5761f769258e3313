#include "dicom/elements.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "conveyor/error.h"
#include "dicom/tags.h"
#include "dicom/transfer.h"

namespace conveyor::dicom {
namespace {

bool is_wanted(Tag tag) {
  const Tag group = tag >> 16;
  return group == 0x0028 || group == 0x7fe0 || tag == kSharedGroups || tag == kFrameGroups;
}

}  // namespace

Elements read_elements(DatasetReader reader) {
  Elements elements;
  while (auto element = reader.next()) {
    if (is_wanted(element->tag)) elements.emplace(element->tag, *element);
    if (element->tag == kPixels) break;
  }
  return elements;
}

const Element* find(const Elements& elements, Tag tag) {
  const auto found = elements.find(tag);
  return found == elements.end() || found->second.value.empty() ? nullptr : &found->second;
}

int number(const Elements& elements, Tag tag, const char* name, bool big_endian, int otherwise) {
  const Element* element = find(elements, tag);
  if (element == nullptr && otherwise >= 0) return otherwise;
  if (element == nullptr || element->value.size() < 2)
    throw DecodeError(fmt::format("it has no {} {}", name, tag_text(tag)));
  return static_cast<int>(read_number(element->value, 0, 2, big_endian));
}

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

Item item_at(const Element& sequence, Syntax syntax, int index) {
  // The content of an element of unknown representation is implicit and little endian (PS3.5, 6.2.2).
  if (sequence.vr == "UN") syntax = {.explicit_vr = false};
  Item found{.syntax = syntax};
  DatasetReader(sequence.value, syntax).for_each_item([&](std::string_view item) {
    if (index-- > 0) return true;
    found.bytes = item;
    return false;
  });
  return found;
}

}  // namespace conveyor::dicom
