// The pieces of README.md that are tested without a broker.

#include <conveyor/testing/worker_harness.h>
#include <conveyor/worker.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

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

// [middleware]
conveyor::Middleware filter(std::function<bool(const conveyor::Record&)> wanted) {
  return [wanted](conveyor::RecordHandler next) -> conveyor::RecordHandler {
    return [wanted, next](const conveyor::Record& record, conveyor::Context& context) {
      if (wanted(record)) next(record, context);  // one that is not wanted counts as handled
    };
  };
}

conveyor::Middleware timed(std::function<void(std::string_view topic, std::chrono::nanoseconds)> observe) {
  return [observe](conveyor::RecordHandler next) -> conveyor::RecordHandler {
    return [observe, next](const conveyor::Record& record, conveyor::Context& context) {
      const auto start = std::chrono::steady_clock::now();
      next(record, context);
      observe(record.topic, std::chrono::steady_clock::now() - start);
    };
  };
}
// [/middleware]

TEST(Middleware, FiltersAndTimes) {
  conveyor::Worker worker{config};
  std::vector<std::string> observed;
  int handled = 0;
  worker.use(filter([](const conveyor::Record& record) { return record.key != "skip"; }));
  worker.use(timed([&](std::string_view topic, std::chrono::nanoseconds time) {
    observed.emplace_back(topic);
    EXPECT_GE(time.count(), 0);
  }));
  worker.handle(kImages, [&](const Image&) { ++handled; });
  conveyor::testing::WorkerHarness harness{worker};
  harness.give(kImages, Image(), {.key = "skip"});
  harness.give(kImages, Image(), {.key = "keep"});
  EXPECT_EQ(handled, 1);
  EXPECT_EQ(observed, std::vector<std::string>{"VideoStream"});
  EXPECT_EQ(harness.committed(kImages), 2);
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
