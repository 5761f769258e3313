// The server thread of ProducerClient: takes what the client reports, and when the client fails makes another.

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "kafka/errors.h"
#include "produce/producer_client.h"

namespace conveyor::kafka {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kIdle{100};
constexpr milliseconds kBusy{10};
constexpr milliseconds kLookEvery{50};
constexpr std::size_t kSentAtOnce = 256;

// Whether a new client may fare better than one that failed with this error.
bool curable(rd_kafka_resp_err_t error) noexcept {
  switch (error) {
    case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
      return false;
    default:
      return true;
  }
}

// Errors that say that the client gave the record back, not that the record was refused.
bool given_back(rd_kafka_resp_err_t error, rd_kafka_resp_err_t fatal) noexcept {
  switch (error) {
    case RD_KAFKA_RESP_ERR__PURGE_QUEUE:
    case RD_KAFKA_RESP_ERR__PURGE_INFLIGHT:
    case RD_KAFKA_RESP_ERR__FATAL:
    case RD_KAFKA_RESP_ERR__INCONSISTENT:
    case RD_KAFKA_RESP_ERR__STATE:
    case RD_KAFKA_RESP_ERR__DESTROY:
    case RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER:
    case RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID:
    case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH:
      return true;
    default:
      return error == fatal;
  }
}

errc errc_of(Fate fate) noexcept {
  switch (fate) {
    case Fate::kTimedOut:
      return errc::timed_out;
    case Fate::kClientFailed:
      return errc::fatal;
    case Fate::kStopped:
      return errc::stopped;
    default:
      return errc::possibly_delivered;
  }
}

bool ends(Fate fate) noexcept { return fate != Fate::kLeave && fate != Fate::kSendAgain; }

Unresolved unresolved(const PendingSend& send) noexcept {
  return {.with_client = send.with_client, .possibly_stored = send.possibly_stored, .due = send.due};
}

}  // namespace

double ProducerClient::random_part() { return std::uniform_real_distribution<double>()(random_); }

std::size_t ProducerClient::with_client() const {
  const std::lock_guard lock{mutex_};
  return counters_.in_flight - waiting_;
}

void ProducerClient::serve() {
  while (!stopping_.load(std::memory_order_acquire)) {
    if (const KafkaEvent event = session_->poll(pause_)) take(event.get());
    step();
  }
}

void ProducerClient::take(rd_kafka_event_t* event) {
  // Told by the handle itself, a failure is seen before the reports of what it brings with it.
  if (session_->fatal_error() != RD_KAFKA_RESP_ERR_NO_ERROR) on_client_failed();
  switch (rd_kafka_event_type(event)) {
    case RD_KAFKA_EVENT_DR:
      on_delivery_reports(event);
      break;
    case RD_KAFKA_EVENT_ERROR:
      if (rd_kafka_event_error_is_fatal(event) == 0 && rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR__FATAL) {
        session_->client().on_error_event(event);
      }
      break;
    default:
      break;
  }
}

void ProducerClient::step() {
  if (session_->fatal_error() != RD_KAFKA_RESP_ERR_NO_ERROR) on_client_failed();
  const auto now = Clock::now();
  if (closing_.load(std::memory_order_acquire)) recovery_.close(now);
  const std::size_t left = recovery_.takes_back() ? with_client() : 0;
  pause_ = left != 0 || (recovery_.failed() && !recovery_.ended()) ? kBusy : kIdle;
  const auto next = recovery_.next(now, left);
  switch (next) {
    case ProducerRecovery::Step::kNothing:
      break;
    case ProducerRecovery::Step::kAskForUnsent:
    case ProducerRecovery::Step::kAskForAll:
      session_->ask_back(next == ProducerRecovery::Step::kAskForAll);
      resolve_ended(true);
      break;
    case ProducerRecovery::Step::kGiveUp:
      give_up_unreported();
      resolve_ended(true);
      break;
    case ProducerRecovery::Step::kRebuild:
      rebuild();
      break;
    case ProducerRecovery::Step::kSendAgain:
      send_again();
      break;
  }
  resolve_ended(false);
  destroy_old_sessions();
}

bool ProducerClient::judge(const rd_kafka_message_t* report, Resolution& resolution) {
  auto* send = static_cast<PendingSend*>(report->_private);
  resolution.send = send;
  resolution.delivery.topic = send->topic();
  resolution.delivery.partition = report->partition;
  if (report->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    resolution.delivery.offset = report->offset;
    recovery_.delivered();
    return true;
  }
  if (send->expired || !recovery_.takes_back() || !given_back(report->err, session_->fatal_error())) {
    resolution.delivery.error = kafka::errc_of(report->err, errc::delivery_failed);
    resolution.error_text = describe(report->err, send->topic());
    return true;
  }
  const bool may_repeat = rd_kafka_message_status(report) != RD_KAFKA_MSG_STATUS_NOT_PERSISTED;
  const std::lock_guard lock{mutex_};
  send->pin(report->partition);
  send->with_client = false;
  send->may_repeat = may_repeat;
  send->possibly_stored = send->possibly_stored || may_repeat;
  ++waiting_;
  const Fate fate = recovery_.fate_of(unresolved(*send), Clock::now());
  if (!ends(fate)) return false;
  resolution = resolution_of(send, fate);
  return true;
}

