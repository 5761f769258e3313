#include "chaos/kafka_view.h"

#include <librdkafka/rdkafka.h>

#include <stdexcept>
#include <utility>

#include "conveyor/v1/prediction.pb.h"
#include "kafka/log_offsets.h"
#include "support/waiting.h"

namespace conveyor::tests {

namespace {

using std::chrono::milliseconds;

struct DestroyPartitions {
  void operator()(rd_kafka_topic_partition_list_t* list) const noexcept { rd_kafka_topic_partition_list_destroy(list); }
};
using Partitions = std::unique_ptr<rd_kafka_topic_partition_list_t, DestroyPartitions>;
struct DestroyMessage {
  void operator()(rd_kafka_message_t* message) const noexcept { rd_kafka_message_destroy(message); }
};
using KafkaMessage = std::unique_ptr<rd_kafka_message_t, DestroyMessage>;

PlainConsumer make_consumer(const std::string& bootstrap, const std::string& group) {
  const std::pair<const char*, const char*> settings[] = {{"bootstrap.servers", bootstrap.c_str()},
                                                          {"group.id", group.c_str()},
                                                          {"isolation.level", "read_committed"},
                                                          {"enable.auto.commit", "false"},
                                                          {"auto.offset.reset", "earliest"},
                                                          {"enable.partition.eof", "true"},
                                                          {"fetch.wait.max.ms", "100"},
                                                          {"topic.metadata.refresh.interval.ms", "5000"},
                                                          {"reconnect.backoff.ms", "20"},
                                                          {"reconnect.backoff.max.ms", "500"},
                                                          {"log_level", "0"}};
  char error[512];
  rd_kafka_conf_t* const conf = rd_kafka_conf_new();
  for (const auto& [name, value] : settings) {
    if (rd_kafka_conf_set(conf, name, value, error, sizeof error) != RD_KAFKA_CONF_OK) {
      rd_kafka_conf_destroy(conf);
      throw std::runtime_error(error);
    }
  }
  PlainConsumer client(rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, sizeof error));
  if (client == nullptr) {
    rd_kafka_conf_destroy(conf);
    throw std::runtime_error(error);
  }
  return client;
}

Partitions all_of(const std::string& topic, int partitions, std::int64_t offset) {
  Partitions list(rd_kafka_topic_partition_list_new(partitions));
  for (int i = 0; i < partitions; ++i) {
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), i)->offset = offset;
  }
  return list;
}

void check(rd_kafka_resp_err_t error, const std::string& doing) {
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error(doing + ": " + rd_kafka_err2str(error));
}

Output output_in(const rd_kafka_message_t& message) {
  v1::Prediction prediction;
  if (!prediction.ParseFromArray(message.payload, static_cast<int>(message.len))) {
    throw std::runtime_error("an answer is not a Prediction");
  }
  return {.id = prediction.frame(),
          .process = prediction.model().name(),
          .partition = prediction.input().partition(),
          .offset = prediction.input().offset(),
          .written_to = message.partition};
}

std::int64_t end_of(rd_kafka_t* client, const std::string& topic, int partition, milliseconds within) {
  kafka::LogRangeAnswer answer;
  const auto ask = [&] {
    answer = kafka::ask_log_range(client, {topic, partition}, milliseconds(5'000));
    return answer.error == RD_KAFKA_RESP_ERR_NO_ERROR;
  };
  // Leaders move while brokers come and go.
  if (!eventually(ask, within)) check(answer.error, "asking for the end of " + topic);
  return answer.range.end;
}

}  // namespace

void DestroyPlainConsumer::operator()(rd_kafka_s* client) const noexcept {
  rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);  // a member of no group
}

OutputLog::OutputLog(const std::string& bootstrap, const std::string& topic, int partitions)
    : topic_(topic),
      client_(make_consumer(bootstrap, "output-log")),
      reached_(static_cast<std::size_t>(partitions), 0),
      thread_() {
  check(rd_kafka_assign(client_.get(), all_of(topic, partitions, RD_KAFKA_OFFSET_BEGINNING).get()), "reading " + topic);
  thread_ = std::jthread([this](const std::stop_token& stop) { read(stop); });
}

OutputLog::~OutputLog() = default;

void OutputLog::read(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const KafkaMessage message(rd_kafka_consumer_poll(client_.get(), 50));
    if (message == nullptr) continue;
    const bool record = message->err == RD_KAFKA_RESP_ERR_NO_ERROR;
    if (!record && message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF) continue;
    const std::lock_guard lock(mutex_);
    std::int64_t& reached = reached_.at(static_cast<std::size_t>(message->partition));
    if (message->offset < reached) continue;  // a broker that was frozen denied the offset
    if (record) {
      tally_.add(output_in(*message));
      different_ = tally_.different();
    }
    reached = message->offset + (record ? 1 : 0);
  }
}

bool OutputLog::wait_for(int different, milliseconds within) const {
  return eventually([&] { return different_ >= different; }, within);
}

const Tally& OutputLog::finish(milliseconds within) {
  std::vector<std::int64_t> wanted;
  for (int i = 0; i < static_cast<int>(reached_.size()); ++i) {
    wanted.push_back(end_of(client_.get(), topic_, i, within));
  }
  const bool there = eventually(
      [&] {
        const std::lock_guard lock(mutex_);
        return std::equal(reached_.begin(), reached_.end(), wanted.begin(), std::greater_equal<>());
      },
      within);
  thread_ = {};
  if (!there) throw std::runtime_error("the end of " + topic_ + " was not reached in time");
  return tally_;
}

CommittedOffsets::CommittedOffsets(const std::string& bootstrap, const std::string& group, std::string topic,
                                   int partitions)
    : topic_(std::move(topic)), partitions_(partitions), client_(make_consumer(bootstrap, group)) {}

std::vector<std::int64_t> CommittedOffsets::read() {
  const Partitions list = all_of(topic_, partitions_, RD_KAFKA_OFFSET_INVALID);
  check(rd_kafka_committed(client_.get(), list.get(), 20'000), "reading committed offsets");
  std::vector<std::int64_t> offsets;
  for (int i = 0; i < list->cnt; ++i) offsets.push_back(list->elems[i].offset < 0 ? -1 : list->elems[i].offset);
  return offsets;
}

std::int64_t records_in(const std::string& bootstrap, const std::string& topic, int partitions) {
  const PlainConsumer client = make_consumer(bootstrap, "records-in");
  std::int64_t records = 0;
  for (int i = 0; i < partitions; ++i) records += end_of(client.get(), topic, i, milliseconds(20'000));
  return records;
}

}  // namespace conveyor::tests
