#include "kafka/client.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <future>
#include <thread>
#include <tuple>
#include <utility>

#include "core/utf8.h"
#include "kafka/errors.h"
#include "kafka/properties.h"

namespace conveyor::kafka {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

Severity severity_of(int syslog_level) noexcept {
  if (syslog_level <= 3) return Severity::kError;
  if (syslog_level == 4) return Severity::kWarning;
  if (syslog_level <= 6) return Severity::kInfo;
  return Severity::kDebug;
}

void on_log(const rd_kafka_t* handle, int level, const char* facility, const char* text) {
  auto* reporter = handle != nullptr ? static_cast<Reporter*>(rd_kafka_opaque(handle)) : nullptr;
  if (reporter == nullptr) return;
  try {
    // About brokers older than 0.11, and the embedded one: every look at a topic would say it.
    const Severity severity = facility == std::string_view("AUTOCREATE") ? Severity::kDebug : severity_of(level);
    reporter->log(severity, "librdkafka", fmt::format("{}: {}", facility, text));
  } catch (...) {
    return;  // out of memory: a log line less
  }
}

void set(rd_kafka_conf_t* conf, const std::string& name, const std::string& value) {
  std::array<char, 512> error{};
  const auto result = rd_kafka_conf_set(conf, name.c_str(), value.c_str(), error.data(), error.size());
  if (result == RD_KAFKA_CONF_OK) return;
  if (result == RD_KAFKA_CONF_UNKNOWN) check_property_name(name);
  throw Error(errc::invalid_config, fmt::format("Kafka property {}: {}", name, error.data()));
}

void set_security(rd_kafka_conf_t* conf, const TlsOptions& tls, const SaslOptions& sasl) {
  const bool with_sasl = !sasl.mechanism.empty();
  if (!tls.enabled && (!tls.ca_file.empty() || !tls.certificate_file.empty() || !tls.key_file.empty())) {
    throw Error(errc::invalid_config, "TLS files are set but Config::tls.enabled is false");
  }
  if (!with_sasl && (!sasl.username.empty() || !sasl.password.empty())) {
    throw Error(errc::invalid_config, "a SASL user is set but no Config::sasl.mechanism, such as PLAIN");
  }
  if (!tls.enabled && !with_sasl) return;
  set(conf, "security.protocol", tls.enabled ? (with_sasl ? "sasl_ssl" : "ssl") : "sasl_plaintext");
  const std::array<std::pair<const char*, const std::string*>, 7> typed{
      {{"ssl.ca.location", &tls.ca_file},
       {"ssl.certificate.location", &tls.certificate_file},
       {"ssl.key.location", &tls.key_file},
       {"ssl.key.password", &tls.key_password},
       {"sasl.mechanism", &sasl.mechanism},
       {"sasl.username", &sasl.username},
       {"sasl.password", &sasl.password}}};
  for (const auto& [name, value] : typed) {
    if (!value->empty()) set(conf, name, *value);
  }
}

Conf make_conf(rd_kafka_type_t type, const Config& config, const Properties& defaults, const Properties& required) {
  if (config.bootstrap_servers.empty()) {
    throw Error(errc::invalid_config, "Config::bootstrap_servers is empty; set it to host:port of a Kafka broker");
  }
  Conf conf{rd_kafka_conf_new()};
  set(conf.get(), "bootstrap.servers", config.bootstrap_servers);
  if (!config.service.empty() && config.service != "NOTSET") set(conf.get(), "client.id", config.service);
  for (const auto& [name, value] : defaults) set(conf.get(), name, value);
  set_security(conf.get(), config.tls, config.sasl);
  for (const auto& [name, value] : config.properties) {
    check_property_name(name);
    const PropertyScope scope = known_properties().find(name)->second;
    if (type == RD_KAFKA_PRODUCER ? scope.producer : scope.consumer) set(conf.get(), name, value);
  }
  for (const auto& [name, value] : required) set(conf.get(), name, value);
  return conf;
}

}  // namespace

Reporter::Reporter(std::shared_ptr<Observer> observer)
    : observer_(observer != nullptr ? std::move(observer) : detail::default_observer()) {}

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
    log(Severity::kError, "conveyor", "the observer threw from on_event");
  }
}

void Reporter::report(const Event& event, Severity severity) noexcept {
  this->event(event);
  log(severity, "conveyor", event.text);
}

std::string Reporter::last_complaint() const {
  const std::lock_guard lock{mutex_};
  return last_complaint_;
}

rd_kafka_resp_err_t Reporter::last_error() const {
  const std::lock_guard lock{mutex_};
  return last_error_;
}

void Reporter::note_complaint(rd_kafka_resp_err_t error, std::string_view text) {
  // "All brokers are down" says less than the connection error before it.
  if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) return;
  const std::lock_guard lock{mutex_};
  last_error_ = error;
  last_complaint_ = text;
}

