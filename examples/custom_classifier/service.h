#pragma once

#include <conveyor/channel.h>
#include <conveyor/config.h>
#include <conveyor/v1/image.pb.h>
#include <conveyor/v1/prediction.pb.h>

#include <stop_token>

inline constexpr conveyor::Channel<conveyor::v1::Image> kImages{"VideoStream"};
inline constexpr conveyor::Channel<conveyor::v1::Prediction> kPredictions{"Predictions"};

/// Classifies what arrives on kImages until the stop is requested.
void serve_brightness(const conveyor::Config& config, std::stop_token stop);

/// Runs the service on an embedded broker with three images. @return whether their predictions were right
bool self_check();
