#include "kafka/partitions_reader.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "conveyor/error.h"
#include "kafka/errors.h"

namespace conveyor::kafka {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kBatch = 1'000;
constexpr milliseconds kGoneWithin{5'000};

Properties defaults(FetchAhead ahead) {
  if (ahead == FetchAhead::kLittle) {
    return {{"fetch.wait.max.ms", "100"}, {"queued.min.messages", "1"}, {"fetch.message.max.bytes", "65536"}};
  }
  // Bounded in bytes only, and generously: each time a limit is reached, librdkafka stops fetching for up to a second.
  return {{"fetch.wait.max.ms", "100"},
          {"socket.nagle.disable", "true"},
          {"queued.min.messages", "10000000"},
          {"queued.max.messages.kbytes", "131072"}};
}

Properties required() {
  return {{"allow.auto.create.topics", "false"},
          // Records that were deleted meanwhile must not look like the end of the log.
          {"auto.offset.reset", "earliest"},
          {"enable.partition.eof", "true"},
          {"enable.auto.commit", "false"},
          {"enable.auto.offset.store", "false"}};
}

}  // namespace

PartitionsReader::PartitionsReader(const Config& config, FetchAhead ahead)
    : client_(RD_KAFKA_CONSUMER, config, defaults(ahead), required(), RD_KAFKA_EVENT_ERROR),
      events_(rd_kafka_queue_get_main(client_.get())),
      records_(rd_kafka_queue_new(client_.get())),
      batch_(kBatch) {}

PartitionsReader::~PartitionsReader() {
  struct Rest {
    std::map<std::string, Topic, std::less<>> topics;
    std::set<std::pair<std::string_view, std::int32_t>> started;
    Queue records;
  };
  events_.reset();
  const auto rest = std::make_shared<Rest>(Rest{std::move(topics_), std::move(started_), std::move(records_)});
  client_.begin_destroy([rest](rd_kafka_t*) {
    for (const auto& [topic, partition] : rest->started) {
      rd_kafka_consume_stop(rest->topics.find(topic)->second.get(), partition);
    }
    rest->records.reset();
    rest->topics.clear();
  });
  client_.wait_until_gone(kGoneWithin);
}

rd_kafka_topic_t* PartitionsReader::handle_of(std::string_view topic) {
  const auto known = topics_.find(topic);
  if (known != topics_.end()) return known->second.get();
  const std::string name(topic);
  return topics_.emplace(name, rd_kafka_topic_new(client_.get(), name.c_str(), nullptr)).first->second.get();
}

void PartitionsReader::start(const TopicPartition& where, std::int64_t offset) {
  if (rd_kafka_consume_start_queue(handle_of(where.topic), where.partition, offset, records_.get()) != 0) {
    const auto error = rd_kafka_last_error();
    throw Error(errc_of(error, errc::retryable),
                fmt::format("reading {} [{}]: {}", where.topic, where.partition, rd_kafka_err2str(error)));
  }
  started_.emplace(where.topic, where.partition);
}

void PartitionsReader::stop(const TopicPartition& where) {
  if (started_.erase({where.topic, where.partition}) == 0) return;
  rd_kafka_consume_stop(handle_of(where.topic), where.partition);
}

std::vector<ConsumedRecord> PartitionsReader::read(milliseconds within) {
  while (const KafkaEvent event{rd_kafka_queue_poll(events_.get(), 0)}) {
    if (rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_ERROR) continue;
    if (client_.on_error_event(event.get()) == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    throw Error(errc::fatal, reporter().last_error_text());
  }
  std::vector<ConsumedRecord> records;
  KafkaMessage first{rd_kafka_consume_queue(records_.get(), static_cast<int>(within.count()))};
  if (!first) return records;
  // A batch waits until it is full or the time has passed: after the first record, take only what is there.
  const auto more = rd_kafka_consume_batch_queue(records_.get(), 0, batch_.data(), batch_.size());
  records.reserve(1 + static_cast<std::size_t>(more > 0 ? more : 0));
  records.emplace_back(std::move(first));
  for (std::ptrdiff_t i = 0; i < more; ++i) records.emplace_back(KafkaMessage{batch_[static_cast<std::size_t>(i)]});
  return records;
}

}  // namespace conveyor::kafka
