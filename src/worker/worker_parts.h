#ifndef CONVEYOR_SRC_WORKER_WORKER_PARTS_H_
#define CONVEYOR_SRC_WORKER_WORKER_PARTS_H_

#include <span>

#include "conveyor/worker.h"
#include "worker/run.h"

namespace conveyor::worker {

/// What a Worker was built of, for whoever runs it otherwise than Worker::run. It lives as long as the worker, and stays
/// as it is until something is added to that.
struct WorkerParts {
  const Config& config;
  const WorkerOptions& options;
  const Routes& routes;
  std::span<const Middleware> middleware;

  [[nodiscard]] static WorkerParts of(const Worker& worker);
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_WORKER_WORKER_PARTS_H_
