#include "label.h"

#include <memory>

#include "channels.h"
#include "conveyor/media/image_codec.h"
#include "conveyor/vision/classifier.h"
#include "conveyor/vision/classifier_registry.h"
#include "conveyor/vision/serve.h"
#include "conveyor/worker.h"
#include "support/cache_folder.h"
#include "support/on_assigned.h"
#ifdef IMAGE_MESSAGING_ONNXRUNTIME
#include "conveyor/onnxruntime/onnx.h"
#endif

namespace image_messaging {

using namespace std::chrono_literals;

std::string default_classifier() {
  return "onnx:" + (support::cache_folder() / "models/imagenet.onnx").string() + "?top=5";
}

void label(const support::ConfigFor& config_for, const LabelOptions& options, const std::stop_token& stop,
           const std::function<void(const std::string& engine)>& ready) {
  conveyor::Config config = config_for(options.group);
  const std::string text = !options.classifier.empty()  ? options.classifier
                           : !config.classifier.empty() ? config.classifier
                                                        : default_classifier();
  conveyor::vision::ClassifierRegistry classifiers = conveyor::vision::built_in_classifiers();
#ifdef IMAGE_MESSAGING_ONNXRUNTIME
  conveyor::onnxruntime::add_classifiers(classifiers);
#endif
  const std::shared_ptr<const conveyor::vision::Model> model = classifiers.make(text);
  const std::string engine = model->card().engine;
  config.properties["allow.auto.create.topics"] = "true";  // no frame may have been sent yet
  config.observer = std::make_shared<support::OnAssigned>(config.observer, [&] { ready(engine); });
  // A network takes long, so that a commit for every few frames costs nothing, and one that is killed repeats fewer.
  conveyor::Worker worker(
      config,
      {.threads = options.threads, .drain_timeout = 5s, .commit_interval = 250ms, .dead_letter = {.enabled = true}});
  conveyor::vision::serve(worker, kVideoStream, kPredictions, model, {.decode = conveyor::media::decode});
  worker.run(stop);
}

}  // namespace image_messaging
