#include "dicom/lookup_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "conveyor/error.h"

namespace conveyor::dicom {

std::uint32_t LookupTable::operator[](std::int32_t value) const noexcept {
  const auto index = static_cast<std::size_t>(std::clamp(value - first, 0, entries - 1));
  if (has_words()) return read_number(values, 2 * index, 2, big_endian) & ((1U << bits) - 1);
  // Two entries of 8 bits share a word, so that big endian words have them swapped.
  const std::size_t swapped = index ^ 1;
  return static_cast<unsigned char>(values[big_endian && swapped < values.size() ? swapped : index]);
}

LookupTable read_lookup_table(std::string_view descriptor, std::string_view values, bool is_signed, bool big_endian,
                              const char* name) {
  if (descriptor.size() < 6) throw DecodeError(fmt::format("its {} has a descriptor of less than 3 numbers", name));
  const auto part = [&](std::size_t i) { return read_number(descriptor, 2 * i, 2, big_endian); };
  LookupTable table{.values = values, .big_endian = big_endian};
  table.entries = part(0) == 0 ? 65536 : static_cast<std::int32_t>(part(0));
  table.first = is_signed ? static_cast<std::int16_t>(part(1)) : static_cast<std::int32_t>(part(1));
  if (part(2) < 8 || part(2) > 16) throw DecodeError(fmt::format("its {} has {} bits an entry", name, part(2)));
  table.bits = static_cast<int>(part(2));
  const auto entries = static_cast<std::size_t>(table.entries);
  if (values.size() < (table.bits == 8 ? entries : 2 * entries)) {
    throw DecodeError(
        fmt::format("its {} has {} bytes for {} entries of {} bits", name, values.size(), entries, table.bits));
  }
  return table;
}

}  // namespace conveyor::dicom
