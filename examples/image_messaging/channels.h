#ifndef IMAGE_MESSAGING_CHANNELS_H_
#define IMAGE_MESSAGING_CHANNELS_H_

#include "conveyor/channel.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"

namespace image_messaging {

// Topics, messages and compression are those of MessageCorps: its programs read and write the same bytes.
inline constexpr conveyor::Channel<conveyor::v1::Image> kVideoStream{"VideoStream"};
inline constexpr conveyor::Channel<conveyor::v1::Prediction> kPredictions{"Predictions"};

}  // namespace image_messaging

#endif  // IMAGE_MESSAGING_CHANNELS_H_
