#include "kafka/pending_send.h"

#include <array>
#include <cstring>
#include <new>
#include <utility>

namespace conveyor::kafka {

void PendingSend::Deleter::operator()(PendingSend* send) const noexcept {
  if (send->owners_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  send->~PendingSend();
  ::operator delete(send);
}

PendingSend::Ptr PendingSend::make(std::string_view topic, const SendOptions& options, std::size_t value_size,
                                   std::span<const Header> headers, DeliveryCallback done) {
  const std::string_view key = options.key.value_or("");
  std::size_t header_bytes = 0;
  for (const auto& group : {std::span<const Header>(options.headers), headers}) {
    for (const Header& header : group) header_bytes += header.name.size() + 1 + header.value.size();
  }

  void* memory = ::operator new(sizeof(PendingSend) + key.size() + value_size + header_bytes);
  Ptr send{new (memory) PendingSend()};
  send->topic_ = topic;
  send->key_size_ = key.size();
  send->value_size_ = value_size;
  send->header_bytes_ = header_bytes;
  send->partition_ = options.partition;
  send->has_key_ = options.key.has_value();
  send->done_ = std::move(done);
  if (!key.empty()) std::memcpy(send->bytes(), key.data(), key.size());

  char* at = send->value() + value_size;
  send->header_sizes_.reserve(options.headers.size() + headers.size());
  for (const auto& group : {std::span<const Header>(options.headers), headers}) {
    for (const Header& header : group) {
      std::memcpy(at, header.name.c_str(), header.name.size() + 1);
      at += header.name.size() + 1;
      std::memcpy(at, header.value.data(), header.value.size());
      at += header.value.size();
      send->header_sizes_.emplace_back(static_cast<std::uint32_t>(header.name.size()),
                                       static_cast<std::uint32_t>(header.value.size()));
    }
  }
  return send;
}

Headers PendingSend::headers() noexcept {
  if (header_sizes_.empty()) return nullptr;
  Headers headers{rd_kafka_headers_new(header_sizes_.size())};
  const char* at = value() + value_size_;
  for (const auto& [name_size, value_size] : header_sizes_) {
    rd_kafka_header_add(headers.get(), at, static_cast<ssize_t>(name_size), at + name_size + 1,
                        static_cast<ssize_t>(value_size));
    at += name_size + 1 + value_size;
  }
  return headers;
}

rd_kafka_resp_err_t PendingSend::produce(rd_kafka_t* client, rd_kafka_topic_t* topic) {
  // As one list: given one by one, 2.0.2 frees them twice when it refuses the partition.
  Headers list = headers();
  std::array<rd_kafka_vu_t, 6> arguments{};
  std::size_t count = 0;
  arguments[count].vtype = RD_KAFKA_VTYPE_RKT;
  arguments[count++].u.rkt = topic;
  arguments[count].vtype = RD_KAFKA_VTYPE_PARTITION;
  arguments[count++].u.i32 = partition_;
  arguments[count].vtype = RD_KAFKA_VTYPE_VALUE;
  arguments[count++].u.mem = {tombstone_ ? nullptr : value(), value_size_};
  arguments[count].vtype = RD_KAFKA_VTYPE_OPAQUE;
  arguments[count++].u.ptr = this;
  if (has_key_) {
    arguments[count].vtype = RD_KAFKA_VTYPE_KEY;
    arguments[count++].u.mem = {bytes(), key_size_};
  }
  if (list) {
    arguments[count].vtype = RD_KAFKA_VTYPE_HEADERS;
    arguments[count++].u.headers = list.get();
  }
  const KafkaError error{rd_kafka_produceva(client, arguments.data(), count)};
  if (error && rd_kafka_error_is_fatal(error.get()) != 0)
    return RD_KAFKA_RESP_ERR__FATAL;  // its code is the first error's
  if (error) return rd_kafka_error_code(error.get());
  static_cast<void>(list.release());  // the record owns them now
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

}  // namespace conveyor::kafka
