#include "conveyor/consumer.h"

#include <fmt/format.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <iterator>
#include <optional>
#include <span>
#include <thread>
#include <utility>

#include "base/forks.h"
#include "base/thread_annotations.h"
#include "consume/decode_record.h"
#include "consume/group_member.h"
#include "conveyor/producer.h"
#include "produce/delivery_barrier.h"
#include "produce/pending_inputs.h"
#include "produce/producer_core.h"

namespace conveyor::detail {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t kMaxInFlight = 1'000;
constexpr std::size_t kMaxInFlightBytes = std::size_t{16} << 20;

worker::MemberOptions member_options(const Config& config, std::string_view topic, const ConsumerOptions& options) {
  return {.topics = {config.topic_prefix + std::string(topic)},
          .start_at = options.start_at,
          .max_in_flight = kMaxInFlight,
          .max_in_flight_bytes = kMaxInFlightBytes,
          .commit_interval = options.commit_interval,
          .revoke_timeout = options.revoke_timeout,
          .topic_timeout = options.topic_timeout};
}

}  // namespace

/// Connects the member's thread, which keeps the membership, with the caller's thread, which takes one record at a
/// time. With a ConsumerOptions::producer there is a third thread, the producer's, which reports acknowledgements.
struct ConsumerCore::State final : worker::Receiver, DeliveryBarrier::Listener {
  State(const Config& config, std::string_view topic, const ChannelOptions& channel, const ConsumerOptions& given,
        std::shared_ptr<DeliveryBarrier> sends)
      : options(given),
        codec(channel.codec),
        max_message_bytes(config.max_message_bytes),
        barrier(std::move(sends)),
        member(config, member_options(config, topic, given), *this),
        wake_on_stop(options.stop, [this] { wake(); }),
        thread([this] { read(); }) {
    if (barrier) barrier->add(*this);
  }

  ~State() override {
    end();
    if (barrier) barrier->remove(*this);
    // The records must be destroyed before the client that owns their memory.
    waiting.clear();
    static_cast<void>(pending_inputs.take_back(0));
    in_hand.reset();
    shown.reset();
  }

  // Waits for the sends of the messages that are done, then leaves the group.
  void end() {
    if (!thread.joinable()) return;
    {
      MutexLock lock{mutex};
      changed.wait_for(lock.native(), options.revoke_timeout,
                       [&]() CONVEYOR_REQUIRES(mutex) { return pending_inputs.empty() || pending_inputs.failure(); });
    }
    stop_reading.request_stop();
    thread.join();
  }

  // Called on the member's thread.
  void read() {
    try {
      member.run(stop_reading.get_token(), milliseconds(0));
    } catch (...) {
      const MutexLock lock{mutex};
      failure = std::current_exception();
    }
    wake();
  }
  void receive(std::span<worker::Incoming> incoming) override {
    bool first = false;
    {
      const MutexLock lock{mutex};
      first = waiting.empty();
      std::ranges::move(incoming, std::back_inserter(waiting));
    }
    if (first) changed.notify_one();
  }
  std::size_t drop(const worker::Partition& partition) override {
    const MutexLock lock{mutex};
    return std::erase_if(waiting, [&](const auto& incoming) { return incoming.partition.get() == &partition; });
  }

  // Called on the producer's thread.
  void on_send_failed(std::uint64_t sequence, const Delivery& delivery) override {
    const MutexLock lock{mutex};
    if (pending_inputs.failed(sequence, delivery.error, std::string(delivery.error_text))) changed.notify_all();
  }
  void on_sends_resolved() override {
    const MutexLock lock{mutex};
    finish_acknowledged();
  }

  void finish_acknowledged() CONVEYOR_REQUIRES(mutex) {
    while (const auto incoming = pending_inputs.next_finished(barrier->resolved_up_to())) {
      member.finish(worker::receipt_for(*incoming));
    }
    if (pending_inputs.empty()) changed.notify_all();
  }

  // Takes back every message whose sends are not all acknowledged; the loop gets them again, in order.
  [[nodiscard]] Error take_back() CONVEYOR_REQUIRES(mutex) {
    const Error error(pending_inputs.failure()->code,
                      fmt::format("a send failed, and {} messages that were done are read again: {}",
                                  pending_inputs.size(), pending_inputs.failure()->text));
    auto again = pending_inputs.take_back(barrier->last());
    for (; !again.empty(); again.pop_back()) {
      if (again.back().partition->leaving()) {
        member.give_up(worker::receipt_for(again.back()));
      } else {
        waiting.push_front(std::move(again.back()));
      }
    }
    return error;
  }

