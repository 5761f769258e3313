#ifndef CONVEYOR_SRC_DICOM_FRAGMENTS_H_
#define CONVEYOR_SRC_DICOM_FRAGMENTS_H_

#include <string>
#include <string_view>

#include "dicom/header.h"

namespace conveyor::dicom {

/// The compressed stream of one frame, put together of its fragments (PS3.5, annex A.4).
///
/// Which fragments are a frame's follows from their number where that is the number of frames, else from the basic
/// offset table. Where that is empty, a frame of JPEG, JPEG-LS or JPEG 2000 ends with the fragment that has its end
/// marker among its last bytes.
///
/// @param memory for a stream of several fragments
/// @throws DecodeError where neither says which fragments they are
[[nodiscard]] std::string_view frame_stream(const Header& header, int frame, std::string& memory);

}  // namespace conveyor::dicom

#endif  // CONVEYOR_SRC_DICOM_FRAGMENTS_H_
