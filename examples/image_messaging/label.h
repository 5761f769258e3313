#ifndef IMAGE_MESSAGING_LABEL_H_
#define IMAGE_MESSAGING_LABEL_H_

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>

#include "support/cluster.h"

namespace image_messaging {

struct LabelOptions {
  std::string group = "labellers";  ///< the consumer group: its members share the frames, another group sees all
  std::string classifier =
      {};           ///< such as "onnx:imagenet.onnx?top=5"; empty: CONVEYOR_CLASSIFIER, or default_classifier()
  int threads = 1;  ///< frames at a time
};

/// The network that examples/models/fetch.sh keeps in the cache.
[[nodiscard]] std::string default_classifier();

/// Labels frames as one of any number of instances that share the partitions, until the stop is requested. What cannot
/// be labelled goes to the dead letters, topic VideoStream-dlt.
///
/// @param ready called once it has been given partitions
/// @throws Error
void label(const support::ConfigFor& config_for, const LabelOptions& options, const std::stop_token& stop,
           const std::function<void(const std::string& engine)>& ready);

}  // namespace image_messaging

#endif  // IMAGE_MESSAGING_LABEL_H_
