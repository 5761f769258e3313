// A librdkafka plugin (plugin.library.paths) that holds up whoever is told of a request to join a group: what a machine
// does that has little time for the thread.

#include <librdkafka/rdkafka.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

namespace {

constexpr std::int16_t kJoinGroup = 11;  // https://kafka.apache.org/protocol#protocol_api_keys
constexpr unsigned kMicroseconds = 300'000;

rd_kafka_resp_err_t on_request(rd_kafka_t*, int, const char*, std::int32_t, std::int16_t api_key, std::int16_t,
                               std::int32_t, std::size_t, void*) {
  if (api_key == kJoinGroup) usleep(kMicroseconds);
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t on_new(rd_kafka_t* client, const rd_kafka_conf_t*, void*, char*, std::size_t) {
  return rd_kafka_interceptor_add_on_request_sent(client, "late", on_request, nullptr);
}

}  // namespace

extern "C" __attribute__((visibility("default"))) rd_kafka_resp_err_t conf_init(rd_kafka_conf_t* conf, void** opaque,
                                                                                char* error, std::size_t size);

rd_kafka_resp_err_t conf_init(rd_kafka_conf_t* conf, void**, char*, std::size_t) {
  return rd_kafka_conf_interceptor_add_on_new(conf, "late", on_new, nullptr);
}
