#include "kafka/client.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <future>
#include <system_error>
#include <thread>
#include <tuple>
#include <utility>

#include "base/printable.h"
#include "kafka/errors.h"
#include "kafka/properties.h"
#include "kafka/sasl_mechanism.h"
#include "kafka/security.h"

namespace conveyor::kafka {

/// Where the log lines of a client go.
struct ClientLog {
  explicit ClientLog(std::shared_ptr<Reporter> to) : reporter(std::move(to)) {}

  const std::shared_ptr<Reporter> reporter;
  JoinWatch watch;
  int highest_level = 7;  ///< syslog level; more verbose lines were not asked for
};

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
  auto* log = handle != nullptr ? static_cast<ClientLog*>(rd_kafka_opaque(handle)) : nullptr;
  if (log == nullptr) return;
  try {
    log->watch.log_line(facility, text);
    if (level > log->highest_level) return;
    // This line is about brokers before 0.11 and about the mock cluster. Every metadata request would cause one.
    const Severity severity = facility == std::string_view("AUTOCREATE") ? Severity::kDebug : severity_of(level);
    log->reporter->log(severity, "librdkafka", fmt::format("{}: {}", facility, text));
  } catch (...) {
    return;  // out of memory: drop the log line
  }
}

constexpr std::size_t kLongestReason = 500;

void set(rd_kafka_conf_t* conf, const std::string& name, const std::string& value) {
  if (value.find('\0') != std::string::npos) {
    throw Error(errc::invalid_config, fmt::format("Kafka property {}: its value contains a NUL byte", name));
  }
  std::array<char, 512> error{};
  const auto result = rd_kafka_conf_set(conf, name.c_str(), value.c_str(), error.data(), error.size());
  if (result == RD_KAFKA_CONF_OK) return;
  if (result == RD_KAFKA_CONF_UNKNOWN) check_property_name(name);
  throw Error(errc::invalid_config, fmt::format("Kafka property {}: {}", name,
                                                is_secret_property(name) ? "librdkafka refuses this value"
                                                                         : printable(error.data(), kLongestReason)));
}

ClientLibrary linked_library() {
  const Conf conf{rd_kafka_conf_new()};
  std::array<char, 512> features{};
  std::size_t size = features.size();
  rd_kafka_conf_get(conf.get(), "builtin.features", features.data(), &size);
  return {.version = rd_kafka_version(), .features = features.data()};
}

Security checked_security(const Config& config) {
  if (config.bootstrap_servers.empty()) {
    throw Error(errc::invalid_config, "Config::bootstrap_servers is empty; set it to host:port of a Kafka broker");
  }
  for (const auto& [name, value] : config.properties) check_property_name(name);
  Security security = security_of(config.tls, config.sasl, config.properties);
  const ClientLibrary library = linked_library();
  check_mechanism(security, library);
  check_token_source(security, config.properties, library);
  check_kerberos(security, config.properties);
  check_security_files(security, config.properties);
  return security;
}

enum class Purpose { kUse, kCheck };

// Setting this property loads the plugins.
constexpr std::string_view kPlugins = "plugin.library.paths";

Conf make_conf(rd_kafka_type_t type, const Config& config, const Security& security, const Properties& defaults,
               const Properties& required, Purpose purpose) {
  Conf conf{rd_kafka_conf_new()};
  // Without an address the client connects to nobody.
  if (purpose == Purpose::kUse) set(conf.get(), "bootstrap.servers", config.bootstrap_servers);
  if (!config.service.empty() && config.service != "NOTSET") set(conf.get(), "client.id", config.service);
  for (const auto& [name, value] : defaults) set(conf.get(), name, value);
  for (const auto& [name, value] : config.properties) {
    if (is_security_property(name) || (purpose == Purpose::kCheck && name == kPlugins)) continue;
    const PropertyScope scope = known_properties().find(name)->second;
    if (type == RD_KAFKA_PRODUCER ? scope.producer : scope.consumer) set(conf.get(), name, value);
  }
  for (const auto& [name, value] : security.properties) set(conf.get(), name, value);
  for (const auto& [name, value] : required) set(conf.get(), name, value);
  return conf;
}

std::string value_of(const rd_kafka_conf_t* conf, const char* name) {
  std::array<char, 512> value{};
  std::size_t size = value.size();
  return rd_kafka_conf_get(conf, name, value.data(), &size) == RD_KAFKA_CONF_OK ? value.data() : "";
}

