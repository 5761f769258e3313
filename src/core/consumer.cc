#include "conveyor/consumer.h"

#include <google/protobuf/message.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "worker/decode_record.h"
#include "worker/group_reader.h"

namespace conveyor::detail {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t kMaxInFlight = 1'000;
constexpr std::size_t kMaxInFlightBytes = std::size_t{16} << 20;

worker::ReaderOptions reader_options(const Config& config, std::string_view topic, const ConsumerOptions& options) {
  return {.topics = {config.topic_prefix + std::string(topic)},
          .start_at = options.start_at,
          .max_in_flight = kMaxInFlight,
          .max_in_flight_bytes = kMaxInFlightBytes,
          .commit_every = options.commit_every,
          .revoke_within = options.revoke_within,
          .wait_for_topic = options.wait_for_topic};
}

}  // namespace

/// Between the reader's thread, which keeps the membership, and the caller's, which takes one record at a time.
struct ConsumerCore::State final : worker::Receiver {
  State(const Config& config, std::string_view topic, const ChannelOptions& channel, const ConsumerOptions& given)
      : options(given),
        codec(channel.codec),
        max_message_bytes(config.max_message_bytes),
        reader(config, reader_options(config, topic, given), *this),
        wake_on_stop(options.stop, [this] { wake(); }),
        thread([this] { read(); }) {}

  ~State() override {
    stop_reading.request_stop();
    if (thread.joinable()) thread.join();
    waiting.clear();  // before the client, whose records they are
  }

  // The reader's thread.
  void read() {
    try {
      reader.run(stop_reading.get_token(), milliseconds(0));
    } catch (...) {
      const std::lock_guard lock{mutex};
      failure = std::current_exception();
    }
    wake();
  }
  void receive(worker::Incoming incoming) override {
    bool first = false;
    {
      const std::lock_guard lock{mutex};
      first = waiting.empty();
      waiting.push_back(std::move(incoming));
    }
    if (first) changed.notify_one();
  }
  std::size_t drop(const worker::Partition& partition) override {
    const std::lock_guard lock{mutex};
    return std::erase_if(waiting, [&](const auto& incoming) { return incoming.partition.get() == &partition; });
  }

  // The caller's thread.
  std::error_code take(worker::Incoming& incoming, milliseconds within) {
    std::unique_lock lock{mutex};
    const auto ready = [&] { return !waiting.empty() || failure || stopped(); };
    if (within >= milliseconds(std::chrono::hours(24 * 365))) {
      changed.wait(lock, ready);
    } else if (!changed.wait_for(lock, within, ready)) {
      return errc::timed_out;
    }
    if (stopped()) return errc::stopped;
    if (failure) std::rethrow_exception(failure);
    incoming = std::move(waiting.front());
    waiting.pop_front();
    return {};
  }
  [[nodiscard]] bool stopped() const noexcept { return asked_to_stop || options.stop.stop_requested(); }
  void wake() {
    { const std::lock_guard lock{mutex}; }
    changed.notify_all();
  }

  const ConsumerOptions options;
  const Codec codec;
  const std::size_t max_message_bytes;

  std::mutex mutex;
  std::condition_variable changed;
  std::deque<worker::Incoming> waiting;
  std::exception_ptr failure;
  std::atomic<bool> asked_to_stop{false};
  std::optional<worker::Receipt> in_hand;

  std::stop_source stop_reading;
  worker::GroupReader reader;
  std::stop_callback<std::function<void()>> wake_on_stop;
  std::thread thread;
};

ConsumerCore::ConsumerCore(const Config& config, std::string_view topic, const ChannelOptions& channel,
                           const ConsumerOptions& options) {
  config.validate();
  state_ = std::make_unique<State>(config, topic, channel, options);
}
ConsumerCore::~ConsumerCore() = default;
ConsumerCore::ConsumerCore(ConsumerCore&&) noexcept = default;
ConsumerCore& ConsumerCore::operator=(ConsumerCore&&) noexcept = default;

std::error_code ConsumerCore::next(Record& record, google::protobuf::Message& value, milliseconds within) {
  const bool for_ever = within >= milliseconds(std::chrono::hours(24 * 365));
  const auto deadline = for_ever ? Clock::time_point::max() : Clock::now() + within;
  while (true) {
    worker::Incoming incoming;
    const auto left =
        for_ever ? milliseconds::max()
                 : std::max(std::chrono::duration_cast<milliseconds>(deadline - Clock::now()), milliseconds(0));
    if (const auto error = state_->take(incoming, left)) return error;
    worker::decode_record(incoming, state_->codec, state_->max_message_bytes, state_->reader, record, value);
    worker::Receipt receipt = worker::receipt_for(incoming);
    if (record.error == errc::tombstone && !state_->options.tombstones) {
      state_->reader.handler_counters().tombstones.fetch_add(1, std::memory_order_relaxed);
      state_->reader.finish(std::move(receipt));
      continue;
    }
    state_->in_hand = std::move(receipt);
    return {};
  }
}

void ConsumerCore::done() {
  if (!state_->in_hand) return;
  state_->reader.finish(std::move(*state_->in_hand));
  state_->in_hand.reset();
}

void ConsumerCore::stop() noexcept {
  state_->asked_to_stop = true;
  state_->wake();
}

void ConsumerCore::close() {
  stop();
  state_->stop_reading.request_stop();
  if (state_->thread.joinable()) state_->thread.join();
  if (!state_->reader.all_committed()) {
    throw Error(errc::timed_out,
                "the consumer's last commit was not confirmed in time; its last messages may come again");
  }
}

ConsumerCounters ConsumerCore::counters() const noexcept { return state_->reader.counters(); }

}  // namespace conveyor::detail
