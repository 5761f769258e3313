#include "worker/driven/driven_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "codec/decode.h"
#include "dead_letters/dead_letter_reader.h"
#include "produce/message_encoder.h"
#include "worker/driven/manual_clock.h"
#include "worker/driven/memory_cluster.h"
#include "worker/driven/memory_consumer.h"
#include "worker/driven/memory_producer.h"
#include "worker/run.h"
#include "worker/worker_parts.h"

namespace conveyor::worker {
namespace {

using std::chrono::milliseconds;

constexpr auto kLongest = std::chrono::hours(24);  // by the driven clock
constexpr milliseconds kShortestIdle{50};
constexpr milliseconds kLongestIdle{60'000};

WorkerOptions driven(WorkerOptions options) {
  options.exactly_once.enabled = false;  // without brokers the visible result is the same
  options.start_at = StartAt::kEarliest;
  return options;
}

}  // namespace

struct DrivenRun::State {
  explicit State(const WorkerParts& parts)
      : config(parts.config),
        options(driven(parts.options)),
        encoder(config),
        routes(parts.routes),
        run(config, options, routes, parts.middleware, environment()) {}

  RunEnvironment environment() {
    const auto middle = [] { return 0.5; };
    return {
        .member = {.clock = clock,
                   .wakeup = std::make_shared<kafka::Wakeup>(),
                   .make_client = [this] { return consumer; },
                   .check_client = [] {},
                   .make_lookup = [this](const ClientSlot&) { return std::make_unique<MemoryLookup>(cluster); },
                   .random = middle},
        .producer = {.make_handle = [this] { return std::make_unique<MemoryProducer>(cluster, config.topic_prefix); },
                     .clock = clock,
                     .random = middle},
        .now = [this] { return clock->now(); },
        .random = middle};
  }

  void add(std::string_view channel, Record record, std::optional<std::string_view> value) {
    const std::string topic = config.topic_prefix + std::string(channel);
    const auto route = routes.find(topic);
    if (route == routes.end()) {
      throw Error(errc::unknown_topic, fmt::format("the worker has no handler of channel {}", channel));
    }
    const kafka::TopicPartition where{route->first, std::max(record.partition, 0)};
    record.timestamp = std::chrono::time_point_cast<milliseconds>(clock->calendar());
    consumer->assign(where);
    cluster.append(where, std::move(record), value);
  }

  // Nothing is due now: advances the clock to the next due record, or by `idle` so that a commit becomes due.
  void wait() {
    const auto now = clock->now();
    const auto due = run.next_due();
    const auto idle_until = now + idle;
    clock->advance_to(due ? std::min(*due, idle_until) : idle_until);
    if (due) waited += std::chrono::duration_cast<milliseconds>(clock->now() - now);
    idle = std::min(2 * idle, kLongestIdle);
  }

  const Config config;
  const WorkerOptions options;
  const detail::MessageEncoder encoder;
  const Routes& routes;
  const std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
  MemoryCluster cluster;
  const std::shared_ptr<MemoryConsumer> consumer = std::make_shared<MemoryConsumer>(cluster);
  milliseconds idle = kShortestIdle;  // grows while nothing happens
  milliseconds waited{0};
  Run run;
};

DrivenRun::DrivenRun(const Worker& worker) : state_(std::make_unique<State>(WorkerParts::of(worker))) {
  state_->run.begin();
  state_->run.run_once();  // throws if a handler could not be made
}
DrivenRun::~DrivenRun() = default;

void DrivenRun::add(std::string_view topic, const ChannelOptions& channel, const google::protobuf::Message& message,
                    const detail::StampTarget& stamp, const SendOptions& options) {
  const auto encoded = state_->encoder.encode(topic, channel, message, stamp, options, nullptr, {});
  if (encoded.refusal) throw Error(encoded.refusal->code, encoded.refusal->text);
  auto contents = encoded.send->contents();
  state_->add(topic, std::move(contents.record), contents.value);
}

void DrivenRun::add(std::string_view topic, std::optional<std::string_view> value, const SendOptions& options) {
  Record record{.partition = options.partition};
  if (const auto key = options.key.view()) record.key.emplace(*key);
  record.headers = options.headers;
  state_->add(topic, std::move(record), value);
}

void DrivenRun::run() {
  State& state = *state_;
  const auto began = state.clock->now();
  while (!state.cluster.all_committed()) {
    // The second round takes the answers to what the first one asked. After wait() has advanced the clock they would
    // not be believed.
    if (state.run.run_once() || state.run.run_once()) {
      state.idle = kShortestIdle;
    } else {
      state.wait();
    }
    if (state.clock->now() - began < kLongest) continue;
    throw Error(errc::timed_out,
                fmt::format("{} records are not done after {} hours, which took no time: they are tried "
                            "again and again",
                            state.run.counters().in_flight, kLongest.count()));
  }
}

RunReport DrivenRun::stop() { return state_->run.end(); }

std::vector<DrivenRun::Sent> DrivenRun::sent(std::string_view topic) const {
  const std::string full = state_->config.topic_prefix + std::string(topic);
  std::vector<Sent> found;
  for (const auto& stored : state_->cluster.stored()) {
    if (stored.topic != full) continue;
    found.push_back({stored.record.key, stored.value, stored.record.headers.all(), stored.record.partition});
  }
  return found;
}

std::optional<std::string> DrivenRun::decode(const Sent& sent, Codec codec, google::protobuf::Message& into) const {
  if (!sent.value) return "a tombstone has no value";
  return codec::decode(*sent.value, Headers(sent.headers), codec, state_->config.max_message_bytes, into);
}

std::vector<DeadLetter> DrivenRun::dead_letters() const {
  std::vector<DeadLetter> letters;
  for (const auto& stored : state_->cluster.stored()) {
    Record record = stored.record;
    record.topic = stored.topic;
    auto read = detail::dead_letter_of(std::move(record), stored.value);
    if (auto* const letter = std::get_if<DeadLetter>(&read)) letters.push_back(std::move(*letter));
  }
  return letters;
}

std::optional<std::int64_t> DrivenRun::committed(std::string_view topic, std::int32_t partition) const {
  const auto route = state_->routes.find(state_->config.topic_prefix + std::string(topic));
  if (route == state_->routes.end()) return {};
  const auto* const log = state_->cluster.find({route->first, partition});
  return log != nullptr ? log->committed : std::nullopt;
}

ConsumerCounters DrivenRun::counters() const { return state_->run.counters(); }

milliseconds DrivenRun::waited() const { return state_->waited; }

}  // namespace conveyor::worker
