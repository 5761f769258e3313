#include "quality/hot_path/by_hand.h"

#include <array>
#include <cstddef>
#include <stdexcept>
#include <string_view>

namespace conveyor::tests {
namespace {

constexpr int kPatienceMs = 30'000;

RawClient make_client(rd_kafka_type_t type, const std::string& bootstrap_servers) {
  kafka::Conf conf{rd_kafka_conf_new()};
  rd_kafka_conf_set(conf.get(), "bootstrap.servers", bootstrap_servers.c_str(), nullptr, 0);
  if (type == RD_KAFKA_CONSUMER) rd_kafka_conf_set(conf.get(), "group.id", "by-hand", nullptr, 0);
  std::array<char, 256> error{};
  RawClient client{rd_kafka_new(type, conf.get(), error.data(), error.size())};
  if (!client) throw std::runtime_error(error.data());
  static_cast<void>(conf.release());  // the client's now
  return client;
}

void add(rd_kafka_headers_t* headers, std::string_view name, std::string_view value) {
  rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                      static_cast<ssize_t>(value.size()));
}

}  // namespace

SenderByHand::SenderByHand(const std::string& bootstrap_servers, const std::string& topic, bool headers)
    : headers_(headers),
      client_(make_client(RD_KAFKA_PRODUCER, bootstrap_servers)),
      topic_(rd_kafka_topic_new(client_.get(), topic.c_str(), nullptr)) {}

bool SenderByHand::send() {
  std::array<rd_kafka_vu_t, 4> arguments{};
  std::size_t count = 0;
  arguments[count].vtype = RD_KAFKA_VTYPE_RKT;
  arguments[count++].u.rkt = topic_.get();
  arguments[count].vtype = RD_KAFKA_VTYPE_PARTITION;
  arguments[count++].u.i32 = RD_KAFKA_PARTITION_UA;
  arguments[count].vtype = RD_KAFKA_VTYPE_VALUE;
  arguments[count++].u.mem = {const_cast<char*>(value_.data()), value_.size()};  // librdkafka only reads it
  kafka::Headers headers;
  if (headers_) {
    headers.reset(rd_kafka_headers_new(2));
    add(headers.get(), "content-encoding", "deflate");
    add(headers.get(), "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    arguments[count].vtype = RD_KAFKA_VTYPE_HEADERS;
    arguments[count++].u.headers = headers.get();
  }
  const kafka::KafkaError error{rd_kafka_produceva(client_.get(), arguments.data(), count)};
  if (error) return false;
  static_cast<void>(headers.release());  // the record's now
  return true;
}

ReceiverByHand::ReceiverByHand(const std::string& bootstrap_servers, const std::string& topic)
    : client_(make_client(RD_KAFKA_CONSUMER, bootstrap_servers)) {
  rd_kafka_poll_set_consumer(client_.get());
  const kafka::PartitionList partitions{rd_kafka_topic_partition_list_new(1)};
  rd_kafka_topic_partition_list_add(partitions.get(), topic.c_str(), 0)->offset = RD_KAFKA_OFFSET_BEGINNING;
  rd_kafka_assign(client_.get(), partitions.get());
}

bool ReceiverByHand::receive() {
  const kafka::KafkaMessage message{rd_kafka_consumer_poll(client_.get(), kPatienceMs)};
  if (!message || message->err != RD_KAFKA_RESP_ERR_NO_ERROR) return false;
  rd_kafka_headers_t* headers = nullptr;
  static_cast<void>(rd_kafka_message_headers(message.get(), &headers));
  return true;
}

}  // namespace conveyor::tests
