#ifndef SMART_CAMERA_CHANNELS_H_
#define SMART_CAMERA_CHANNELS_H_

#include <functional>
#include <string_view>

#include "conveyor/channel.h"
#include "conveyor/config.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/processed_image.pb.h"

namespace smart_camera {

inline constexpr conveyor::Channel<conveyor::v1::Image> kFrames{"raw_video_frames"};
inline constexpr conveyor::Channel<conveyor::v1::ProcessedImage> kProcessed{"processed_images"};

/// The settings of one consumer group; the cluster is the same for all.
using ConfigFor = std::function<conveyor::Config(std::string_view group)>;

}  // namespace smart_camera

#endif  // SMART_CAMERA_CHANNELS_H_
