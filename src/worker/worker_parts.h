#ifndef CONVEYOR_SRC_WORKER_WORKER_PARTS_H_
#define CONVEYOR_SRC_WORKER_WORKER_PARTS_H_

#include <span>

#include "conveyor/worker.h"
#include "worker/run.h"

namespace conveyor::worker {

/// What a Worker was built from, for code that runs it in another way than Worker::run. It is valid as long as the
/// worker lives and nothing is added to the worker.
struct WorkerParts {
  const Config& config;
  const WorkerOptions& options;
  const Routes& routes;
  std::span<const Middleware> middleware;

  [[nodiscard]] static WorkerParts of(const Worker& worker);
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_WORKER_WORKER_PARTS_H_
