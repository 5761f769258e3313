#ifndef CONVEYOR_SRC_DICOM_FRAGMENTS_H_
#define CONVEYOR_SRC_DICOM_FRAGMENTS_H_

#include <string>
#include <string_view>

#include "dicom/header.h"

namespace conveyor::dicom {

/// The compressed stream of one frame, joined from its fragments (PS3.5, annex A.4).
///
/// Where there are as many fragments as frames, each is a frame. Otherwise the basic offset table says where frames
/// begin. Where that is empty, a frame of JPEG, JPEG-LS or JPEG 2000 ends with the fragment that has the end marker
/// among its last bytes.
///
/// @param memory for a stream of several fragments
/// @throws DecodeError where neither says which fragments they are
[[nodiscard]] std::string_view frame_stream(const Header& header, int frame, std::string& memory);

}  // namespace conveyor::dicom

#endif  // CONVEYOR_SRC_DICOM_FRAGMENTS_H_