void ProducerClient::on_delivery_reports(rd_kafka_event_t* event) {
  std::vector<Resolution> batch;
  batch.reserve(rd_kafka_event_message_count(event));
  while (const rd_kafka_message_t* message = rd_kafka_event_message_next(event)) {
    if (!judge(message, batch.emplace_back())) batch.pop_back();
  }
  resolve(batch);
}

ProducerClient::Resolution ProducerClient::resolution_of(PendingSend* send, Fate fate) const {
  return {.send = send,
          .delivery = {.error = errc_of(fate), .topic = send->topic()},
          .error_text = describe(fate, send->topic())};
}

void ProducerClient::resolve(std::vector<Resolution>& batch) {
  if (batch.empty()) return;
  std::uint64_t failed = 0;
  const Resolution* first_failure = nullptr;
  for (auto& one : batch) {
    if (!one.delivery.error || one.send->expired) continue;
    one.delivery.error_text = one.error_text;
    if (++failed == 1) first_failure = &one;
  }
  if (failed != 0) {
    reporter().log(Severity::kError, "conveyor",
                   fmt::format("{} sends failed; the first: {}", failed, first_failure->error_text));
  }
  // Callbacks come before the counts, so that flush() returns after them.
  for (const auto& one : batch) {
    if (!one.send->expired) settle(*one.send, one.delivery);
  }
  {
    const std::lock_guard lock{mutex_};
    for (const auto& one : batch) one.send->prefetch_neighbours();
    for (const auto& one : batch) {
      PendingSend* send = one.send;
      if (send->expired) {  // its client has reported at last
        expired_.remove(send);
        --expired_messages_;
        expired_bytes_ -= send->key_and_value_bytes();
        continue;
      }
      unlink(send);
      ++(one.delivery.error ? counters_.failed : counters_.delivered);
    }
  }
  changed_.notify_all();
  for (const auto& one : batch) PendingSend::Ptr{one.send}.reset();
}

void ProducerClient::settle(PendingSend& send, const Delivery& delivery) noexcept {
  if (delivery.error) {
    reporter().event({.kind = Event::Kind::kDeliveryFailed,
                      .topic = delivery.topic,
                      .partition = delivery.partition,
                      .error = delivery.error,
                      .text = delivery.error_text});
  }
  try {
    send.resolve(delivery);
  } catch (const std::exception& error) {
    reporter().log(Severity::kError, "conveyor", error.what());
  } catch (...) {
    reporter().log(Severity::kError, "conveyor", "a delivery callback threw");
  }
}

void ProducerClient::on_client_failed() {
  if (recovery_.failed()) return;
  const bool again = curable(session_->fatal_error());
  failure_ = session_->client().report_fatal();
  {
    const std::lock_guard lock{mutex_};
    recovering_ = true;
    if (!again) no_more_ = {errc::fatal, failure_};
  }
  changed_.notify_all();
  session_->wait_for_senders();
  recovery_.client_failed(Clock::now(), again, random_part());
}

void ProducerClient::give_up_unreported() {
  {
    const std::lock_guard lock{mutex_};
    for (PendingSend* send = sends_.oldest; send != nullptr; send = send->next) {
      if (!send->with_client) continue;
      session_->keep(send->share());
      send->with_client = false;
      send->may_repeat = true;
      send->possibly_stored = true;
      ++waiting_;
    }
    for (PendingSend* send = expired_.oldest; send != nullptr;) {
      PendingSend* next = send->next;
      session_->keep(PendingSend::Ptr{send});
      send = next;
    }
    expired_ = {};
    expired_messages_ = 0;
    expired_bytes_ = 0;
  }
  changed_.notify_all();
}

void ProducerClient::rebuild() {
  std::unique_ptr<ProducerSession> session;
  try {
    session = std::make_unique<ProducerSession>(config_, options_, reporter_);
  } catch (const std::exception& error) {
    reporter().log(Severity::kError, "conveyor", fmt::format("the Kafka client cannot be made anew: {}", error.what()));
    recovery_.rebuild_failed(Clock::now(), random_part());
    return;
  }
  give_up_unreported();
  {
    const std::lock_guard lock{mutex_};
    std::swap(session_, session);
    unsent_ = sends_.oldest;
    accepted_before_ = last_sequence_;
  }
  old_sessions_.push_back(std::move(session));
  recovery_.rebuilt();
  resolve_ended(true);
}