// Makes librdkafka log its decisions to join, for the JoinWatch alone, with versions and assignors where a commit after
// such a decision does harm: see JoinWatch.
void log_joins(rd_kafka_conf_t* conf, ClientLog& log) {
  constexpr int kHarmlessIn = 0x020a00ff;
  const bool cooperative = value_of(conf, "partition.assignment.strategy").find("cooperative") != std::string::npos;
  if (rd_kafka_version() >= kHarmlessIn || !cooperative) return;
  const std::string asked_for = value_of(conf, "debug");
  const std::string level = value_of(conf, "log_level");
  set(conf, "debug", asked_for.empty() ? "cgrp" : asked_for + ",cgrp");
  if (asked_for.empty()) std::from_chars(level.data(), level.data() + level.size(), log.highest_level);
  log.watch.reads_log();
}

// librdkafka's text about a wrong key password names neither the password nor the setting.
std::string_view hint_for(std::string_view reason) {
  if (reason.find("ssl.key.location failed") == std::string_view::npos) return "";
  return "; check Config::tls.key_file and its password, Config::tls.key_password (CONVEYOR_TLS_KEY_PASSWORD)";
}

rd_kafka_t* make_handle(rd_kafka_type_t type, Conf conf) {
  std::array<char, 512> error{};
  rd_kafka_t* handle = rd_kafka_new(type, conf.get(), error.data(), error.size());
  if (handle == nullptr) {
    throw Error(errc::invalid_config, fmt::format("librdkafka refuses these settings: {}{}",
                                                  printable(error.data(), kLongestReason), hint_for(error.data())));
  }
  static_cast<void>(conf.release());  // the handle owns it now
  return handle;
}

// Lets librdkafka refresh OAUTHBEARER tokens on a thread of its own. Otherwise whoever polls events would have to do
// it.
void refresh_tokens_in_background(rd_kafka_t* handle) {
  const KafkaError error{rd_kafka_sasl_background_callbacks_enable(handle)};
  // Other mechanisms need no tokens.
}

// Keep the result as long as the client: the threads that call it may outlive those who made it.
std::shared_ptr<TokenWatch> watch_of_tokens(const std::shared_ptr<Reporter>& reporter, const std::string& endpoint) {
  const auto missing = [reporter, endpoint] {
    const std::string text =
        fmt::format("no OAUTHBEARER token from {} for {} s; the client connects to no broker without one; {}", endpoint,
                    TokenWatch::kTellAfter.count(),
                    advice_for(ConnectionFailure::kNoToken, reporter->security(), rd_kafka_version()));
    reporter->record_error(RD_KAFKA_RESP_ERR__AUTHENTICATION, text);
    reporter->report({.kind = Event::Kind::kClientError, .error = errc::not_authorized, .text = text},
                     Severity::kWarning);
  };
  return std::make_shared<TokenWatch>(missing, [reporter] { reporter->token_given(); });
}

}  // namespace

Client::Client(rd_kafka_type_t type, const Config& config, const Properties& defaults, const Properties& required,
               int enabled_events, std::shared_ptr<Reporter> reporter)
    : reporter_(reporter != nullptr ? std::move(reporter) : std::make_shared<Reporter>(config.observer)),
      log_(std::make_shared<ClientLog>(reporter_)) {
  const Security security = checked_security(config);
  reporter_->secured_by(security);
  Conf conf = make_conf(type, config, security, defaults, required, Purpose::kUse);
  rd_kafka_conf_set_opaque(conf.get(), log_.get());
  rd_kafka_conf_set_log_cb(conf.get(), &on_log);
  if (type == RD_KAFKA_CONSUMER) {
    log_->watch.watch(conf.get());
    log_joins(conf.get(), *log_);
  }
  if (asks_for_tokens(security, config.properties)) {
    tokens_ = watch_of_tokens(reporter_, security.token_endpoint);
    tokens_->watch(conf.get());
  }
  rd_kafka_conf_set_events(conf.get(), enabled_events);
  rd_kafka_conf_enable_sasl_queue(conf.get(), 1);
  handle_ = make_handle(type, std::move(conf));
  refresh_tokens_in_background(handle_);
  if (tokens_ != nullptr) tokens_->begin();
}