Client::Client(rd_kafka_type_t type, const Config& config, const Properties& defaults, const Properties& required,
               int enabled_events, std::shared_ptr<Reporter> reporter)
    : reporter_(reporter != nullptr ? std::move(reporter) : std::make_shared<Reporter>(config.observer)),
      watch_(std::make_shared<JoinWatch>()) {
  Conf conf = make_conf(type, config, defaults, required);
  rd_kafka_conf_set_opaque(conf.get(), reporter_.get());
  rd_kafka_conf_set_log_cb(conf.get(), &on_log);
  if (type == RD_KAFKA_CONSUMER) watch_->watch(conf.get());
  rd_kafka_conf_set_events(conf.get(), enabled_events);
  std::array<char, 512> error{};
  handle_ = rd_kafka_new(type, conf.get(), error.data(), error.size());
  if (handle_ == nullptr) {
    throw Error(errc::invalid_config, fmt::format("no Kafka client can be made from these settings: {}", error.data()));
  }
  static_cast<void>(conf.release());  // the handle owns it now
}

Client::~Client() {
  if (handle_ == nullptr) return;  // begun, and waited for by whoever did
  begin_destroy();
  wait_until_gone(milliseconds(5'000));
}

void Client::begin_destroy(std::function<void(rd_kafka_t*)> last, std::shared_ptr<void> keep) {
  if (handle_ == nullptr) return;
  std::promise<void> gone;
  gone_ = gone.get_future();
  std::thread([handle = std::exchange(handle_, nullptr), reporter = reporter_, watch = watch_, kept = kept_,
               last = std::move(last), keep = std::move(keep), gone = std::move(gone)]() mutable {
    if (last) last(handle);
    last = nullptr;
    if (kept) {
      // The handle may use them for ever.
      static_cast<void>(new auto(std::tuple(std::move(reporter), std::move(watch), std::move(keep))));
    } else {
      rd_kafka_destroy_flags(handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
      keep.reset();
    }
    gone.set_value();
  }).detach();
}

bool Client::wait_until_gone(milliseconds within) {
  if (!gone_.valid() || gone_.wait_for(within) == std::future_status::ready) return true;
  gone_ = {};  // nobody waits for it again
  reporter_->log(
      Severity::kError, "conveyor",
      fmt::format("librdkafka did not let go of a client within {} ms; its thread is left behind", within.count()));
  return false;
}

bool Client::is_gone() const { return !gone_.valid() || gone_.wait_for(milliseconds(0)) == std::future_status::ready; }

std::string Client::report_fatal() {
  std::array<char, 512> reason{};
  const rd_kafka_resp_err_t error = rd_kafka_fatal_error(handle_, reason.data(), reason.size());
  std::string text = fmt::format("the Kafka client failed for good: {}", reason.data());
  reporter_->note_complaint(error, text);
  reporter_->report({.kind = Event::Kind::kClientError, .error = errc::fatal, .text = text}, Severity::kError);
  return text;
}

rd_kafka_resp_err_t Client::on_error_event(rd_kafka_event_t* event) {
  const rd_kafka_resp_err_t error = rd_kafka_event_error(event);
  if (rd_kafka_event_error_is_fatal(event) != 0 || error == RD_KAFKA_RESP_ERR__FATAL) {
    report_fatal();
    return rd_kafka_fatal_error(handle_, nullptr, 0);
  }
  const char* reason = rd_kafka_event_error_string(event);
  const std::string text = reason != nullptr ? reason : rd_kafka_err2str(error);
  reporter_->note_complaint(error, text);
  const bool down = error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN;
  reporter_->report({.kind = down ? Event::Kind::kBrokersDown : Event::Kind::kClientError,
                     .error = errc_of(error, errc::retryable),
                     .text = text},
                    Severity::kWarning);
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

Error unreachable(const Reporter& reporter, std::string_view bootstrap_servers, milliseconds waited) {
  const errc code = errc_of(reporter.last_error(), errc::broker_unreachable);
  const std::string complaint = reporter.last_complaint();
  const std::string why = complaint.empty() ? std::string() : fmt::format(" ({})", complaint);
  if (code == errc::not_authorized) {
    return {code, fmt::format("the brokers at {} let us not in{}; check Config::tls and Config::sasl",
                              bootstrap_servers, why)};
  }
  return {errc::broker_unreachable,
          fmt::format("no Kafka broker answered at {} within {} ms{}; check Config::bootstrap_servers "
                      "(CONVEYOR_BOOTSTRAP_SERVERS)",
                      bootstrap_servers, waited.count(), why)};
}

void Client::wait_until_connected(milliseconds within, std::string_view bootstrap_servers) {
  const auto deadline = steady_clock::now() + within;
  while (true) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now());
    const auto slice = std::clamp(left, milliseconds(1), milliseconds(500));
    const rd_kafka_metadata_t* raw = nullptr;
    const auto error = rd_kafka_metadata(handle_, 0, nullptr, &raw, static_cast<int>(slice.count()));
    const Metadata metadata{raw};
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return;
    if (left <= slice) throw unreachable(*reporter_, bootstrap_servers, within);
    // A refused connection answers at once; the client itself waits before it tries again, and so do we.
    if (error != RD_KAFKA_RESP_ERR__TIMED_OUT) std::this_thread::sleep_for(milliseconds(20));
  }
}

void check_settings(const Config& config) {
  for (const auto type : {RD_KAFKA_PRODUCER, RD_KAFKA_CONSUMER}) {
    static_cast<void>(make_conf(type, config, {}, {}));
  }
  for (const auto& [name, limit] : {std::pair{"max_record_bytes", config.max_record_bytes},
                                    std::pair{"max_message_bytes", config.max_message_bytes}}) {
    if (limit == 0) throw Error(errc::invalid_config, fmt::format("Config::{} is 0", name));
  }
}

}  // namespace conveyor::kafka