void ProducerClient::send_again() {
  struct Unsent {
    PendingSend* send;
    rd_kafka_topic_t* topic;
  };
  std::vector<Unsent> unsent;
  std::vector<Resolution> ended;
  std::unique_lock lock{mutex_};
  // What was accepted since the rebuild goes in one piece, while nothing more is accepted: senders are many, and could
  // stay ahead of this one thread for ever.
  const bool last = unsent_ == nullptr || unsent_->sequence > accepted_before_;
  const auto now = Clock::now();
  for (; unsent_ != nullptr && (last || unsent.size() < kSentAtOnce); unsent_ = unsent_->next) {
    const Fate fate = recovery_.fate_of(unresolved(*unsent_), now);
    if (ends(fate)) ended.push_back(resolution_of(unsent_, fate));
    if (fate != Fate::kSendAgain) continue;
    unsent_->with_client = true;
    --waiting_;
    unsent.push_back({unsent_, session_->topic(unsent_->topic())});
  }
  if (!last) lock.unlock();

  // Reports are taken by this thread: none of these is deleted meanwhile.
  pause_ = milliseconds(0);
  std::uint64_t repeated = 0;
  std::size_t i = 0;
  for (; i < unsent.size(); ++i) {
    PendingSend* send = unsent[i].send;
    const auto code = unsent[i].topic != nullptr ? send->produce(session_->get(), unsent[i].topic)
                                                 : RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION;
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
      ++sent_again_;
      repeated += std::exchange(send->may_repeat, false) ? 1 : 0;
    } else if (code == RD_KAFKA_RESP_ERR__FATAL || code == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
      pause_ = kBusy;
      break;
    } else {
      ended.push_back({.send = send,
                       .delivery = {.error = kafka::errc_of(code, errc::delivery_failed), .topic = send->topic()},
                       .error_text = describe(code, send->topic())});
    }
  }
  maybe_repeated_ += repeated;

  if (!last) lock.lock();
  counters_.possible_duplicates += repeated;
  if (i < unsent.size()) unsent_ = unsent[i].send;
  for (; i < unsent.size(); ++i) {
    unsent[i].send->with_client = false;
    ++waiting_;
  }
  const bool done = last && unsent_ == nullptr;
  if (done) {
    recovering_ = false;
    sent_again_to_ = last_sequence_;
    ++counters_.recoveries;
  }
  lock.unlock();
  resolve(ended);
  if (done) on_recovered();
}

void ProducerClient::on_recovered() {
  recovery_.all_sent();
  const std::string text = fmt::format(
      "the Kafka client was made anew; {} sends were sent again, {} of which a broker may have stored already ({})",
      std::exchange(sent_again_, 0), std::exchange(maybe_repeated_, 0), failure_);
  reporter().report({.kind = Event::Kind::kRecovered, .text = text}, Severity::kWarning);
}

// Those that no report will resolve, or not in time.
void ProducerClient::resolve_ended(bool at_once) {
  const auto now = Clock::now();
  if (!at_once && now < next_look_) return;
  next_look_ = now + kLookEvery;
  std::vector<Resolution> ended;
  std::vector<Resolution> expired;
  {
    const std::lock_guard lock{mutex_};
    for (PendingSend* send = sends_.oldest; send != nullptr; send = send->next) {
      // Else the client has all, and knows their time.
      if (waiting_ == 0 && send->sequence > sent_again_to_) break;
      const Fate fate = recovery_.fate_of(unresolved(*send), now);
      if (!ends(fate)) continue;
      if (send->with_client && send->sequence > sent_again_to_) continue;
      (send->with_client ? expired : ended).push_back(resolution_of(send, fate));
    }
  }
  resolve(ended);
  if (expired.empty()) return;
  for (const auto& one : expired) {
    Delivery delivery = one.delivery;
    delivery.error_text = one.error_text;
    settle(*one.send, delivery);
  }
  {
    const std::lock_guard lock{mutex_};
    for (const auto& one : expired) {
      unlink(one.send);
      ++counters_.failed;
      one.send->expired = true;
      expired_.add(one.send);
      ++expired_messages_;
      expired_bytes_ += one.send->key_and_value_bytes();
    }
  }
  changed_.notify_all();
}

void ProducerClient::destroy_old_sessions() {
  for (const auto& session : old_sessions_) {
    if (!session->visited()) session->begin_destroy();
  }
  std::erase_if(old_sessions_, [](const auto& session) { return session->is_gone(); });
}

}  // namespace conveyor::kafka
