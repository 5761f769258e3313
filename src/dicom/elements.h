#ifndef CONVEYOR_SRC_DICOM_ELEMENTS_H_
#define CONVEYOR_SRC_DICOM_ELEMENTS_H_

#include <map>
#include <string_view>

#include "dicom/dataset.h"

namespace conveyor::dicom {

/// The few elements of a data set that decoding needs, by their tag.
using Elements = std::map<Tag, Element>;

/// Reads up to the pixel data; what follows it is padding or signatures.
/// @throws DecodeError as DatasetReader::next()
[[nodiscard]] Elements read_elements(DatasetReader reader);

/// The element, unless it is missing or empty.
[[nodiscard]] const Element* find(const Elements& elements, Tag tag);

/// A US element.
/// @param otherwise the value of a missing one; negative: it must be there
[[nodiscard]] int number(const Elements& elements, Tag tag, const char* name, bool big_endian, int otherwise = -1);

/// The first number of a decimal string (DS, IS).
[[nodiscard]] double decimal(const Elements& elements, Tag tag, const char* name, double otherwise);

/// An item of a sequence, and how it is to be read.
struct Item {
  std::string_view bytes = {};  ///< empty where there is none
  Syntax syntax = {};
};
[[nodiscard]] Item item_at(const Element& sequence, Syntax syntax, int index);

}  // namespace conveyor::dicom

#endif  // CONVEYOR_SRC_DICOM_ELEMENTS_H_
