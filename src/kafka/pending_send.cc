#include "kafka/pending_send.h"

#include <cstring>
#include <new>
#include <utility>

namespace conveyor::kafka {

void PendingSend::Deleter::operator()(PendingSend* send) const noexcept {
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

Headers PendingSend::headers() {
  if (header_sizes_.empty()) return {};
  Headers all{rd_kafka_headers_new(header_sizes_.size())};
  const char* at = value() + value_size_;
  for (const auto& [name_size, value_size] : header_sizes_) {
    rd_kafka_header_add(all.get(), at, static_cast<ssize_t>(name_size), at + name_size + 1,
                        static_cast<ssize_t>(value_size));
    at += name_size + 1 + value_size;
  }
  return all;
}

std::vector<rd_kafka_vu_t> PendingSend::arguments(rd_kafka_topic_t* topic, rd_kafka_headers_t* headers) {
  std::vector<rd_kafka_vu_t> all(4);
  all.reserve(6);
  all[0].vtype = RD_KAFKA_VTYPE_RKT;
  all[0].u.rkt = topic;
  all[1].vtype = RD_KAFKA_VTYPE_PARTITION;
  all[1].u.i32 = partition_;
  all[2].vtype = RD_KAFKA_VTYPE_VALUE;
  all[2].u.mem = {value(), value_size_};
  all[3].vtype = RD_KAFKA_VTYPE_OPAQUE;
  all[3].u.ptr = this;
  if (has_key_) {
    rd_kafka_vu_t& key = all.emplace_back();
    key.vtype = RD_KAFKA_VTYPE_KEY;
    key.u.mem = {bytes(), key_size_};
  }
  if (headers != nullptr) {
    rd_kafka_vu_t& argument = all.emplace_back();
    argument.vtype = RD_KAFKA_VTYPE_HEADERS;
    argument.u.headers = headers;
  }
  return all;
}

}  // namespace conveyor::kafka
