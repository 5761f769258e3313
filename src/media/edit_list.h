#ifndef CONVEYOR_SRC_MEDIA_EDIT_LIST_H_
#define CONVEYOR_SRC_MEDIA_EDIT_LIST_H_

#include <istream>
#include <optional>

namespace conveyor::media {

/// Which share of its video an MP4 or MOV file shows, by time: above 0, and up to 1.
///
/// A file that was trimmed without re-encoding keeps the frames from the key frame before the cut on, and counts them.
/// Its edit list says which part is shown (ISO/IEC 14496-12, 8.6.6), and FFmpeg gives only that part.
///
/// @param file from its beginning; what it says is not trusted
/// @return nothing where the file is neither, has no edit list, or has one that does not tell
[[nodiscard]] std::optional<double> shown_share(std::istream& file);

}  // namespace conveyor::media

#endif  // CONVEYOR_SRC_MEDIA_EDIT_LIST_H_
