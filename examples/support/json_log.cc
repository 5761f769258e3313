#include "support/json_log.h"

#include <unistd.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "support/time_text.h"

namespace support {
namespace {

constexpr std::size_t kLongestText = std::size_t{64} << 10;

std::string_view level_of(conveyor::Severity severity) {
  switch (severity) {
    case conveyor::Severity::kDebug:
      return "debug";
    case conveyor::Severity::kInfo:
      return "info";
    case conveyor::Severity::kWarning:
      return "warn";
    case conveyor::Severity::kError:
      return "error";
  }
  return "error";
}

std::string_view level_of(conveyor::Event::Kind kind) {
  using Kind = conveyor::Event::Kind;
  const bool usual = kind == Kind::kAssigned || kind == Kind::kRevoked || kind == Kind::kRecovered;
  return usual ? "info" : "warn";
}

thread_local std::string last_event_text;

class JsonLog final : public conveyor::Observer {
 public:
  JsonLog(std::string service, std::FILE* out) : service_(std::move(service)), out_(out) {}

  void on_log(const conveyor::LogLine& line) override {
    // The library logs what it reports as an event, with the same text, directly after it.
    const std::string reported = std::exchange(last_event_text, {});
    if (line.source == "conveyor" && !reported.empty() && line.text == reported) return;
    write(entry(level_of(line.severity), line.source, line.text));
  }

  void on_event(const conveyor::Event& event) override {
    last_event_text = event.text;
    nlohmann::ordered_json fields = entry(level_of(event.kind), "conveyor", event.text);
    if (event.text.empty()) fields["message"] = conveyor::name_of(event.kind);
    fields["event.action"] = conveyor::name_of(event.kind);
    if (!event.topic.empty()) fields["kafka.topic"] = event.topic;
    if (event.partition >= 0) fields["kafka.partition"] = event.partition;
    if (event.offset >= 0) fields["kafka.offset"] = event.offset;
    if (event.error) fields["error.message"] = event.error.message();
    write(fields);
  }

 private:
  [[nodiscard]] nlohmann::ordered_json entry(std::string_view level, std::string_view logger,
                                             std::string_view text) const {
    const auto now = std::chrono::system_clock::now().time_since_epoch() / std::chrono::microseconds(1);
    return {{"@timestamp", time_text(now)}, {"log.level", level},       {"message", text.substr(0, kLongestText)},
            {"log.logger", logger},         {"service.name", service_}, {"process.pid", getpid()},
            {"ecs.version", "8.11.0"}};
  }

  void write(const nlohmann::ordered_json& fields) {
    // A text may quote bytes from outside that are no UTF-8; they become U+FFFD.
    const std::string line = fields.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
    std::fwrite(line.data(), 1, line.size(), out_);
    std::fflush(out_);
  }

  const std::string service_;
  std::FILE* const out_;
};

}  // namespace

std::shared_ptr<conveyor::Observer> json_log(std::string service, std::FILE* out) {
  return std::make_shared<JsonLog>(std::move(service), out);
}

}  // namespace support
