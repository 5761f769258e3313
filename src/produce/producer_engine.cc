#include "produce/producer_engine.h"

#include <thread>

namespace conveyor::kafka {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kGiveUpWithin{2'000};

ProducerRecovery::Settings with_resend(ProducerRecovery::Settings settings, bool resend) {
  settings.resend = resend;
  return settings;
}

}  // namespace

ProducerEngine::ProducerEngine(const Config& config, const ProducerOptions& options,
                               ProducerRecovery::Settings recovery, const Surroundings& surroundings)
    : options_(options),
      texts_(config, options_, surroundings.reporter),
      state_({.messages = options_.max_queued_messages, .bytes = options_.max_queued_bytes}),
      queue_(state_, options_, texts_, surroundings.clock),
      loop_({.state = state_,
             .texts = texts_,
             .reporter = *surroundings.reporter,
             .clock = surroundings.clock,
             .make_handle = surroundings.make_handle,
             .random = surroundings.random},
            with_resend(recovery, options_.resend)) {}

void ProducerEngine::begin() {
  const MutexLock lock{state_.mutex};
  state_.delivery_thread = std::this_thread::get_id();
}

void ProducerEngine::close_queue() {
  if (queue_.wait_until_empty(options_.close_timeout, true)) return;
  loop_.begin_close();
  queue_.visit()->end_poll();
  queue_.wait_until_empty(kGiveUpWithin, false);
}

void ProducerEngine::stop() {
  loop_.stop();
  queue_.visit()->end_poll();
}

}  // namespace conveyor::kafka
