// The piece of README.md that needs no broker.

#include <conveyor/testing/worker_harness.h>
#include <conveyor/worker.h>
#include <gtest/gtest.h>

#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"

namespace {

using conveyor::v1::Image;
using conveyor::v1::Prediction;

inline constexpr conveyor::Channel<Image> kImages{"VideoStream"};
inline constexpr conveyor::Channel<Prediction> kPredictions{"Predictions"};

const conveyor::Config config{.group = "labels"};

Image tall_image() {
  Image image;
  image.set_height(200);
  return image;
}

Prediction label(const Image& image) {
  Prediction prediction;
  prediction.add_object(image.height() > 100 ? "tall" : "small");
  return prediction;
}

// [harness]
TEST(Service, TriesAgainAndKeepsWhatItCannotHandle) {
  conveyor::Worker worker{config, {.retry = {.attempts = 3}, .dead_letter = {.enabled = true}}};
  worker.transform(kImages, kPredictions, [](const Image& image, conveyor::Context& context) {
    if (context.attempt() < 3) throw conveyor::RetryableError("the model is loading");
    return label(image);
  });

  conveyor::testing::WorkerHarness harness{worker};
  harness.give(kImages, tall_image(), {.key = "camera-1"});
  EXPECT_EQ(harness.sent(kPredictions).at(0).object(0), "tall");

  harness.give_bytes(kImages, "no image at all");
  EXPECT_EQ(harness.dead_letters().at(0).stage, conveyor::DeadLetterStage::kDecode);
  EXPECT_EQ(harness.committed(kImages), 2);
}
// [/harness]

}  // namespace
