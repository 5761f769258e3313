// A librdkafka plugin (plugin.library.paths) that pauses and resumes a partition in the middle of a read: what
// librdkafka's main thread does to every partition of a member in each step of a cooperative rebalance, at the worst
// moment there is.

#include <librdkafka/rdkafka.h>

#include <cstddef>
#include <cstdint>

namespace {

constexpr std::int64_t kEvery = 1'000;
constexpr std::int64_t kAt = 20;  // of so many: a read of 64 has taken some, and not all

rd_kafka_resp_err_t on_consume(rd_kafka_t* client, rd_kafka_message_t* message, void*) {
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR || message->offset % kEvery != kAt) return RD_KAFKA_RESP_ERR_NO_ERROR;
  rd_kafka_topic_partition_list_t* here = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(here, rd_kafka_topic_name(message->rkt), message->partition);
  rd_kafka_pause_partitions(client, here);
  rd_kafka_resume_partitions(client, here);
  rd_kafka_topic_partition_list_destroy(here);
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t on_new(rd_kafka_t* client, const rd_kafka_conf_t*, void*, char*, std::size_t) {
  return rd_kafka_interceptor_add_on_consume(client, "pausing", on_consume, nullptr);
}

}  // namespace

extern "C" __attribute__((visibility("default"))) rd_kafka_resp_err_t conf_init(rd_kafka_conf_t* conf, void** opaque,
                                                                                char* error, std::size_t size);

rd_kafka_resp_err_t conf_init(rd_kafka_conf_t* conf, void**, char*, std::size_t) {
  return rd_kafka_conf_interceptor_add_on_new(conf, "pausing", on_new, nullptr);
}
