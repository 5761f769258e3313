#ifndef SMART_CAMERA_CHANNELS_H_
#define SMART_CAMERA_CHANNELS_H_

#include "conveyor/channel.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/processed_image.pb.h"
#include "smart_camera/alert.pb.h"
#include "support/cluster.h"

namespace smart_camera {

using support::ConfigFor;

// A JPEG does not shrink: compressing it again would only take time.
inline constexpr conveyor::Channel<conveyor::v1::Image> kFrames{"raw_video_frames", {.codec = conveyor::Codec::kRaw}};
inline constexpr conveyor::Channel<conveyor::v1::ProcessedImage> kProcessed{"processed_images",
                                                                            {.codec = conveyor::Codec::kRaw}};
inline constexpr conveyor::Channel<Alert> kAlerts{"alerts"};

}  // namespace smart_camera

#endif  // SMART_CAMERA_CHANNELS_H_
