#ifndef SUPPORT_CACHE_FOLDER_H_
#define SUPPORT_CACHE_FOLDER_H_

#include <filesystem>

namespace support {

/// Where cmake/setup.sh keeps what it fetches: $CONVEYOR_CACHE, by default ~/.cache/conveyor. Its folder "models" has the
/// networks of examples/models/fetch.sh.
[[nodiscard]] std::filesystem::path cache_folder();

}  // namespace support

#endif  // SUPPORT_CACHE_FOLDER_H_