Client::~Client() {
  if (handle_ == nullptr) return;  // the destruction was begun, and is waited for by whoever began it
  begin_destroy();
  wait_until_gone(milliseconds(5'000));
}

void Client::begin_destroy(std::function<void(rd_kafka_t*)> last, std::shared_ptr<void> keep) {
  if (handle_ == nullptr) return;
  std::promise<void> gone;
  gone_ = gone.get_future();
  rd_kafka_t* const handle = std::exchange(handle_, nullptr);
  // What the handle uses must live until the handle is destroyed, or for ever.
  auto* const used = new auto(std::tuple(log_, tokens_, std::move(keep)));
  if (tokens_ != nullptr) tokens_->end();
  try {
    std::thread([handle, used, kept = kept_, last = std::move(last), gone = std::move(gone)]() mutable {
      if (last) last(handle);
      last = nullptr;
      if (!kept) {
        rd_kafka_destroy_flags(handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
        delete used;
      }
      gone.set_value();
    }).detach();
  } catch (const std::system_error& error) {
    // Do not destroy the handle here: this may be a destructor, and it might block for ever.
    reporter_->log(
        Severity::kError, "conveyor",
        fmt::format("a librdkafka client is leaked, because no thread can be started to destroy it: {}", error.what()));
  }
}

JoinWatch& Client::join_watch() const noexcept { return log_->watch; }

bool Client::wait_until_gone(milliseconds within) {
  // Such a client has never talked to a broker, and the token endpoint may block its thread for long.
  constexpr milliseconds kWithoutToken{500};
  const bool without_token = tokens_ != nullptr && tokens_->waiting();
  if (without_token) within = std::min(within, kWithoutToken);
  if (!gone_.valid() || gone_.wait_for(within) == std::future_status::ready) return true;
  gone_ = {};  // nobody waits for it again
  reporter_->log(
      Severity::kError, "conveyor",
      fmt::format(
          "librdkafka did not destroy a client within {} ms; its thread is left running{}", within.count(),
          without_token ? " and ends when " + reporter_->security().token_endpoint + " answers, or in 20 s" : ""));
  return false;
}

bool Client::is_gone() const { return !gone_.valid() || gone_.wait_for(milliseconds(0)) == std::future_status::ready; }

std::string Client::report_fatal() {
  std::array<char, 512> reason{};
  const rd_kafka_resp_err_t error = rd_kafka_fatal_error(handle_, reason.data(), reason.size());
  std::string text = fmt::format("the Kafka client failed permanently: {}", reason.data());
  reporter_->record_error(error, text);
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
  reporter_->record_error(error, text);
  const bool down = error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN;
  reporter_->report({.kind = down ? Event::Kind::kBrokersDown : Event::Kind::kClientError,
                     .error = errc_of(error, errc::retryable),
                     .text = text},
                    Severity::kWarning);
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

Error unreachable(const Reporter& reporter, std::string_view bootstrap_servers, milliseconds waited) {
  const std::string error_text = reporter.last_error_text();
  const std::string why = error_text.empty() ? std::string() : fmt::format(" ({})", error_text);
  const ConnectionFailure failure = connection_failure_of(reporter.last_error(), error_text);
  const std::string advice = advice_for(failure, reporter.security(), rd_kafka_version());
  if (failure == ConnectionFailure::kNoToken) {
    return {errc::not_authorized, fmt::format("no OAUTHBEARER token for the brokers at {} arrived within {} ms{}; {}",
                                              bootstrap_servers, waited.count(), why, advice)};
  }
  if (is_final(failure)) {
    const std::string what = failure == ConnectionFailure::kTls
                                 ? fmt::format("TLS with the brokers at {} failed", bootstrap_servers)
                                 : fmt::format("the brokers at {} refused the credentials", bootstrap_servers);
    return {errc::not_authorized, fmt::format("{}{}; {}", what, why, advice)};
  }
  if (failure == ConnectionFailure::kNone && reporter.last_error() != RD_KAFKA_RESP_ERR__AUTHENTICATION &&
      errc_of(reporter.last_error(), errc::broker_unreachable) == errc::not_authorized) {
    return {errc::not_authorized,
            fmt::format("the brokers at {} refused access{}; check the rights of this user", bootstrap_servers, why)};
  }
  return {errc::broker_unreachable, fmt::format("no Kafka broker answered at {} within {} ms{}; {}", bootstrap_servers,
                                                waited.count(), why, advice)};
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
    if (left <= slice || reporter_->rejected()) throw unreachable(*reporter_, bootstrap_servers, within);
    // A refused connection answers at once. The client waits before it tries again, so wait here too.
    if (error != RD_KAFKA_RESP_ERR__TIMED_OUT) std::this_thread::sleep_for(milliseconds(20));
  }
}

namespace {

void give_no_token(rd_kafka_t*, const char*, void*) {}

}  // namespace

void check_client(rd_kafka_type_t type, const Config& config, const Properties& defaults, const Properties& required) {
  const Security security = checked_security(config);
  Conf conf = make_conf(type, config, security, defaults, required, Purpose::kCheck);
  // Without this callback librdkafka would ask the endpoint for a token.
  if (asks_for_tokens(security, config.properties)) {
    rd_kafka_conf_set_oauthbearer_token_refresh_cb(conf.get(), &give_no_token);
  }
  rd_kafka_conf_set_log_cb(conf.get(), &on_log);  // drop the log lines: the error says the same
  // With another value librdkafka would run kinit. As a result kinit's command is not checked.
  set(conf.get(), "sasl.kerberos.min.time.before.relogin", "0");
  rd_kafka_destroy_flags(make_handle(type, std::move(conf)), RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

}  // namespace conveyor::kafka
