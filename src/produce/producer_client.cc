#include "produce/producer_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <limits>
#include <utility>

#include "kafka/errors.h"

namespace conveyor::kafka {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLongest = std::chrono::hours(24 * 365);

ProducerRecovery::Settings with_resend(ProducerRecovery::Settings settings, bool resend) {
  settings.resend = resend;
  return settings;
}

// A kernel's tick is no longer than this.
constexpr std::chrono::milliseconds kTick{10};

// Not before now, so that no timeout ends early, and at most a tick later: the kernel's last tick, which may be some
// milliseconds old, is had at a fifth of what steady_clock::now() costs.
std::chrono::steady_clock::time_point about_now() noexcept {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
  return std::chrono::steady_clock::time_point(std::chrono::seconds(time.tv_sec) +
                                               std::chrono::nanoseconds(time.tv_nsec) + kTick);
}

}  // namespace

ProducerClient::ProducerClient(const Config& config, const ProducerOptions& options,
                               ProducerRecovery::Settings recovery)
    : config_(config),
      options_(options),
      reporter_(std::make_shared<Reporter>(config.observer)),
      session_(std::make_unique<ProducerSession>(config_, options_, reporter_)),
      recovery_(with_resend(recovery, options.resend)),
      server_([this] { serve(); }) {}

ProducerClient::~ProducerClient() { close(); }

ProducerSession::Visit ProducerClient::visit() const {
  const std::lock_guard lock{mutex_};
  return ProducerSession::Visit{*session_};
}

bool ProducerClient::fail_client(rd_kafka_resp_err_t error) {
  const auto visit = this->visit();
  return rd_kafka_test_fatal_error(visit.get(), error, "a test") == RD_KAFKA_RESP_ERR_NO_ERROR;
}

bool ProducerClient::has_room(std::size_t bytes) const noexcept {
  const std::size_t messages = counters_.in_flight + expired_messages_;
  if (messages == 0) return true;  // one send always fits, however large
  return messages < options_.max_queued_messages &&
         counters_.in_flight_bytes + expired_bytes_ + bytes <= options_.max_queued_bytes;
}

Refusal ProducerClient::full() const {
  return {errc::queue_full,
          fmt::format("the producer's queue is full ({} messages, {} bytes wait for acknowledgement); raise "
                      "ProducerOptions::max_queued_messages = {} or max_queued_bytes = {}, wait longer (block_for), or "
                      "look why the brokers are slow",
                      counters_.in_flight, counters_.in_flight_bytes, options_.max_queued_messages,
                      options_.max_queued_bytes)};
}

std::optional<Refusal> ProducerClient::wait_for_room(std::unique_lock<std::mutex>& lock, std::size_t bytes) {
  if (has_room(bytes)) return {};
  // The thread that makes room must not wait for it.
  const bool may_wait = options_.when_full == WhenFull::kBlock && std::this_thread::get_id() != server_.get_id();
  if (!may_wait) return full();
  const bool room =
      changed_.wait_for(lock, options_.block_for, [&] { return has_room(bytes) || no_more_.code != errc::ok; });
  if (!room) return full();
  return {};
}

void ProducerClient::link(PendingSend* send) {
  send->sequence = ++last_sequence_;
  sends_.add(send);
  ++counters_.in_flight;
  counters_.in_flight_bytes += send->key_and_value_bytes();
  send->with_client = !recovering_;
  if (!recovering_) return;
  ++waiting_;
  if (unsent_ == nullptr) unsent_ = send;
}

void ProducerClient::unlink(PendingSend* send) noexcept {
  if (unsent_ == send) unsent_ = send->next;
  sends_.remove(send);
  if (!send->with_client) --waiting_;
  --counters_.in_flight;
  counters_.in_flight_bytes -= send->key_and_value_bytes();
}

