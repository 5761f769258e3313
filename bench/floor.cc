#include "floor.h"

#include <zlib.h>

#include <array>
#include <cstdlib>
#include <ctime>
#include <stdexcept>
#include <utility>

namespace conveyor::bench {
namespace {

constexpr std::chrono::minutes kPatience{1};
constexpr char kDigits[] = "0123456789abcdef";

using Setting = std::pair<const char*, std::string>;

Client make_client(rd_kafka_type_t type, const std::vector<Setting>& settings, int events) {
  kafka::Conf conf{rd_kafka_conf_new()};
  std::array<char, 256> error{};
  for (const auto& [name, value] : settings) {
    if (rd_kafka_conf_set(conf.get(), name, value.c_str(), error.data(), error.size()) != RD_KAFKA_CONF_OK) {
      throw std::runtime_error(error.data());
    }
  }
  if (events != 0) rd_kafka_conf_set_events(conf.get(), events);
  Client client{rd_kafka_new(type, conf.get(), error.data(), error.size())};
  if (!client) throw std::runtime_error(error.data());
  static_cast<void>(conf.release());  // the client's now
  return client;
}

/// The two last digits of a number, written where `out` points.
void write_two(char* out, int number) {
  out[0] = static_cast<char>('0' + number / 10 % 10);
  out[1] = static_cast<char>('0' + number % 10);
}

}  // namespace

FloorProducer::FloorProducer(const FloorOptions& options)
    : options_(options),
      client_(make_client(RD_KAFKA_PRODUCER,
                          {{"bootstrap.servers", options.bootstrap_servers},
                           {"enable.idempotence", "true"},
                           {"partitioner", "murmur2_random"},
                           {"socket.nagle.disable", "true"},
                           {"message.max.bytes", "1100000"}},
                          RD_KAFKA_EVENT_DR)),
      events_(rd_kafka_queue_get_main(client_.get())) {
  for (const std::string& topic : options.topics) {
    topics_.emplace_back(rd_kafka_topic_new(client_.get(), topic.c_str(), nullptr));
  }
  if (options_.codec == FloorCodec::kLibdeflate) compressor_.reset(libdeflate_alloc_compressor(options_.level));
  reports_ = std::thread([this] { take_reports(); });
}

FloorProducer::~FloorProducer() {
  stop_.request_stop();
  rd_kafka_queue_yield(events_.get());
  reports_.join();
  events_.reset();
  topics_.clear();
}

void FloorProducer::append_random_hex(std::string& out, int digits) {
  std::uint64_t bits = random_();
  for (int i = 0; i < digits; ++i, bits >>= 4) out += kDigits[bits & 15];
}

void FloorProducer::stamp(v1::Metadata& metadata) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
  const auto second = static_cast<std::time_t>(microseconds / 1'000'000);
  if (second != date_second_) {
    std::array<char, 40> text{};
    std::tm utc{};
    gmtime_r(&second, &utc);
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S.000000+00:00", &utc);
    date_ = text.data();
    date_second_ = second;
  }
  char* fraction = date_.data() + 20;
  const auto below = static_cast<int>(microseconds % 1'000'000);
  write_two(fraction, below / 10'000);
  write_two(fraction + 2, below / 100);
  write_two(fraction + 4, below);

  metadata.set_timestamp(static_cast<double>(microseconds) / 1e6);
  metadata.set_environment(v1::DEVELOPMENT);
  metadata.set_sending_service("bench");
  metadata.set_iso_date(date_);
  std::string& uuid = *metadata.mutable_uuid();
  uuid.clear();
  append_random_hex(uuid, 8);
  uuid += '-';
  append_random_hex(uuid, 4);
  uuid += "-4";
  append_random_hex(uuid, 3);
  uuid += "-a";
  append_random_hex(uuid, 3);
  uuid += '-';
  append_random_hex(uuid, 12);
  std::string& trace_id = *metadata.mutable_trace_id();
  trace_id.clear();
  append_random_hex(trace_id, 16);
  append_random_hex(trace_id, 16);
}

void FloorProducer::send(egg::v1::EggScan& scan, std::size_t topic, std::int32_t partition) {
  v1::Metadata& metadata = *scan.mutable__message_data();
  stamp(metadata);
  produce(encode(scan), metadata.trace_id(), topics_[topic].get(), partition);
}

FloorProducer::Value FloorProducer::encode(const egg::v1::EggScan& scan) {
  const std::size_t size = scan.ByteSizeLong();
  if (options_.codec == FloorCodec::kRaw) {
    void* value = std::malloc(size);
    scan.SerializeWithCachedSizesToArray(static_cast<std::uint8_t*>(value));
    return {value, size};
  }

  if (serialized_.size() < size) serialized_.resize(size);
  scan.SerializeWithCachedSizesToArray(reinterpret_cast<std::uint8_t*>(serialized_.data()));
  if (options_.codec == FloorCodec::kLibdeflate) {
    const std::size_t bound = libdeflate_zlib_compress_bound(compressor_.get(), size);
    void* value = std::malloc(bound);
    return {value, libdeflate_zlib_compress(compressor_.get(), serialized_.data(), size, value, bound)};
  }
  uLongf compressed = compressBound(size);
  void* value = std::malloc(compressed);
  if (compress2(static_cast<Bytef*>(value), &compressed, reinterpret_cast<const Bytef*>(serialized_.data()), size,
                options_.level) != Z_OK) {
    throw std::runtime_error("zlib cannot compress");
  }
  return {value, compressed};
}

void FloorProducer::produce(Value value, const std::string& trace_id, rd_kafka_topic_t* topic, std::int32_t partition) {
  std::array<rd_kafka_vu_t, 5> arguments{};
  std::size_t count = 0;
  arguments[count].vtype = RD_KAFKA_VTYPE_RKT;
  arguments[count++].u.rkt = topic;
  arguments[count].vtype = RD_KAFKA_VTYPE_PARTITION;
  arguments[count++].u.i32 = partition;
  arguments[count].vtype = RD_KAFKA_VTYPE_VALUE;
  arguments[count++].u.mem = {value.bytes, value.size};
  arguments[count].vtype = RD_KAFKA_VTYPE_OPAQUE;
  arguments[count++].u.ptr = value.bytes;
  kafka::Headers headers;
  if (options_.headers && options_.codec != FloorCodec::kRaw) {
    traceparent_.assign("00-").append(trace_id).append("-");
    append_random_hex(traceparent_, 16);
    traceparent_ += "-01";
    headers.reset(rd_kafka_headers_new(2));
    rd_kafka_header_add(headers.get(), "content-encoding", 16, "deflate", 7);
    rd_kafka_header_add(headers.get(), "traceparent", 11, traceparent_.data(),
                        static_cast<ssize_t>(traceparent_.size()));
    arguments[count].vtype = RD_KAFKA_VTYPE_HEADERS;
    arguments[count++].u.headers = headers.get();
  }
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (true) {
    const kafka::KafkaError error{rd_kafka_produceva(client_.get(), arguments.data(), count)};
    if (!error) break;
    if (rd_kafka_error_code(error.get()) != RD_KAFKA_RESP_ERR__QUEUE_FULL ||
        std::chrono::steady_clock::now() > deadline) {
      throw std::runtime_error(rd_kafka_error_string(error.get()));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  static_cast<void>(headers.release());  // the record's now
  ++sent_;
}

void FloorProducer::take_reports() {
  while (!stop_.stop_requested()) {
    const kafka::KafkaEvent event{rd_kafka_queue_poll(events_.get(), 100)};
    if (!event || rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_DR) continue;
    std::uint64_t reported = 0;
    std::uint64_t failed = 0;
    while (const rd_kafka_message_t* report = rd_kafka_event_message_next(event.get())) {
      ++reported;
      if (report->err != RD_KAFKA_RESP_ERR_NO_ERROR) ++failed;
      std::free(report->_private);
    }
    {
      const std::lock_guard lock{mutex_};
      reported_ += reported;
      failed_ += failed;
    }
    changed_.notify_one();
  }
}

void FloorProducer::flush() {
  rd_kafka_flush(client_.get(), static_cast<int>(std::chrono::milliseconds(kPatience).count()));
  std::unique_lock lock{mutex_};
  if (!changed_.wait_for(lock, kPatience, [&] { return reported_ == sent_; })) {
    throw std::runtime_error("the floor's sends are not all reported");
  }
  if (failed_ != 0) throw std::runtime_error(std::to_string(failed_) + " sends of the floor failed");
}

FloorConsumer::FloorConsumer(const FloorOptions& options, const std::string& group)
    : options_(options),
      client_(make_client(RD_KAFKA_CONSUMER,
                          {{"bootstrap.servers", options.bootstrap_servers},
                           {"group.id", group},
                           {"enable.auto.commit", "false"},
                           {"enable.auto.offset.store", "false"},
                           {"auto.offset.reset", "earliest"},
                           {"fetch.wait.max.ms", "100"},
                           {"socket.nagle.disable", "true"},
                           {"queued.min.messages", "10000000"},
                           {"queued.max.messages.kbytes", "65536"}},
                          0)),
      done_(rd_kafka_topic_partition_list_new(1)) {
  if (options_.codec == FloorCodec::kLibdeflate) decompressor_.reset(libdeflate_alloc_decompressor());
  rd_kafka_poll_set_consumer(client_.get());
  rd_kafka_topic_partition_list_add(done_.get(), options_.topics.front().c_str(), 0);
  const kafka::PartitionList topics{rd_kafka_topic_partition_list_new(1)};
  rd_kafka_topic_partition_list_add(topics.get(), options_.topics.front().c_str(), RD_KAFKA_PARTITION_UA);
  const auto error = rd_kafka_subscribe(client_.get(), topics.get());
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error(rd_kafka_err2str(error));
}

FloorConsumer::~FloorConsumer() {
  if (received_ != 0) rd_kafka_commit(client_.get(), done_.get(), 0);
  rd_kafka_consumer_close(client_.get());
}

std::string_view FloorConsumer::inflated(std::string_view value) {
  if (options_.codec == FloorCodec::kRaw) return value;
  if (buffer_.size() < value.size() * 4) buffer_.resize(value.size() * 4);
  while (true) {
    if (options_.codec == FloorCodec::kLibdeflate) {
      std::size_t size = 0;
      const auto result = libdeflate_zlib_decompress(decompressor_.get(), value.data(), value.size(), buffer_.data(),
                                                     buffer_.size(), &size);
      if (result == LIBDEFLATE_SUCCESS) return {buffer_.data(), size};
      if (result != LIBDEFLATE_INSUFFICIENT_SPACE) throw std::runtime_error("libdeflate cannot inflate");
    } else {
      uLongf size = buffer_.size();
      const int result = uncompress(reinterpret_cast<Bytef*>(buffer_.data()), &size,
                                    reinterpret_cast<const Bytef*>(value.data()), value.size());
      if (result == Z_OK) return {buffer_.data(), size};
      if (result != Z_BUF_ERROR) throw std::runtime_error("zlib cannot inflate");
    }
    buffer_.resize(buffer_.size() * 2);
  }
}

const egg::v1::EggScan& FloorConsumer::next() {
  constexpr std::uint64_t kLookAtClockEvery = 64;
  if (received_ % kLookAtClockEvery == 0) commit();
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (true) {
    const kafka::KafkaMessage message{rd_kafka_consumer_poll(client_.get(), 1'000)};
    if (!message || message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("nothing came to the floor's consumer");
      continue;
    }
    const std::string_view bytes = inflated({static_cast<const char*>(message->payload), message->len});
    if (!scan_.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      throw std::runtime_error("the floor's consumer cannot parse a scan");
    }
    done_->elems[0].offset = message->offset + 1;
    ++received_;
    return scan_;
  }
}

// What was returned before; the one in hand is done when the next is asked for.
void FloorConsumer::commit() {
  const auto now = std::chrono::steady_clock::now();
  if (received_ == 0 || now < next_commit_) return;
  next_commit_ = now + std::chrono::seconds(1);
  rd_kafka_commit(client_.get(), done_.get(), 1);
}

}  // namespace conveyor::bench
