#ifndef CONVEYOR_SRC_VISION_SERVE_SERVED_MODEL_STATE_H_
#define CONVEYOR_SRC_VISION_SERVE_SERVED_MODEL_STATE_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/thread_annotations.h"
#include "conveyor/vision/served_model.h"

namespace conveyor::vision {

/// Which model is in use, and the counters of the service.
struct ServedModel::State {
  State(std::shared_ptr<const Model> model, const ServeOptions& given);

  /// What a thread goes on with.
  struct Reloaded {
    std::optional<Predictor> predictor = {};  ///< none: the thread keeps the one it has
    std::uint64_t generation = 0;
  };
  /// @param have the model that the thread uses; null: none yet
  /// @throws what Predictor throws, when there is no model to roll back to
  Reloaded reload_model(const std::shared_ptr<const Model>& have);
  /// Goes back to the former model. There must be one.
  void roll_back() CONVEYOR_REQUIRES(mutex);

  const ServeOptions options;
  std::atomic<std::uint64_t> generation{1};  // read by the threads before each batch

  Mutex swapping;  // one swap at a time, its check included
  Mutex mutex;
  std::shared_ptr<const Model> current CONVEYOR_GUARDED_BY(mutex);
  std::shared_ptr<const Model> former CONVEYOR_GUARDED_BY(mutex);
  // of the current model, for the first thread that asks
  std::optional<Predictor> ready CONVEYOR_GUARDED_BY(mutex);
  std::string last_failure CONVEYOR_GUARDED_BY(mutex);

  enum Stage { kWait, kDecode, kPreprocess, kInference, kEncode, kStages };
  struct Counters {
    std::atomic<std::uint64_t> predictions{0};
    std::atomic<std::uint64_t> bad_input{0};
    std::atomic<std::uint64_t> retries{0};
    std::atomic<std::uint64_t> faults{0};
    std::atomic<std::uint64_t> passed_over{0};
    std::atomic<std::uint64_t> batches{0};
    std::atomic<std::uint64_t> swaps{0};
    std::atomic<std::uint64_t> roll_backs{0};
    std::array<std::atomic<std::int64_t>, kStages> microseconds{};
  };
  Counters counters;
};

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_SERVE_SERVED_MODEL_STATE_H_
