#include "transactions/transaction_runner.h"

namespace conveyor::worker {
namespace {

TransactionEngine::Surroundings real_surroundings(const Config& config, const ExactlyOnceOptions& options,
                                                  GroupOffsets& group, TransactionListener& listener,
                                                  kafka::WaitableClock& clock) {
  const auto reporter = std::make_shared<kafka::Reporter>(config.observer);
  const kafka::TransactionOptions client{.id = transactional_id(config.topic_prefix, config.group, options.instance),
                                         .timeout = options.transaction_timeout};
  return {.reporter = reporter,
          .make_client = [&config, client,
                          reporter] { return std::make_unique<kafka::TransactionClient>(config, client, reporter); },
          .group = group,
          .listener = listener,
          .clock = clock};
}

}  // namespace

TransactionRunner::TransactionRunner(const Config& config, const ExactlyOnceOptions& options, std::size_t most_kept,
                                     GroupMember& member, Owner& owner)
    : member_(member),
      owner_(owner),
      engine_(config, options, most_kept, real_surroundings(config, options, *this, *this, clock_)) {}

TransactionRunner::~TransactionRunner() {
  engine_.stop();
  if (thread_.joinable()) thread_.join();
}

void TransactionRunner::start(std::chrono::milliseconds within, const std::stop_token& stop) {
  engine_.start(within, stop);
  thread_ = std::thread([this] {
    while (engine_.run_once()) {
    }
  });
}

void TransactionRunner::dropped(Partition& partition) {
  partition.dropped_by_group = true;
  member_.wake();
}

void TransactionRunner::committed(const FinishedInput& input, std::optional<TransactedOffset> stored) {
  owner_.committed(input);
  member_.finish(receipt_for(input.task.incoming), stored);
}

void TransactionRunner::output_failed(Task task, std::error_code code, const std::string& text) {
  owner_.output_failed(std::move(task), code, text);
}

}  // namespace conveyor::worker
