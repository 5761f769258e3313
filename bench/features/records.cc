#include "features/records.h"

#include <google/protobuf/message.h>
#include <librdkafka/rdkafka.h>
#include <zlib.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <stdexcept>
#include <thread>

#include "conveyor/egg/v1/egg_scan.pb.h"
#include "conveyor/v1/image.pb.h"
#include "kafka/handle.h"

namespace conveyor::bench {
namespace {

constexpr int kPatienceMs = 60'000;

using Client = std::unique_ptr<rd_kafka_t, kafka::Deleter<rd_kafka_destroy>>;

Client make_producer(const std::string& bootstrap_servers) {
  kafka::Conf conf{rd_kafka_conf_new()};
  std::array<char, 256> error{};
  for (const auto& [name, value] :
       {std::pair{"bootstrap.servers", bootstrap_servers.c_str()}, std::pair{"enable.idempotence", "true"}}) {
    if (rd_kafka_conf_set(conf.get(), name, value, error.data(), error.size()) != RD_KAFKA_CONF_OK) {
      throw std::runtime_error(error.data());
    }
  }
  Client client{rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), error.data(), error.size())};
  if (!client) throw std::runtime_error(error.data());
  static_cast<void>(conf.release());  // the client's now
  return client;
}

std::string random_hex(std::mt19937_64& random, int digits) {
  std::string out;
  for (int i = 0; i < digits; ++i) out += "0123456789abcdef"[random() & 15];
  return out;
}

/// What every producer of the library writes, but for the trace.
void stamp(v1::Metadata& metadata, std::mt19937_64& random) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  metadata.set_timestamp(std::chrono::duration<double>(now).count());
  metadata.set_environment(v1::DEVELOPMENT);
  metadata.set_sending_service("bench");
  metadata.set_iso_date("2026-01-02T03:04:05.678901+00:00");
  metadata.set_uuid(random_hex(random, 8) + "-" + random_hex(random, 4) + "-4" + random_hex(random, 3) + "-a" +
                    random_hex(random, 3) + "-" + random_hex(random, 12));
}

std::string noise(std::mt19937_64& random, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(100 + (random() & 31));
  return out;
}

std::string deflated(const google::protobuf::Message& message) {
  const std::string bytes = message.SerializeAsString();
  uLongf size = compressBound(bytes.size());
  std::string out(size, '\0');
  if (compress2(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size(),
                1) != Z_OK) {
    throw std::runtime_error("zlib cannot compress");
  }
  out.resize(size);
  return out;
}

void produce(rd_kafka_t* client, const std::string& topic, std::int32_t partition, const std::string& value,
             const std::string& traceparent) {
  while (true) {
    kafka::Headers headers{rd_kafka_headers_new(2)};
    rd_kafka_header_add(headers.get(), "content-encoding", -1, "deflate", -1);
    if (!traceparent.empty()) rd_kafka_header_add(headers.get(), "traceparent", -1, traceparent.c_str(), -1);
    const auto error = rd_kafka_producev(client, RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(partition),
                                         RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                                         RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()),
                                         RD_KAFKA_V_HEADERS(headers.get()), RD_KAFKA_V_END);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      static_cast<void>(headers.release());  // the record's now
      rd_kafka_poll(client, 0);
      return;
    }
    if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) throw std::runtime_error(rd_kafka_err2str(error));
    rd_kafka_poll(client, 10);
  }
}

/// @param fill writes the next message and returns its metadata
template <class T>
void write(const std::string& bootstrap_servers, const std::string& topic, Traced traced, int count,
           const std::function<v1::Metadata&(T&, std::mt19937_64&)>& fill) {
  const Client client = make_producer(bootstrap_servers);
  std::mt19937_64 random(6);
  T message;
  for (int i = 0; i < count; ++i) {
    v1::Metadata& metadata = fill(message, random);
    stamp(metadata, random);
    std::string traceparent;
    if (traced == Traced::kYes) {
      metadata.set_trace_id(random_hex(random, 32));
      traceparent = "00-" + metadata.trace_id() + "-" + random_hex(random, 16) + "-01";
    }
    // In turns: a partition with more than the others would be all that is left in the end.
    produce(client.get(), topic, i % kPartitions, deflated(message), traceparent);
  }
  if (rd_kafka_flush(client.get(), kPatienceMs) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    throw std::runtime_error("not all records of " + topic + " were stored within a minute");
  }
}

}  // namespace

void write_scans(const std::string& bootstrap_servers, const std::string& topic, Traced traced, int count) {
  write<egg::v1::EggScan>(bootstrap_servers, topic, traced, count,
                          [](egg::v1::EggScan& scan, std::mt19937_64& random) -> v1::Metadata& {
                            scan.set_egg_id("egg-" + std::to_string(random() % 1'000));
                            scan.set_scan_data(noise(random, 876));
                            return *scan.mutable__message_data();
                          });
}

void write_images(const std::string& bootstrap_servers, const std::string& topic, Traced traced, int count) {
  write<v1::Image>(bootstrap_servers, topic, traced, count,
                   [](v1::Image& image, std::mt19937_64& random) -> v1::Metadata& {
                     image.set_width(32);
                     image.set_height(32);
                     image.set_pixel_format(v1::PIXEL_FORMAT_GRAY);
                     image.set_bit_depth(8);
                     image.set_encoding(v1::IMAGE_ENCODING_RAW);
                     image.set_source("bench");
                     image.set_image_data(noise(random, 32 * 32));
                     return *image.mutable__message_data();
                   });
}

}  // namespace conveyor::bench
