// The items of a batch handler are of the channels' types.
#include <conveyor/v1/image.pb.h>
#include <conveyor/v1/prediction.pb.h>
#include <conveyor/worker.h>

constexpr conveyor::Channel<conveyor::v1::Image> kImages{"images"};
constexpr conveyor::Channel<conveyor::v1::Prediction> kPredictions{"predictions"};

#ifdef CONVEYOR_WRONG
using Item = conveyor::BatchItem<conveyor::v1::Image, conveyor::v1::Image>;
#else
using Item = conveyor::BatchItem<conveyor::v1::Image, conveyor::v1::Prediction>;
#endif

void use(conveyor::Worker& worker) {
  worker.transform_batch(kImages, kPredictions, [](std::span<Item>) {}, {.max_batch = 16});
}
