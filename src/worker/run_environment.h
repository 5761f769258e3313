#ifndef CONVEYOR_SRC_WORKER_RUN_ENVIRONMENT_H_
#define CONVEYOR_SRC_WORKER_RUN_ENVIRONMENT_H_

#include <chrono>
#include <functional>

#include "consume/group_member.h"
#include "produce/producer_client.h"

namespace conveyor::worker {

/// What a Run needs from outside. With nothing set, the Run uses librdkafka, threads and the system's clock. With
/// everything set, the caller drives the Run by hand, on one thread: see Run::begin().
struct RunEnvironment {
  MemberEnvironment member = {};
  kafka::ProducerEnvironment producer = {};
  std::function<std::chrono::steady_clock::time_point()> now = {};
  std::function<double()> random = {};  ///< in [0, 1)
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_WORKER_RUN_ENVIRONMENT_H_
