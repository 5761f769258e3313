#include "conveyor/vision/serve.h"

#include <memory>
#include <utility>

#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "conveyor/v1/processed_image.pb.h"
#include "conveyor/vision/served_model.h"
#include "conveyor/worker.h"
#include "vision/serve/serving_handler.h"

namespace conveyor::vision {
namespace {

template <class Out, class Make>
std::shared_ptr<ServedModel> add(Worker& worker, const Channel<v1::Image>& images, const Channel<Out>& output,
                                 std::shared_ptr<const Model> model, const ServeOptions& options, Make make) {
  auto served = std::make_shared<ServedModel>(std::move(model), options);
  const auto make_handler = [served, output, make] { return ServingHandler<Out, Make>(served, output, make); };
  if (options.batch.max_batch == 1) {
    worker.handle(images, per_thread(make_handler), options.handler);
  } else {
    worker.handle_batch(images, per_thread(make_handler), options.batch, options.handler);
  }
  return served;
}

}  // namespace

std::shared_ptr<ServedModel> serve(Worker& worker, const Channel<v1::Image>& images,
                                   const Channel<v1::Prediction>& predictions, std::shared_ptr<const Model> model,
                                   const ServeOptions& options) {
  return add(worker, images, predictions, std::move(model), options,
             [](const Message<v1::Image>&, v1::Prediction& prediction) -> const v1::Prediction& { return prediction; });
}

std::shared_ptr<ServedModel> serve(Worker& worker, const Channel<v1::Image>& images,
                                   const Channel<v1::ProcessedImage>& processed, std::shared_ptr<const Model> model,
                                   const ServeOptions& options) {
  return add(worker, images, processed, std::move(model), options,
             [](const Message<v1::Image>& message, v1::Prediction& prediction) {
               v1::ProcessedImage out;
               out.mutable_prediction()->Swap(&prediction);
               *out.mutable_image() = message.value();
               return out;
             });
}

}  // namespace conveyor::vision
