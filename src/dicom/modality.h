#ifndef CONVEYOR_SRC_DICOM_MODALITY_H_
#define CONVEYOR_SRC_DICOM_MODALITY_H_

#include <string_view>

#include "dicom/elements.h"
#include "dicom/lookup_table.h"

namespace conveyor::dicom {

/// How stored values become physical ones (PS3.3, C.11.1): by a table or, where that has no entries, as
/// slope * stored value + intercept.
struct Modality {
  double slope = 1;
  double intercept = 0;
  LookupTable table = {};
};

/// Reads it from the elements of a data set, or of an item of a functional group.
/// @param is_signed whether stored values are signed
/// @param otherwise the result where the elements say nothing
/// @throws DecodeError for a slope of 0, or a table that cannot be applied
[[nodiscard]] Modality read_modality(const Elements& elements, Syntax syntax, bool is_signed,
                                     const Modality& otherwise);

/// Reads it from the functional groups of an enhanced object (PS3.3, C.7.6.16), shared or of one frame.
[[nodiscard]] Modality read_group_modality(const Item& groups, bool is_signed, const Modality& otherwise);

}  // namespace conveyor::dicom

#endif  // CONVEYOR_SRC_DICOM_MODALITY_H_
