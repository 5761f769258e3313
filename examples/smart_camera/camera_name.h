#ifndef SMART_CAMERA_CAMERA_NAME_H_
#define SMART_CAMERA_CAMERA_NAME_H_

#include <string>
#include <string_view>
#include <vector>

namespace smart_camera {

struct NamedSource {
  std::string name;
  std::string source;  ///< a video file, a camera's number, or a stream's URL
};

/// What a command line says: sources without a name are called camera-1, camera-2 and so on, in their order.
/// @param named of the form NAME=SOURCE. @throws conveyor::Error with errc::invalid_config that names the option
[[nodiscard]] std::vector<NamedSource> name_cameras(const std::vector<std::string>& sources,
                                                    const std::vector<std::string>& named);

/// Whether a name may be that of a camera: up to 40 of A-Z, a-z, 0-9, '.', '_' and '-', and no '.' first. It becomes
/// part of file names.
[[nodiscard]] bool legal_camera_name(std::string_view name);

/// The source that frames carry: the camera's name, and its run. A camera that is started again begins at frame 0, and
/// results of its earlier run must not be taken for those of this one.
[[nodiscard]] std::string source_of(std::string_view camera, unsigned run);
/// The camera's name in such a source, or in what somebody else sent: always a legal name, others with '_' in them.
[[nodiscard]] std::string camera_of(std::string_view source);

}  // namespace smart_camera

#endif  // SMART_CAMERA_CAMERA_NAME_H_
