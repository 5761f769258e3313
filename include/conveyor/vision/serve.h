#ifndef CONVEYOR_VISION_SERVE_H_
#define CONVEYOR_VISION_SERVE_H_

#include <memory>

#include "conveyor/channel.h"
#include "conveyor/export.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "conveyor/vision/predictor.h"
#include "conveyor/vision/serve_options.h"

namespace conveyor {
class Worker;
}
namespace conveyor::v1 {
class ProcessedImage;
}  // namespace conveyor::v1

namespace conveyor::vision {

class Model;
class ServedModel;

/// Makes the worker classify what arrives on `images` and send what was found to `predictions`.
///
///     conveyor::vision::serve(worker, kVideoStream, kPredictions, conveyor::vision::model_of<Brightness>());
///     worker.run();
///
/// Each of the worker's threads gets a Predictor; the first is made here, so that what is wrong with model or chain is
/// thrown here.
///
/// @return the served model (served_model.h), which exchanges the model while the worker runs and has counters
/// @throws Error as Predictor does, or with errc::invalid_config when the channel has a handler already, or for
///         batches beside Worker::use()
CONVEYOR_EXPORT std::shared_ptr<ServedModel> serve(Worker& worker, const Channel<v1::Image>& images,
                                                   const Channel<v1::Prediction>& predictions,
                                                   std::shared_ptr<const Model> model,
                                                   const ServeOptions& options = {});

/// The same, sending each image on together with its prediction.
CONVEYOR_EXPORT std::shared_ptr<ServedModel> serve(Worker& worker, const Channel<v1::Image>& images,
                                                   const Channel<v1::ProcessedImage>& processed,
                                                   std::shared_ptr<const Model> model,
                                                   const ServeOptions& options = {});

}  // namespace conveyor::vision

#endif  // CONVEYOR_VISION_SERVE_H_
