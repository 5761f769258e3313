#include "kafka/join_watch.h"

namespace conveyor::kafka {
namespace {

constexpr char kName[] = "conveyor";
constexpr std::int16_t kFetch = 1;  // https://kafka.apache.org/protocol#protocol_api_keys
constexpr std::int16_t kJoinGroup = 11;
constexpr std::int16_t kSyncGroup = 14;

// The join states of librdkafka in which the member has the group's present generation.
bool is_member(std::string_view state) noexcept {
  return state == "steady" || state == "wait-assign-call" || state == "wait-unassign-call";
}

rd_kafka_resp_err_t on_request(rd_kafka_t*, int, const char*, std::int32_t, std::int16_t api_key, std::int16_t,
                               std::int32_t, std::size_t, void* watch) {
  static_cast<JoinWatch*>(watch)->request_sent(api_key);
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t on_response(rd_kafka_t*, int, const char*, std::int32_t, std::int16_t api_key, std::int16_t,
                                std::int32_t, std::size_t, std::int64_t, rd_kafka_resp_err_t, void* watch) {
  static_cast<JoinWatch*>(watch)->response_received(api_key);
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t on_new(rd_kafka_t* client, const rd_kafka_conf_t*, void* watch, char*, std::size_t) {
  const auto error = rd_kafka_interceptor_add_on_request_sent(client, kName, &on_request, watch);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return error;
  return rd_kafka_interceptor_add_on_response_received(client, kName, &on_response, watch);
}

}  // namespace

void JoinWatch::watch(rd_kafka_conf_t* conf) { rd_kafka_conf_interceptor_add_on_new(conf, kName, &on_new, this); }

void JoinWatch::request_sent(std::int16_t api_key) {
  if (api_key != kJoinGroup) return;
  const MutexLock lock{mutex_};
  joining_ = true;
}

void JoinWatch::response_received(std::int16_t api_key) {
  if (api_key == kFetch) return;  // frequent, and not about the group
  if (reads_log_) return disturb();
  if (api_key != kSyncGroup) return;
  const MutexLock lock{mutex_};
  joining_ = false;
}

// Parses lines such as `Group "name" changed join state steady -> init (state up)`.
void JoinWatch::log_line(std::string_view facility, std::string_view text) {
  constexpr std::string_view kArrow = " -> ";
  if (!reads_log_ || facility != "CGRPJOINSTATE") return;
  const auto arrow = text.rfind(kArrow);
  if (arrow == text.npos) return;
  std::string_view state = text.substr(arrow + kArrow.size());
  state = state.substr(0, state.find(' '));
  const MutexLock lock{mutex_};
  joining_ = !is_member(state);
}

void JoinWatch::disturb() {
  if (!reads_log_) return;
  const MutexLock lock{mutex_};
  ++disturbances_;
  unsure_ = true;
}

std::uint64_t JoinWatch::disturbances() const {
  const MutexLock lock{mutex_};
  return disturbances_;
}

void JoinWatch::caught_up(std::uint64_t disturbances) {
  const MutexLock lock{mutex_};
  if (disturbances == disturbances_) unsure_ = false;
}

bool JoinWatch::joining() const {
  const MutexLock lock{mutex_};
  return joining_;
}

}  // namespace conveyor::kafka
