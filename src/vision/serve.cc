#include "conveyor/vision/serve.h"

#include <memory>
#include <mutex>
#include <opencv2/core/utility.hpp>
#include <optional>
#include <utility>

#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "conveyor/v1/processed_image.pb.h"
#include "conveyor/worker.h"

namespace conveyor::vision {
namespace {

/// Makes a predictor for each of the worker's threads. The first is made at once, to find what is wrong early.
class Predictors {
 public:
  Predictors(std::shared_ptr<const Model> model, const ServeOptions& options)
      : model_(std::move(model)), options_(options) {
    if (options.opencv_threads > 0) cv::setNumThreads(options.opencv_threads);
    first_.emplace(model_, options_);
  }

  Predictor make() {
    {
      std::lock_guard lock(mutex_);
      if (first_) {
        Predictor first = std::move(*first_);
        first_.reset();
        return first;
      }
    }
    return Predictor(model_, options_);
  }

 private:
  std::shared_ptr<const Model> model_;
  ServeOptions options_;
  std::mutex mutex_;
  std::optional<Predictor> first_;
};

}  // namespace

void serve(Worker& worker, const Channel<v1::Image>& images, const Channel<v1::Prediction>& predictions,
           std::shared_ptr<const Model> model, const ServeOptions& options) {
  auto predictors = std::make_shared<Predictors>(std::move(model), options);
  worker.transform(images, predictions, per_thread([predictors] { return predictors->make(); }));
}

void serve(Worker& worker, const Channel<v1::Image>& images, const Channel<v1::ProcessedImage>& processed,
           std::shared_ptr<const Model> model, const ServeOptions& options) {
  auto predictors = std::make_shared<Predictors>(std::move(model), options);
  worker.transform(images, processed, per_thread([predictors] {
                     return [predict = predictors->make()](const Message<v1::Image>& message) mutable {
                       v1::ProcessedImage out;
                       *out.mutable_prediction() = predict(message);
                       *out.mutable_image() = message.value();
                       return out;
                     };
                   }));
}

}  // namespace conveyor::vision
