#ifndef CONVEYOR_SRC_DICOM_ELEMENTS_H_
#define CONVEYOR_SRC_DICOM_ELEMENTS_H_

#include <map>
#include <string_view>

#include "dicom/dataset.h"

namespace conveyor::dicom {

/// Elements of a data set by their tag: those that decoding looks at, of which there are few.
using Elements = std::map<Tag, Element>;

/// Reads up to the pixel data; what follows it is padding or signatures.
/// @throws DecodeError as DatasetReader::next()
[[nodiscard]] Elements read_elements(DatasetReader reader);

/// The element, unless it is missing or empty.
[[nodiscard]] const Element* find(const Elements& elements, Tag tag);

/// A US element.
/// @param otherwise what stands for a missing one; negative: it must be there
[[nodiscard]] int number(const Elements& elements, Tag tag, const char* name, bool big_endian, int otherwise = -1);

/// A decimal string (DS, IS); the first of several.
[[nodiscard]] double decimal(const Elements& elements, Tag tag, const char* name, double otherwise);

/// An item of a sequence, and how it is to be read.
struct Item {
  std::string_view bytes = {};  ///< empty where there is none
  Syntax syntax = {};
};
[[nodiscard]] Item item_at(const Element& sequence, Syntax syntax, int index);

}  // namespace conveyor::dicom

#endif  // CONVEYOR_SRC_DICOM_ELEMENTS_H_
