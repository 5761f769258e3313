#include "conveyor/testing/worker_harness.h"

#include <fmt/format.h>

#include <utility>

#include "conveyor/error.h"
#include "worker/driven/driven_run.h"

namespace conveyor::testing {

WorkerHarness::WorkerHarness(const Worker& worker) : run_(std::make_unique<worker::DrivenRun>(worker)) {}
WorkerHarness::~WorkerHarness() = default;
WorkerHarness::WorkerHarness(WorkerHarness&&) noexcept = default;
WorkerHarness& WorkerHarness::operator=(WorkerHarness&&) noexcept = default;

std::vector<SentRecord> WorkerHarness::sent_records(std::string_view topic) const {
  std::vector<SentRecord> records;
  for (auto& sent : run_->sent(topic)) {
    records.push_back({std::move(sent.key), std::move(sent.value), std::move(sent.headers), sent.partition});
  }
  return records;
}

std::vector<DeadLetter> WorkerHarness::dead_letters() const { return run_->dead_letters(); }
ConsumerCounters WorkerHarness::counters() const { return run_->counters(); }
std::chrono::milliseconds WorkerHarness::waited() const { return run_->waited(); }

void WorkerHarness::add(std::string_view topic, const ChannelOptions& channel, const google::protobuf::Message& message,
                        const detail::StampTarget& stamp, const SendOptions& options) {
  run_->add(topic, channel, message, stamp, options);
}

void WorkerHarness::add_bytes(std::string_view topic, std::optional<std::string_view> value,
                              const SendOptions& options) {
  run_->add(topic, value, options);
}

void WorkerHarness::run() { run_->run(); }

void WorkerHarness::decode(std::string_view topic, const ChannelOptions& channel, const SentRecord& record,
                           google::protobuf::Message& into) const {
  const auto wrong = run_->decode({.value = record.value, .headers = record.headers}, channel.codec, into);
  if (wrong) throw DecodeError(fmt::format("what the worker sent to {} cannot be decoded: {}", topic, *wrong));
}

std::optional<std::int64_t> WorkerHarness::committed_offset(std::string_view topic, std::int32_t partition) const {
  return run_->committed(topic, partition);
}

}  // namespace conveyor::testing
