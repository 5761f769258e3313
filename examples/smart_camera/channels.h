#ifndef SMART_CAMERA_CHANNELS_H_
#define SMART_CAMERA_CHANNELS_H_

#include "conveyor/channel.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/processed_image.pb.h"
#include "support/cluster.h"

namespace smart_camera {

inline constexpr conveyor::Channel<conveyor::v1::Image> kFrames{"raw_video_frames"};
inline constexpr conveyor::Channel<conveyor::v1::ProcessedImage> kProcessed{"processed_images"};

using support::ConfigFor;

}  // namespace smart_camera

#endif  // SMART_CAMERA_CHANNELS_H_
