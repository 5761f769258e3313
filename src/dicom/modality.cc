#include "dicom/modality.h"

#include <fmt/format.h>

#include "conveyor/error.h"
#include "dicom/tags.h"

namespace conveyor::dicom {
namespace {

LookupTable read_table(const Item& item, bool is_signed) {
  const Elements elements = read_elements(DatasetReader(item.bytes, item.syntax));
  const Element* descriptor = find(elements, kTableDescriptor);
  const Element* values = find(elements, kTableValues);
  if (descriptor == nullptr || values == nullptr) {
    throw DecodeError("its modality lookup table has no descriptor (0028,3002) or no values (0028,3006)");
  }
  const char* const name = "modality lookup table";
  const LookupTable table =
      read_lookup_table(descriptor->value, values->value, is_signed, item.syntax.big_endian, name);
  if (!table.has_words()) return table;
  for (std::size_t i = 0; i < static_cast<std::size_t>(table.entries); ++i) {
    const std::uint32_t entry = read_number(table.values, 2 * i, 2, table.big_endian);
    if (entry >> table.bits != 0) {
      throw DecodeError(fmt::format("its {} has {} bits an entry, and an entry of {}", name, table.bits, entry));
    }
  }
  return table;
}

}  // namespace

Modality read_modality(const Elements& elements, Syntax syntax, bool is_signed, const Modality& otherwise) {
  if (const Element* tables = find(elements, kModalityTables)) {
    if (const Item item = item_at(*tables, syntax, 0); !item.bytes.empty()) {
      return {.table = read_table(item, is_signed)};
    }
  }
  if (find(elements, kSlope) == nullptr && find(elements, kIntercept) == nullptr) return otherwise;
  const Modality modality{.slope = decimal(elements, kSlope, "rescale slope", otherwise.slope),
                          .intercept = decimal(elements, kIntercept, "rescale intercept", otherwise.intercept)};
  if (modality.slope == 0) throw DecodeError("its rescale slope is 0");
  return modality;
}

Modality read_group_modality(const Item& groups, bool is_signed, const Modality& otherwise) {
  DatasetReader reader(groups.bytes, groups.syntax);
  while (const auto group = reader.next()) {
    if (group->tag != kTransformation) continue;
    const Item item = item_at(*group, groups.syntax, 0);
    return read_modality(read_elements(DatasetReader(item.bytes, item.syntax)), item.syntax, is_signed, otherwise);
  }
  return otherwise;
}

}  // namespace conveyor::dicom
