#include "kafka/transaction_client.h"

#include <fmt/format.h>

#include <algorithm>

#include "kafka/errors.h"
#include "kafka/partition_list.h"

namespace conveyor::kafka {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kLargestOfBrokers = 1'048'588;  // default of the brokers' message.max.bytes
constexpr std::size_t kRecordOverhead = std::size_t{64} << 10;

Properties defaults() { return {{"partitioner", "murmur2_random"}, {"socket.nagle.disable", "true"}}; }

Properties required(const Config& config, const TransactionOptions& options) {
  const std::size_t record = std::clamp<std::size_t>(
      std::max(config.max_record_bytes, kLargestOfBrokers) + kRecordOverhead, 1'000, 1'000'000'000);
  return {
      {"transactional.id", options.id},
      {"transaction.timeout.ms", std::to_string(options.timeout.count())},
      {"message.timeout.ms", std::to_string(options.timeout.count())},
      {"enable.idempotence", "true"},
      // Transactions are committed as soon as they are complete, so waiting for more records is useless.
      {"linger.ms", "0"},
      // The worker bounds the number of sends in flight; librdkafka's own bounds must only be larger.
      {"queue.buffering.max.messages", "10000000"},
      {"queue.buffering.max.kbytes", "2097151"},
      {"message.max.bytes", std::to_string(record)},
  };
}

bool fenced(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR__FENCED || code == RD_KAFKA_RESP_ERR_PRODUCER_FENCED ||
         code == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH;
}

int timeout_of(milliseconds within) { return static_cast<int>(within.count()); }

}  // namespace

TransactionClient::TransactionClient(const Config& config, const TransactionOptions& options,
                                     std::shared_ptr<Reporter> reporter)
    : topic_prefix_(config.topic_prefix),
      client_(RD_KAFKA_PRODUCER, config, defaults(), required(config, options),
              RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR, std::move(reporter)),
      events_(rd_kafka_queue_get_main(client_.get())),
      server_([this](const std::stop_token& stop) { serve(stop); }) {}

void TransactionClient::check(const Config& config, const TransactionOptions& options) {
  check_client(RD_KAFKA_PRODUCER, config, defaults(), required(config, options));
}

TransactionClient::~TransactionClient() {
  destroy();
  client_.wait_until_gone(milliseconds(5'000));
}

void TransactionClient::destroy() {
  if (!server_.joinable()) return;
  server_.request_stop();
  rd_kafka_queue_yield(events_.get());
  server_.join();
  topics_.clear();
  events_.reset();
  client_.begin_destroy({}, std::move(kept_));
}

// Take the delivery reports all the time: otherwise no flush, and so no commit, would ever end.
void TransactionClient::serve(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const KafkaEvent event{rd_kafka_queue_poll(events_.get(), 100)};
    if (!event) continue;
    if (rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_ERROR) client_.on_error_event(event.get());
    if (rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_DR) continue;
    while (const rd_kafka_message_t* message = rd_kafka_event_message_next(event.get())) {
      // These were purged by an abort, or timed out, and may be sent again. Any other failed send is why the
      // transaction cannot be committed.
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR || message->err == RD_KAFKA_RESP_ERR__PURGE_QUEUE ||
          message->err == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT || message->err == RD_KAFKA_RESP_ERR__MSG_TIMED_OUT) {
        continue;
      }
      const MutexLock lock{mutex_};
      failed_.push_back({.send = static_cast<const ProducerRecord*>(message->_private),
                         .code = errc_of(message->err, errc::delivery_failed),
                         .text = rd_kafka_err2str(message->err)});
    }
  }
}