std::optional<Refusal> ProducerClient::submit(PendingSend::Ptr send, std::size_t message_bytes) {
  const auto start = about_now();
  const auto deadline = start + options_.block_for;
  send->due = start + std::min(options_.delivery_timeout, kLongest);
  std::unique_lock lock{mutex_};
  while (true) {
    if (auto refusal = wait_for_room(lock, send->key_and_value_bytes())) return refusal;
    if (no_more_.code != errc::ok) return no_more_;
    rd_kafka_topic_t* topic = recovering_ ? nullptr : session_->topic(send->topic());
    if (!recovering_ && topic == nullptr) {
      return Refusal{errc::invalid_topic,
                     fmt::format("{}{} is not a legal topic name", config_.topic_prefix, send->topic())};
    }
    link(send.get());
    ++counters_.accepted;
    counters_.message_bytes += message_bytes;
    counters_.record_bytes += send->record_bytes();
    if (recovering_) {
      static_cast<void>(send.release());  // the registry's, until the new client gets it
      return {};
    }
    ProducerSession& session = *session_;
    session.enter();
    lock.unlock();

    // From here the delivery report may already have deleted it, unless the client refuses.
    PendingSend* raw = send.release();
    const rd_kafka_resp_err_t code = raw->produce(session.get(), topic);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
      session.leave();
      return {};
    }

    lock.lock();
    if (code == RD_KAFKA_RESP_ERR__FATAL) {
      raw->with_client = false;  // the next client gets it; it cannot take over before we leave
      ++waiting_;
      session.leave();
      return {};
    }
    send.reset(raw);
    unlink(raw);
    session.leave();
    --counters_.accepted;
    counters_.message_bytes -= message_bytes;
    counters_.record_bytes -= send->record_bytes();
    changed_.notify_all();
    // Its queue also counts what has been reported but not yet taken by our thread.
    const bool wait = code == RD_KAFKA_RESP_ERR__QUEUE_FULL && options_.when_full == WhenFull::kBlock &&
                      std::this_thread::get_id() != server_.get_id() && Clock::now() < deadline;
    if (!wait) return refused_by_client(code, *send);
    changed_.wait_for(lock, milliseconds(10));
  }
}

Refusal ProducerClient::refused_by_client(rd_kafka_resp_err_t error, const PendingSend& send) const {
  if (error == RD_KAFKA_RESP_ERR__QUEUE_FULL) return full();
  return {errc_of(error, errc::delivery_failed), describe(error, send.topic())};
}

std::string ProducerClient::describe(rd_kafka_resp_err_t error, std::string_view topic) const {
  std::string text = fmt::format("channel {}{} on {}: {}", config_.topic_prefix, topic, config_.bootstrap_servers,
                                 rd_kafka_err2str(error));
  switch (errc_of(error, errc::delivery_failed)) {
    case errc::unknown_topic:
      return text + "; create the topic, or check the channel's name and Config::topic_prefix";
    case errc::unknown_partition:
      return text + "; the topic has fewer partitions";
    case errc::message_too_large:
      return text + fmt::format("; raise the topic's max.message.bytes to Config::max_record_bytes = {} or above",
                                config_.max_record_bytes);
    case errc::timed_out:
      return text + fmt::format("; no acknowledgement within ProducerOptions::delivery_timeout = {} ms{}{}",
                                options_.delivery_timeout.count(),
                                reporter_->last_complaint().empty() ? "" : "; last complaint of the client: ",
                                reporter_->last_complaint());
    default:
      return text;
  }
}

std::string ProducerClient::describe(Fate fate, std::string_view topic) const {
  switch (fate) {
    case Fate::kTimedOut:
      return describe(RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, topic);
    case Fate::kClientFailed:
      return fmt::format("channel {}{} on {}: {}", config_.topic_prefix, topic, config_.bootstrap_servers, failure_);
    case Fate::kStopped:
      return fmt::format(
          "channel {}{} on {}: the producer was closed before the record was sent; it waits "
          "ProducerOptions::close_within = {} ms",
          config_.topic_prefix, topic, config_.bootstrap_servers, options_.close_within.count());
    default:
      return fmt::format("channel {}{} on {}: the broker may have stored the record, but the producer {}",
                         config_.topic_prefix, topic, config_.bootstrap_servers,
                         closing_ || stopping_ ? "was closed before it answered"
                                               : "had to begin anew before it answered (ProducerOptions::resend = " +
                                                     std::string(options_.resend ? "true" : "false") + ")");
  }
}

void ProducerClient::note_refused(bool dropped) noexcept {
  const std::lock_guard lock{mutex_};
  ++counters_.refused;
  if (dropped) ++counters_.dropped;
}

bool ProducerClient::wait_resolved(std::uint64_t sequence, Clock::time_point deadline, bool hurry) {
  const auto resolved = [&] { return sends_.oldest == nullptr || sends_.oldest->sequence > sequence; };
  std::unique_lock lock{mutex_};
  while (!resolved()) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return false;
    const auto slice = std::min(left, milliseconds(100));
    const bool flush = hurry && !recovering_;
    if (flush) {
      const ProducerSession::Visit visit{*session_};
      lock.unlock();
      // Sends without lingering while it waits; our thread takes the reports.
      rd_kafka_flush(visit.get(), static_cast<int>(slice.count()));
      lock.lock();
    }
    changed_.wait_for(lock, flush ? milliseconds(1) : slice, resolved);
  }
  return true;
}

