#ifndef CONVEYOR_SRC_DICOM_LOOKUP_TABLE_H_
#define CONVEYOR_SRC_DICOM_LOOKUP_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "dicom/dataset.h"

namespace conveyor::dicom {

/// A lookup table: a descriptor of three numbers, and entries (PS3.3, C.7.6.3.1.5 and C.11.1.1.1).
struct LookupTable {
  std::int32_t entries = 0;      ///< 0: there is no table
  std::int32_t first = 0;        ///< the stored value of the first entry
  int bits = 0;                  ///< an entry: 8 to 16
  std::string_view values = {};  ///< entries of 8 bits take a byte or a word each, longer ones a word
  bool big_endian = false;

  /// Whether each entry takes a word.
  [[nodiscard]] bool has_words() const noexcept { return values.size() >= 2 * static_cast<std::size_t>(entries); }
  /// The entry of a stored value: the first for values below it, the last for values above.
  [[nodiscard]] std::uint32_t operator[](std::int32_t value) const noexcept;
};

/// @param descriptor, values the elements' own bytes
/// @param is_signed whether stored values are signed, and so the first one that the descriptor names
/// @param name for errors: "palette"
/// @throws DecodeError when the descriptor is malformed, or there are fewer values than it says
[[nodiscard]] LookupTable read_lookup_table(std::string_view descriptor, std::string_view values, bool is_signed,
                                            bool big_endian, const char* name);

}  // namespace conveyor::dicom

#endif  // CONVEYOR_SRC_DICOM_LOOKUP_TABLE_H_
