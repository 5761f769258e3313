#include "kafka/join_watch.h"

namespace conveyor::kafka {
namespace {

constexpr char kName[] = "conveyor";
constexpr std::int16_t kJoinGroup = 11;  // https://kafka.apache.org/protocol#protocol_api_keys
constexpr std::int16_t kSyncGroup = 14;

}  // namespace

void JoinWatch::watch(rd_kafka_conf_t* conf) { rd_kafka_conf_interceptor_add_on_new(conf, kName, &on_new, this); }

rd_kafka_resp_err_t JoinWatch::on_new(rd_kafka_t* client, const rd_kafka_conf_t*, void* watch, char*, std::size_t) {
  const auto error = rd_kafka_interceptor_add_on_request_sent(client, kName, &on_request, watch);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return error;
  return rd_kafka_interceptor_add_on_response_received(client, kName, &on_response, watch);
}

rd_kafka_resp_err_t JoinWatch::on_request(rd_kafka_t*, int, const char*, std::int32_t, std::int16_t api_key,
                                          std::int16_t, std::int32_t, std::size_t, void* watch) {
  if (api_key == kJoinGroup) static_cast<JoinWatch*>(watch)->joining_ = true;
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t JoinWatch::on_response(rd_kafka_t*, int, const char*, std::int32_t, std::int16_t api_key,
                                           std::int16_t, std::int32_t, std::size_t, std::int64_t, rd_kafka_resp_err_t,
                                           void* watch) {
  if (api_key == kSyncGroup) static_cast<JoinWatch*>(watch)->joining_ = false;
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

}  // namespace conveyor::kafka
