#include <conveyor/v1/image.pb.h>
#include <conveyor/v1/prediction.pb.h>
#include <conveyor/worker.h>

constexpr conveyor::Channel<conveyor::v1::Image> kImages{"images"};
constexpr conveyor::Channel<conveyor::v1::Prediction> kPredictions{"predictions"};

#ifdef CONVEYOR_WRONG
using Returned = conveyor::v1::Image;
#else
using Returned = conveyor::v1::Prediction;
#endif

void use(conveyor::Worker& worker) {
  worker.transform(kImages, kPredictions, [](const conveyor::Message<conveyor::v1::Image>&) { return Returned(); });
}
