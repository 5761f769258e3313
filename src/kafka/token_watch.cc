#include "kafka/token_watch.h"

#include <string_view>
#include <system_error>
#include <utility>

namespace conveyor::kafka {
namespace {

constexpr char kName[] = "conveyor-tokens";

}  // namespace

TokenWatch::TokenWatch(std::function<void()> missing, std::function<void()> given)
    : missing_(std::move(missing)), given_(std::move(given)) {}

void TokenWatch::watch(rd_kafka_conf_t* conf) { rd_kafka_conf_interceptor_add_on_new(conf, kName, &on_new, this); }

void TokenWatch::begin() {
  try {
    thread_ = std::jthread([this](const std::stop_token& stop) { wait(stop); });
  } catch (const std::system_error&) {
    return;  // no thread can be started: whoever waits for a broker gets the error when the wait ends
  }
}

void TokenWatch::end() { thread_.request_stop(); }

bool TokenWatch::waiting() const {
  const MutexLock lock{mutex_};
  return waiting_;
}

void TokenWatch::wait(const std::stop_token& stop) {
  MutexLock lock{mutex_};
  changed_.wait_for(lock, stop, kTellAfter, [&]() CONVEYOR_REQUIRES(mutex_) { return !waiting_; });
  if (!waiting_ || stop.stop_requested()) return;
  lock.unlock();
  missing_();
}

rd_kafka_resp_err_t TokenWatch::on_new(rd_kafka_t* client, const rd_kafka_conf_t*, void* watch, char*, std::size_t) {
  return rd_kafka_interceptor_add_on_broker_state_change(client, kName, &on_state, watch);
}

rd_kafka_resp_err_t TokenWatch::on_state(rd_kafka_t*, std::int32_t, const char*, const char*, int, const char* state,
                                         void* watch) {
  if (state != std::string_view("CONNECT")) return RD_KAFKA_RESP_ERR_NO_ERROR;
  auto& self = *static_cast<TokenWatch*>(watch);
  {
    const MutexLock lock{self.mutex_};
    if (!std::exchange(self.waiting_, false)) return RD_KAFKA_RESP_ERR_NO_ERROR;
  }
  self.changed_.notify_all();
  self.given_();
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

}  // namespace conveyor::kafka
