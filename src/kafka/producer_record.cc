#include "kafka/producer_record.h"

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <limits>
#include <new>
#include <utility>
#include <vector>

namespace conveyor::kafka {

namespace {

using detail::HeaderView;

char* copy(std::string_view text, char* out) noexcept {
  if (!text.empty()) std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

}  // namespace

void ProducerRecord::Deleter::operator()(ProducerRecord* send) const noexcept {
  if (send->owners_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  const std::size_t room = send->room_;
  send->~ProducerRecord();
  SendMemory::give_back(reinterpret_cast<char*>(send), room);
}

ProducerRecord::Builder::Builder(std::string_view topic, const SendOptions& options, std::size_t most,
                                 std::span<const HeaderView> headers)
    : topic_(topic), partition_(options.partition), has_key_(options.key.has_value()) {
  const std::string_view key = options.key.view().value_or("");
  key_size_ = key.size();
  for (const HeaderView& header : headers) {
    ++header_count_;
    header_bytes_ += header.name.size() + 1 + header.value.size();
  }

  constexpr std::size_t kMostRoom = std::numeric_limits<std::uint32_t>::max() - std::size_t{4096};
  if (space_before_value() + most > kMostRoom) {
    throw Error(errc::message_too_large, fmt::format("a record of {} bytes on channel {} is more than Kafka can take",
                                                     space_before_value() + most, topic));
  }
  memory_.emplace(space_before_value() + most);
  char* out = copy(key, memory_->get() + sizeof(ProducerRecord));
  for (const HeaderView& header : headers) {
    const HeaderSizes sizes{static_cast<std::uint32_t>(header.name.size()),
                            header.is_null() ? kNull : static_cast<std::uint32_t>(header.value.size())};
    std::memcpy(out, &sizes, sizeof sizes);
    out = copy(header.name, out + sizeof sizes);
    *out++ = '\0';
    out = copy(header.value, out);
  }
}

ProducerRecord::Ptr ProducerRecord::Builder::build(std::size_t size, DeliveryCallback done) && {
  memory_->shrink(space_before_value() + size);  // before a send exists in the memory, because it may move
  const std::size_t room = memory_->room();
  Ptr send{new (memory_->release()) ProducerRecord()};
  send->room_ = static_cast<std::uint32_t>(room);
  send->topic_ = topic_;
  send->key_size_ = static_cast<std::uint32_t>(key_size_);
  send->value_size_ = static_cast<std::uint32_t>(size);
  send->header_bytes_ = static_cast<std::uint32_t>(header_bytes_);
  send->header_count_ = header_count_;
  send->partition_ = partition_;
  send->has_key_ = has_key_;
  send->done_ = std::move(done);
  return send;
}

ProducerRecord::Ptr ProducerRecord::make(std::string_view topic, const SendOptions& options, std::size_t value_size,
                                         std::span<const Header> headers, DeliveryCallback done) {
  std::vector<HeaderView> views;
  for (const Header& header : headers) views.push_back(HeaderView::of(header));
  return Builder(topic, options, value_size, views).build(value_size, std::move(done));
}

Headers ProducerRecord::headers() noexcept {
  if (header_count_ == 0) return nullptr;
  Headers headers{rd_kafka_headers_new(header_count_)};
  const char* at = bytes() + key_size_;
  for (std::uint32_t i = 0; i < header_count_; ++i) {
    HeaderSizes sizes{};
    std::memcpy(&sizes, at, sizeof sizes);
    const char* name = at + sizeof sizes;
    const char* value = name + sizes.name + 1;
    const std::uint32_t size = sizes.value == kNull ? 0 : sizes.value;
    rd_kafka_header_add(headers.get(), name, static_cast<ssize_t>(sizes.name), sizes.value == kNull ? nullptr : value,
                        static_cast<ssize_t>(size));
    at = value + size;
  }
  return headers;
}

ProducerRecord::Contents ProducerRecord::contents() {
  Contents contents{.record = {.partition = partition_}};
  if (has_key_) contents.record.key.emplace(bytes(), key_size_);
  if (!tombstone_) contents.value.emplace(value(), value_size_);
  std::vector<Header> headers;
  const char* at = bytes() + key_size_;
  for (std::uint32_t i = 0; i < header_count_; ++i) {
    HeaderSizes sizes{};
    std::memcpy(&sizes, at, sizeof sizes);
    const char* const name = at + sizeof sizes;
    const char* const text = name + sizes.name + 1;
    const bool is_null = sizes.value == kNull;
    const std::uint32_t size = is_null ? 0 : sizes.value;
    headers.push_back({std::string(name, sizes.name), std::string(text, size), is_null});
    at = text + size;
  }
  contents.record.headers = std::move(headers);
  return contents;
}

rd_kafka_resp_err_t ProducerRecord::produce(rd_kafka_t* client, rd_kafka_topic_t* topic) {
  // Pass the headers as one list: given one by one, librdkafka 2.0.2 frees them twice when it refuses the partition.
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
    return RD_KAFKA_RESP_ERR__FATAL;  // rd_kafka_error_code() would return the code of the first fatal error
  if (error) return rd_kafka_error_code(error.get());
  static_cast<void>(list.release());  // the record owns them now
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

}  // namespace conveyor::kafka