  // Called on the caller's thread.
  void done() {
    if (!in_hand) return;
    if (barrier) {
      const MutexLock lock{mutex};
      pending_inputs.add(std::move(*in_hand), barrier->last());
      finish_acknowledged();
    } else {
      member.finish(worker::receipt_for(*in_hand));
      shown = std::move(in_hand);
    }
    in_hand.reset();
  }
  // @param deadline set by the first wait, because reading the clock is not needed while records are available
  std::error_code take(worker::Incoming& incoming, milliseconds within, std::optional<Clock::time_point>& deadline) {
    MutexLock lock{mutex};
    const auto ready = [&]() CONVEYOR_REQUIRES(mutex) {
      return !waiting.empty() || failure || pending_inputs.failure() || stopped();
    };
    if (within >= milliseconds(std::chrono::hours(24 * 365))) {
      changed.wait(lock.native(), ready);
    } else if (!ready()) {
      if (!deadline) deadline = Clock::now() + within;
      if (!changed.wait_until(lock.native(), *deadline, ready)) return errc::timed_out;
    }
    if (pending_inputs.failure()) throw take_back();
    if (stopped()) return errc::stopped;
    if (failure) std::rethrow_exception(failure);
    incoming = std::move(waiting.front());
    waiting.pop_front();
    return {};
  }
  void check_process() const {
    if (!fork_watch.in_child()) return;
    throw Error(errc::fatal,
                "this consumer was made before fork() and works in the parent process only; make another one in the "
                "child");
  }
  [[nodiscard]] bool stopped() const noexcept { return asked_to_stop || options.stop.stop_requested(); }
  void wake() {
    { const MutexLock lock{mutex}; }
    changed.notify_all();
  }

  const ForkWatch fork_watch;
  const ConsumerOptions options;
  const Codec codec;
  const std::size_t max_message_bytes;
  const std::shared_ptr<DeliveryBarrier> barrier;  // of ConsumerOptions::producer; null: none

  Mutex mutex;
  std::condition_variable changed;
  std::deque<worker::Incoming> waiting CONVEYOR_GUARDED_BY(mutex);
  PendingInputs<worker::Incoming> pending_inputs CONVEYOR_GUARDED_BY(mutex);
  std::exception_ptr failure CONVEYOR_GUARDED_BY(mutex);
  std::atomic<bool> asked_to_stop{false};
  std::optional<worker::Incoming> in_hand;
  std::optional<worker::Incoming> shown;  // done, but the caller may read its headers until it asks for the next record

  std::stop_source stop_reading;
  worker::GroupMember member;
  std::stop_callback<std::function<void()>> wake_on_stop;
  std::thread thread;
};

ConsumerCore::ConsumerCore(const Config& config, std::string_view topic, const ChannelOptions& channel,
                           const ConsumerOptions& options) {
  config.validate();
  auto barrier = options.producer != nullptr ? options.producer->core_->delivery_barrier() : nullptr;
  state_ = std::make_unique<State>(config, topic, channel, options, std::move(barrier));
}
ConsumerCore::~ConsumerCore() {
  if (state_ && state_->fork_watch.in_child())
    static_cast<void>(state_.release());  // its threads do not exist in the child, so it cannot be ended
}
ConsumerCore::ConsumerCore(ConsumerCore&&) noexcept = default;
ConsumerCore& ConsumerCore::operator=(ConsumerCore&& other) noexcept {
  if (this == &other) return *this;
  const ConsumerCore ended(std::move(*this));
  state_ = std::move(other.state_);
  return *this;
}

std::error_code ConsumerCore::next(Record& record, google::protobuf::Message& value, milliseconds within) {
  state_->check_process();
  std::optional<Clock::time_point> deadline;
  while (true) {
    worker::Incoming incoming;
    if (const auto error = state_->take(incoming, within, deadline)) return error;
    worker::decode_record(incoming, state_->codec, state_->max_message_bytes, state_->member, record, value);
    if (record.error == errc::tombstone && !state_->options.tombstones) {
      state_->member.handler_counters().tombstones.fetch_add(1, std::memory_order_relaxed);
      record.headers.read_later(nullptr);
      state_->member.finish(worker::receipt_for(std::move(incoming)));
      continue;
    }
    // once acknowledged, the record may be destroyed at any time
    if (state_->barrier) static_cast<void>(record.headers.all());
    state_->in_hand = std::move(incoming);
    state_->shown.reset();
    return {};
  }
}

void ConsumerCore::done() {
  state_->check_process();
  state_->done();
}

void ConsumerCore::stop() noexcept {
  if (state_->fork_watch.in_child()) return;
  state_->asked_to_stop = true;
  state_->wake();
}

void ConsumerCore::close() {
  state_->check_process();
  stop();
  state_->end();
  {
    const MutexLock lock{state_->mutex};
    if (state_->pending_inputs.failure()) throw state_->take_back();
    if (!state_->pending_inputs.empty()) {
      throw Error(errc::timed_out, fmt::format("{} messages are not committed and may come again: their sends were "
                                               "not acknowledged within ConsumerOptions::revoke_timeout = {} ms",
                                               state_->pending_inputs.size(), state_->options.revoke_timeout.count()));
    }
  }
  if (!state_->member.all_committed()) {
    throw Error(errc::timed_out,
                "the consumer's last commit was not confirmed in time; its last messages may be read again");
  }
}

ConsumerCounters ConsumerCore::counters() const noexcept {
  return state_->fork_watch.in_child() ? ConsumerCounters() : state_->member.counters();
}

}  // namespace conveyor::detail