FlushReport ProducerClient::flush(milliseconds within) {
  const auto now = Clock::now();
  std::uint64_t last = 0;
  {
    const std::lock_guard lock{mutex_};
    last = last_sequence_;
  }
  wait_resolved(last, now + std::min(within, kLongest), true);
  const std::lock_guard lock{mutex_};
  FlushReport report{.delivered = counters_.delivered - reported_.delivered,
                     .failed = counters_.failed - reported_.failed,
                     .left = counters_.in_flight};
  reported_ = {.delivered = counters_.delivered, .failed = counters_.failed};
  return report;
}

void ProducerClient::require_topic(const std::string& topic, std::string_view what, milliseconds within,
                                   const std::stop_token& stop) {
  const auto deadline = Clock::now() + std::min(within, kLongest);
  while (true) {
    const rd_kafka_metadata_t* raw = nullptr;
    rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
    {
      const auto visit = this->visit();
      const Topic handle{rd_kafka_topic_new(visit.get(), topic.c_str(), nullptr)};
      error = rd_kafka_metadata(visit.get(), 0, handle.get(), &raw, 500);
    }
    const Metadata metadata{raw};
    const bool answered = error == RD_KAFKA_RESP_ERR_NO_ERROR;
    if (answered && metadata->topic_cnt > 0) {
      error = metadata->topics[0].err;
      if (error == RD_KAFKA_RESP_ERR_NO_ERROR && metadata->topics[0].partition_cnt > 0) {
        const std::lock_guard lock{mutex_};
        partitions_[topic] = metadata->topics[0].partition_cnt;
        return;
      }
    }
    const errc code = errc_of(error, errc::retryable);
    if (stop.stop_requested()) throw Error(errc::stopped, "stopped while waiting for a topic");
    if (code == errc::not_authorized && answered) {
      throw Error(code, fmt::format("topic {} on {}: {}", topic, config_.bootstrap_servers, rd_kafka_err2str(error)));
    }
    if (Clock::now() >= deadline || (!answered && reporter().rejected())) {
      if (!answered) throw unreachable(reporter(), config_.bootstrap_servers, within);
      throw Error(errc::unknown_topic,
                  fmt::format("topic {} does not exist on {}: {}", topic, config_.bootstrap_servers, what));
    }
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, milliseconds(50), [&] { return stop.stop_requested(); });
  }
}

bool ProducerClient::partition_exists(std::string_view topic, std::int32_t partition) const {
  const std::lock_guard lock{mutex_};
  const auto found = partitions_.find(config_.topic_prefix + std::string(topic));
  return found != partitions_.end() && partition < found->second;
}

void ProducerClient::wait_until_connected(milliseconds within) {
  const auto visit = this->visit();
  visit.session().client().wait_until_connected(within, config_.bootstrap_servers);
}

ProducerCounters ProducerClient::counters() const noexcept {
  const std::lock_guard lock{mutex_};
  return counters_;
}

void ProducerClient::close() {
  const auto all = std::numeric_limits<std::uint64_t>::max();
  if (!wait_resolved(all, Clock::now() + options_.close_within, true)) {
    closing_.store(true, std::memory_order_release);
    visit().session().end_poll();
    wait_resolved(all, Clock::now() + milliseconds(2'000), false);
  }
  stopping_.store(true, std::memory_order_release);
  visit().session().end_poll();
  server_.join();

  // What librdkafka never reported. Their callbacks cannot send any more.
  {
    const std::lock_guard lock{mutex_};
    no_more_ = {errc::stopped, "the producer is being closed"};
  }
  recovery_.close(Clock::now());
  give_up_unreported();
  resolve_ended(true);
  old_sessions_.push_back(std::move(session_));
  for (const auto& session : old_sessions_) session->begin_destroy();
  const auto until = Clock::now() + milliseconds(5'000);
  for (const auto& session : old_sessions_) {
    const auto left = std::chrono::duration_cast<milliseconds>(until - Clock::now());
    static_cast<void>(session->wait_until_gone(std::max(left, milliseconds(0))));
  }
}

}  // namespace conveyor::kafka
