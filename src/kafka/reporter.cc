#include "kafka/reporter.h"

#include <chrono>
#include <utility>

#include "base/utf8.h"

namespace conveyor::kafka {

using std::chrono::steady_clock;

Reporter::Reporter(std::shared_ptr<Observer> observer)
    : observer_(observer != nullptr ? std::move(observer) : std::shared_ptr(detail::default_observer())) {}

void Reporter::log(Severity severity, std::string_view source, std::string_view text) noexcept {
  try {
    if (is_utf8(text)) return observer_->on_log({severity, source, text});
    observer_->on_log({severity, source, to_utf8(text, text.size())});
  } catch (...) {
    return;  // an observer must not stop the library
  }
}

void Reporter::event(const Event& event) noexcept {
  try {
    if (is_utf8(event.text)) return observer_->on_event(event);
    const std::string text = to_utf8(event.text, event.text.size());
    Event readable = event;
    readable.text = text;
    observer_->on_event(readable);
  } catch (...) {
    log(Severity::kError, "conveyor", "the observer threw an exception from on_event; it is ignored");
  }
}

void Reporter::report(const Event& event, Severity severity) noexcept {
  this->event(event);
  log(severity, "conveyor", event.text);
}

std::string Reporter::last_error_text() const {
  const MutexLock lock{mutex_};
  return last_error_text_;
}

rd_kafka_resp_err_t Reporter::last_error() const {
  const MutexLock lock{mutex_};
  return last_error_;
}

void Reporter::record_error(rd_kafka_resp_err_t error, std::string_view text) {
  // "All brokers are down" tells less than the connection error before it.
  if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) return;
  const MutexLock lock{mutex_};
  last_error_ = error;
  last_error_text_ = text;
  connection_failures_.failed(connection_failure_of(error, text), steady_clock::now());
}

void Reporter::token_given() {
  const MutexLock lock{mutex_};
  if (connection_failure_of(last_error_, last_error_text_) != ConnectionFailure::kNoToken) return;
  last_error_ = RD_KAFKA_RESP_ERR_NO_ERROR;
  last_error_text_.clear();
}

bool Reporter::rejected() const {
  const MutexLock lock{mutex_};
  return connection_failures_.is_final(steady_clock::now());
}

Security Reporter::security() const {
  const MutexLock lock{mutex_};
  return security_;
}

void Reporter::secured_by(const Security& security) {
  const MutexLock lock{mutex_};
  security_ = {.tls = security.tls,
               .sasl = security.sasl,
               .mechanism = security.mechanism,
               .token_endpoint = security.token_endpoint};
}

}  // namespace conveyor::kafka