TransactionClient::Outcome TransactionClient::outcome_of(rd_kafka_error_t* raw, std::string_view doing) {
  const KafkaError error{raw};
  if (!error) return {};
  const auto code = rd_kafka_error_code(error.get());
  Outcome outcome{.text = fmt::format("{}: {}", doing, rd_kafka_error_string(error.get())), .error = code};
  if (fenced(code)) {
    outcome.result = Result::kFenced;
  } else if (rd_kafka_error_is_fatal(error.get()) != 0) {
    const auto cause = rd_kafka_fatal_error(client_.get(), nullptr, 0);
    outcome.result = fenced(cause) ? Result::kFenced : Result::kFatal;
    if (cause != RD_KAFKA_RESP_ERR_NO_ERROR) outcome.error = cause;
  } else if (rd_kafka_error_txn_requires_abort(error.get()) != 0) {
    outcome.result = Result::kAbort;
  } else if (rd_kafka_error_is_retriable(error.get()) != 0) {
    outcome.result = Result::kAgain;
  } else {
    outcome.result = Result::kFatal;  // the client's state and ours differ
  }
  return outcome;
}

TransactionClient::Outcome TransactionClient::ended(Outcome outcome) {
  if (outcome.result == Result::kOk) kept_->clear();
  return outcome;
}

rd_kafka_topic_t* TransactionClient::topic_handle(std::string_view topic) {
  const auto found = topics_.find(topic);
  if (found != topics_.end()) return found->second.get();
  Topic& handle = topics_[std::string(topic)];
  handle.reset(rd_kafka_topic_new(client_.get(), (topic_prefix_ + std::string(topic)).c_str(), nullptr));
  return handle.get();
}

TransactionClient::Outcome TransactionClient::init(milliseconds within) {
  return outcome_of(rd_kafka_init_transactions(client_.get(), timeout_of(within)),
                    "initialising transactions (InitProducerId)");
}

TransactionClient::Outcome TransactionClient::begin() {
  return outcome_of(rd_kafka_begin_transaction(client_.get()), "beginning a transaction");
}

TransactionClient::Outcome TransactionClient::produce(ProducerRecord& send) {
  rd_kafka_topic_t* topic = topic_handle(send.topic());
  const auto code = topic != nullptr ? send.produce(client_.get(), topic) : RD_KAFKA_RESP_ERR__INVALID_ARG;
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  const std::string text = fmt::format("channel {}{}: {}", topic_prefix_, send.topic(), rd_kafka_err2str(code));
  if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) return {Result::kAgain, text, code};
  if (code == RD_KAFKA_RESP_ERR__FATAL) {
    return {fenced(rd_kafka_fatal_error(client_.get(), nullptr, 0)) ? Result::kFenced : Result::kFatal, text, code};
  }
  // RD_KAFKA_RESP_ERR__STATE: the transaction has already failed, for another reason than this send.
  if (code != RD_KAFKA_RESP_ERR__STATE) {
    const MutexLock lock{mutex_};
    failed_.push_back({.send = &send, .code = errc_of(code, errc::delivery_failed), .text = text});
  }
  return {Result::kAbort, text, code};
}

TransactionClient::Outcome TransactionClient::send_offsets(std::span<const OffsetToCommit> offsets,
                                                           const rd_kafka_consumer_group_metadata_t* group,
                                                           milliseconds within) {
  const PartitionList list = list_of(offsets);
  return outcome_of(rd_kafka_send_offsets_to_transaction(client_.get(), list.get(), group, timeout_of(within)),
                    "adding offsets to a transaction");
}

TransactionClient::Outcome TransactionClient::commit(milliseconds within) {
  return ended(outcome_of(rd_kafka_commit_transaction(client_.get(), timeout_of(within)), "committing a transaction"));
}

TransactionClient::Outcome TransactionClient::abort(milliseconds within) {
  return ended(outcome_of(rd_kafka_abort_transaction(client_.get(), timeout_of(within)), "aborting a transaction"));
}

std::vector<TransactionClient::Failed> TransactionClient::take_failed() {
  const MutexLock lock{mutex_};
  return std::exchange(failed_, {});
}

}  // namespace conveyor::kafka
