#include "transactions/transaction_engine.h"

#include <algorithm>

#include "kafka/client.h"
#include "transactions/transactional_id.h"

namespace conveyor::worker {

using std::chrono::milliseconds;

TransactionEngine::TransactionEngine(const Config& config, const ExactlyOnceOptions& options, std::size_t most_kept,
                                     const Surroundings& surroundings)
    : config_(config),
      options_(options),
      reporter_(surroundings.reporter),
      clock_(surroundings.clock),
      events_(reporter_, transactional_id(config.topic_prefix, config.group, options.instance), config.group),
      client_(surroundings.make_client()),
      state_(options.commit_interval, most_kept),
      calls_(state_, clock_, events_),
      context_{.options = options_,
               .state = state_,
               .client = client_,
               .group = surroundings.group,
               .listener = surroundings.listener,
               .clock = clock_,
               .events = events_,
               .calls = calls_},
      queue_(state_, clock_, surroundings.listener),
      committer_(context_, surroundings.make_client),
      loop_(context_, committer_) {}

void TransactionEngine::start(milliseconds within, const std::stop_token& stop) {
  const auto deadline = clock_.now() + std::min(within, kafka::kLongestWait);
  while (true) {
    const auto outcome = client_->init(kCallSlice);
    if (outcome.result == TransactionContext::Result::kOk) return;
    if (stop.stop_requested()) throw Error(errc::stopped, "stopped before the transactional producer was initialised");
    if (outcome.result != TransactionContext::Result::kAgain) throw events_.cannot_begin(outcome);
    if (clock_.now() >= deadline || reporter_->rejected()) {
      throw kafka::unreachable(*reporter_, config_.bootstrap_servers, within);
    }
  }
}

void TransactionEngine::stop() {
  {
    const MutexLock lock{state_.mutex};
    state_.stopping = true;
  }
  state_.changed.notify_all();
}

}  // namespace conveyor::worker
