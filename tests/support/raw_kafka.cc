#include "support/raw_kafka.h"

#include <librdkafka/rdkafka.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <stdexcept>

#include "support/broker.h"

namespace conveyor::tests {

namespace {

using Clock = std::chrono::steady_clock;

struct DestroyTopic {
  void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
};
using Topic = std::unique_ptr<rd_kafka_topic_t, DestroyTopic>;
struct DestroyPartitions {
  void operator()(rd_kafka_topic_partition_list_t* list) const { rd_kafka_topic_partition_list_destroy(list); }
};
using Partitions = std::unique_ptr<rd_kafka_topic_partition_list_t, DestroyPartitions>;
struct DestroyMessage {
  void operator()(rd_kafka_message_t* message) const { rd_kafka_message_destroy(message); }
};
using Message = std::unique_ptr<rd_kafka_message_t, DestroyMessage>;

PlainClient make_client(rd_kafka_type_t type, std::map<std::string, std::string> properties) {
  properties.emplace("bootstrap.servers", bootstrap_servers());
  char error[512];
  rd_kafka_conf_t* const conf = rd_kafka_conf_new();
  for (const auto& [name, value] : properties) {
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), error, sizeof error) != RD_KAFKA_CONF_OK) {
      rd_kafka_conf_destroy(conf);
      throw std::runtime_error(error);
    }
  }
  PlainClient client(rd_kafka_new(type, conf, error, sizeof error));
  if (client == nullptr) {
    rd_kafka_conf_destroy(conf);
    throw std::runtime_error(error);
  }
  return client;
}

void check(rd_kafka_resp_err_t error, const char* doing) {
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    throw std::runtime_error(std::string(doing) + ": " + rd_kafka_err2str(error));
  }
}

void produce(rd_kafka_t* client, const std::string& topic, const RawRecord& record) {
  rd_kafka_headers_t* headers = rd_kafka_headers_new(record.headers.size());
  for (const Header& one : record.headers) {
    rd_kafka_header_add(headers, one.name.data(), static_cast<ssize_t>(one.name.size()),
                        one.is_null ? nullptr : one.value.data(), static_cast<ssize_t>(one.value.size()));
  }
  // A null pointer is a record without a value or key; an empty one needs an address.
  const auto address = [](const std::optional<std::string>& bytes) {
    return bytes ? const_cast<char*>(bytes->data()) : nullptr;
  };
  const auto size = [](const std::optional<std::string>& bytes) { return bytes ? bytes->size() : 0; };
  const std::int64_t timestamp =
      std::chrono::duration_cast<std::chrono::milliseconds>(record.timestamp.time_since_epoch()).count();
  const rd_kafka_resp_err_t error = rd_kafka_producev(
      client, RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(record.partition),
      RD_KAFKA_V_VALUE(address(record.value), size(record.value)),
      RD_KAFKA_V_KEY(address(record.key), size(record.key)), RD_KAFKA_V_HEADERS(headers),
      RD_KAFKA_V_TIMESTAMP(timestamp), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_BLOCK), RD_KAFKA_V_END);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) rd_kafka_headers_destroy(headers);
  check(error, "writing a raw record");
}

RawRecord copy(const rd_kafka_message_t& message) {
  RawRecord record{.partition = message.partition, .offset = message.offset};
  if (message.payload != nullptr) record.value.emplace(static_cast<const char*>(message.payload), message.len);
  if (message.key != nullptr) record.key.emplace(static_cast<const char*>(message.key), message.key_len);
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
         ++i) {
      record.headers.push_back({name, {static_cast<const char*>(value), size}, value == nullptr});
    }
  }
  return record;
}

}  // namespace

