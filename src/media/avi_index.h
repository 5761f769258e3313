#ifndef CONVEYOR_SRC_MEDIA_AVI_INDEX_H_
#define CONVEYOR_SRC_MEDIA_AVI_INDEX_H_

#include <cstdint>
#include <istream>

namespace conveyor::media {

/// How many of the frames that an AVI file counts are empty chunks of its first video stream.
///
/// A recorder that missed a frame, and a writer of a video without a fixed rate, write one where the previous picture
/// stays (https://learn.microsoft.com/windows/win32/directshow/avi-riff-file-reference). No decoder gives a picture for
/// it.
///
/// @param file from its beginning; what it says is not trusted
/// @return 0 where the file is not an AVI, or has no index
[[nodiscard]] std::int64_t empty_frames(std::istream& file);

}  // namespace conveyor::media

#endif  // CONVEYOR_SRC_MEDIA_AVI_INDEX_H_
