#include "dead_letters/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "conveyor/channel.h"
#include "conveyor/error.h"
#include "dead_letters/dead_letter_reader.h"
#include "kafka/producer_record.h"

namespace conveyor::detail {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds kFlushSlice{100};
constexpr milliseconds kInAHurry{5'000};  // how long a stopped replay waits for its deliveries

}  // namespace

Replay::Replay(const Config& config, const ReplayOptions& options, kafka::TopicReader& reader)
    : bootstrap_servers_(config.bootstrap_servers), options_(options), reader_(reader) {
  if (options_.dry_run) return;
  Config plain = config;
  plain.topic_prefix.clear();  // the dead letters' headers already name topics with their prefix
  // Send each record in a batch of its own. Brokers refuse a batch as a whole, so one record that is too large for its
  // topic would fail the others with it.
  plain.properties.emplace("batch.num.messages", "1");
  producer_ = std::make_unique<kafka::ProducerClient>(
      plain, ProducerOptions{.block_timeout = options.delivery_timeout,
                             .delivery_timeout = options.delivery_timeout,
                             .close_timeout = milliseconds(0)});  // wait_for_deliveries() has waited
}

void Replay::send(const DeadLetter& letter) {
  progress_.begin(letter.partition, letter.offset);
  if (options_.each) options_.each(letter);
  const Origin& origin = look_up(letter.origin.topic);
  if (!origin.problem.empty()) return progress_.fail(letter.partition, letter.offset, origin.problem);
  if (options_.dry_run) return;

  SendOptions to{.partition = letter.origin.partition < origin.partitions ? letter.origin.partition : -1};
  if (letter.key) to.key = *letter.key;
  const std::string_view value = letter.value ? std::string_view(*letter.value) : std::string_view();
  const auto done = [this, partition = letter.partition, offset = letter.offset](const Delivery& delivery) {
    if (delivery.error) return progress_.fail(partition, offset, std::string(delivery.error_text));
    progress_.acknowledge(partition, offset);
  };
  auto send = kafka::ProducerRecord::make(origin.topic, to, value.size(), replay_headers(letter), done);
  if (letter.value) {
    std::ranges::copy(value, send->value());
  } else {
    send->make_tombstone();
  }
  const std::size_t bytes = send->key_and_value_bytes();
  if (const auto refusal = producer_->submit(std::move(send), bytes)) {
    progress_.fail(letter.partition, letter.offset, refusal->text);
  }
}

void Replay::pass_over(const DeadLetterProblem& position) { progress_.pass_over(position.partition, position.offset); }

void Replay::wait_for_deliveries(bool hurry) {
  if (!producer_) return;
  auto deadline = Clock::time_point::max();
  while (producer_->flush(kFlushSlice).left != 0 && Clock::now() < deadline) {
    if (hurry || reader_.stopped()) deadline = std::min(deadline, Clock::now() + kInAHurry);
  }
  producer_.reset();  // fails the remaining records through their callbacks
  if (options_.group.empty()) return;
  reader_.commit(progress_.committable());
}

const Replay::Origin& Replay::look_up(const std::string& topic) {
  const auto known = origins_.find(topic);
  if (known != origins_.end()) return known->second;
  Origin found;
  try {
    found.partitions = reader_.partitions_of(topic);
    if (found.partitions == 0) {
      found.problem = fmt::format("topic {}, which it came from, does not exist on {}, or this user may not see it",
                                  topic, bootstrap_servers_);
    } else {
      found.topic = intern_topic(topic, {});
    }
  } catch (const Error& error) {
    if (error.code() != errc::not_authorized && error.code() != errc::invalid_topic) throw;
    found.problem = error.what();
  }
  return origins_.emplace(topic, std::move(found)).first->second;
}

}  // namespace conveyor::detail
