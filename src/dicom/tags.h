#ifndef CONVEYOR_SRC_DICOM_TAGS_H_
#define CONVEYOR_SRC_DICOM_TAGS_H_

#include "dicom/dataset.h"

// The elements that decoding looks at (PS3.6).

namespace conveyor::dicom {

inline constexpr Tag kSamples = 0x00280002;
inline constexpr Tag kPhotometric = 0x00280004;
inline constexpr Tag kPlanar = 0x00280006;
inline constexpr Tag kFrames = 0x00280008;
inline constexpr Tag kRows = 0x00280010;
inline constexpr Tag kColumns = 0x00280011;
inline constexpr Tag kBitsAllocated = 0x00280100;
inline constexpr Tag kBitsStored = 0x00280101;
inline constexpr Tag kHighBit = 0x00280102;
inline constexpr Tag kPixelRepresentation = 0x00280103;
inline constexpr Tag kIntercept = 0x00281052;
inline constexpr Tag kSlope = 0x00281053;
inline constexpr Tag kPaletteDescriptor = 0x00281101;  // of red; green and blue follow
inline constexpr Tag kPaletteValues = 0x00281201;
inline constexpr Tag kModalityTables = 0x00283000;
inline constexpr Tag kTableDescriptor = 0x00283002;
inline constexpr Tag kTableValues = 0x00283006;
inline constexpr Tag kTransformation = 0x00289145;
inline constexpr Tag kSharedGroups = 0x52009229;
inline constexpr Tag kFrameGroups = 0x52009230;
inline constexpr Tag kFloatPixels = 0x7fe00008;
inline constexpr Tag kDoublePixels = 0x7fe00009;
inline constexpr Tag kPixels = 0x7fe00010;

}  // namespace conveyor::dicom

#endif  // CONVEYOR_SRC_DICOM_TAGS_H_