// No client here is a member of a group.
void DestroyPlainClient::operator()(rd_kafka_s* client) const noexcept {
  rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

void write_raw(std::string_view topic, const std::vector<RawRecord>& records) {
  const PlainClient client = make_client(RD_KAFKA_PRODUCER, {{"message.max.bytes", "20000000"}});
  for (const RawRecord& record : records) produce(client.get(), std::string(topic), record);
  check(rd_kafka_flush(client.get(), 20'000), "writing raw records");
}

namespace {

void check(rd_kafka_error_t* error) {
  if (error == nullptr) return;
  const std::string text = rd_kafka_error_string(error);
  rd_kafka_error_destroy(error);
  throw std::runtime_error(text);
}

constexpr int kTransactionWithin = 20'000;

}  // namespace

RawTransactions::RawTransactions()
    : client_(make_client(RD_KAFKA_PRODUCER, {{"transactional.id", unique_name("transactions")}})) {
  check(rd_kafka_init_transactions(client_.get(), kTransactionWithin));
}
void RawTransactions::begin() { check(rd_kafka_begin_transaction(client_.get())); }
void RawTransactions::commit() { check(rd_kafka_commit_transaction(client_.get(), kTransactionWithin)); }
void RawTransactions::abort() { check(rd_kafka_abort_transaction(client_.get(), kTransactionWithin)); }
void RawTransactions::write(const std::string& topic, const RawRecord& record) {
  produce(client_.get(), topic, record);
  check(rd_kafka_flush(client_.get(), kTransactionWithin), "writing in a transaction");
}

std::vector<RawRecord> read_raw(std::string_view topic, int partitions, std::size_t count,
                                std::chrono::milliseconds within) {
  const PlainClient client = make_client(RD_KAFKA_CONSUMER, {{"group.id", "raw"}, {"fetch.wait.max.ms", "20"}});
  const Partitions list(rd_kafka_topic_partition_list_new(partitions));
  for (int i = 0; i < partitions; ++i) {
    rd_kafka_topic_partition_list_add(list.get(), std::string(topic).c_str(), i)->offset = RD_KAFKA_OFFSET_BEGINNING;
  }
  // Without it the client waits half a second before it asks the partition's leader, of which it has not heard, again.
  const rd_kafka_metadata_t* metadata = nullptr;
  const Topic handle(rd_kafka_topic_new(client.get(), std::string(topic).c_str(), nullptr));
  check(rd_kafka_metadata(client.get(), 0, handle.get(), &metadata, 10'000), "finding the topic");
  rd_kafka_metadata_destroy(metadata);
  check(rd_kafka_assign(client.get(), list.get()), "reading raw records");
  std::vector<RawRecord> records;
  const auto deadline = Clock::now() + within;
  while (records.size() < count && Clock::now() < deadline) {
    const Message message(rd_kafka_consumer_poll(client.get(), 100));
    if (message != nullptr && message->err == RD_KAFKA_RESP_ERR_NO_ERROR) records.push_back(copy(*message));
  }
  return records;
}

CommittedOffset::CommittedOffset(const std::string& group, std::string_view topic, int partition)
    : topic_(topic), partition_(partition), client_(make_client(RD_KAFKA_CONSUMER, {{"group.id", group}})) {}

std::int64_t CommittedOffset::read() const {
  const Partitions list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), topic_.c_str(), partition_);
  const auto deadline = Clock::now() + std::chrono::seconds(10);
  rd_kafka_resp_err_t error;
  do {  // a broker that was starved of time is no coordinator for a moment
    error = rd_kafka_committed(client_.get(), list.get(), 10'000);
  } while ((error == RD_KAFKA_RESP_ERR_NOT_COORDINATOR || error == RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS) &&
           Clock::now() < deadline);
  if (error == RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND)
    return -1;  // so some brokers answer for a group that has never been
  check(error, "reading a committed offset");
  return list->elems[0].offset < 0 ? -1 : list->elems[0].offset;
}

std::int64_t committed_offset(const std::string& group, std::string_view topic, int partition) {
  return CommittedOffset(group, topic, partition).read();
}

void commit_offset(const std::string& group, std::string_view topic, int partition, std::int64_t next,
                   const std::string& metadata) {
  const PlainClient client = make_client(RD_KAFKA_CONSUMER, {{"group.id", group}});
  const Partitions list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_t* element =
      rd_kafka_topic_partition_list_add(list.get(), std::string(topic).c_str(), partition);
  element->offset = next;
  if (!metadata.empty()) {  // the list frees it with free()
    element->metadata = strdup(metadata.c_str());
    element->metadata_size = metadata.size();
  }
  check(rd_kafka_commit(client.get(), list.get(), 0), "committing an offset");
}

void add_partitions(const std::string& topic, int partitions) {
  const PlainClient client = make_client(RD_KAFKA_PRODUCER, {});
  char error[512];
  rd_kafka_NewPartitions_t* added =
      rd_kafka_NewPartitions_new(topic.c_str(), static_cast<std::size_t>(partitions), error, sizeof error);
  if (added == nullptr) throw std::runtime_error(error);
  rd_kafka_queue_t* answers = rd_kafka_queue_new(client.get());
  rd_kafka_CreatePartitions(client.get(), &added, 1, nullptr, answers);
  rd_kafka_event_t* answer = rd_kafka_queue_poll(answers, 20'000);
  rd_kafka_resp_err_t result = answer != nullptr ? rd_kafka_event_error(answer) : RD_KAFKA_RESP_ERR__TIMED_OUT;
  std::size_t topics = 0;
  if (result == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const auto* each = rd_kafka_CreatePartitions_result_topics(rd_kafka_event_CreatePartitions_result(answer), &topics);
    if (topics == 1) result = rd_kafka_topic_result_error(each[0]);
  }
  if (answer != nullptr) rd_kafka_event_destroy(answer);
  rd_kafka_queue_destroy(answers);
  rd_kafka_NewPartitions_destroy(added);
  check(result, "adding partitions");
}

std::optional<std::string> header(std::span<const Header> headers, std::string_view name) {
  std::optional<std::string> found;
  for (const Header& one : headers) {
    if (one.name == name) found = one.value;
  }
  return found;
}

std::string zlib_compress(std::string_view bytes, int level) {
  std::string stream(compressBound(bytes.size()), '\0');
  uLongf size = stream.size();
  if (compress2(reinterpret_cast<Bytef*>(stream.data()), &size, reinterpret_cast<const Bytef*>(bytes.data()),
                bytes.size(), level) != Z_OK) {
    throw std::runtime_error("zlib cannot compress");
  }
  stream.resize(size);
  return stream;
}

// Most values are small: to clear the most they may have for each record took minutes under a sanitizer.
std::string zlib_uncompress(std::string_view stream, std::size_t most) {
  std::string bytes;
  int result = Z_BUF_ERROR;
  for (std::size_t room = 4 * stream.size() + 1'024; result == Z_BUF_ERROR && bytes.size() < most; room *= 4) {
    bytes.resize(std::min(room, most));
    uLongf size = bytes.size();
    result = uncompress(reinterpret_cast<Bytef*>(bytes.data()), &size, reinterpret_cast<const Bytef*>(stream.data()),
                        stream.size());
    if (result == Z_OK) bytes.resize(size);
  }
  if (result != Z_OK) throw std::runtime_error("not a zlib stream");
  return bytes;
}

}  // namespace conveyor::tests
