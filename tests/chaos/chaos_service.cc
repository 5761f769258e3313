// chaos_service --input TOPIC --output TOPIC ...: a service as it is run, which behaves as badly as its messages ask it
// to.
//
// Image.source of a message says what its handler does before it answers: "throw"; "retry N", a RetryableError N times;
// "abort"; "sleep MILLISECONDS". The answer names the input record and, in model.name, this service. Standard output
// gets `ready`, `event TIME KIND PARTITION OFFSET` lines and, after a clean stop, a `report` line.

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "chaos/flags.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "conveyor/worker.h"

namespace conveyor::tests {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using v1::Image;
using v1::Prediction;

long long now_ms() { return duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count(); }

class PrintingObserver final : public Observer {
 public:
  void print_all() noexcept { lowest_ = Severity::kDebug; }
  /// The process aborts so long after it was given its first partition, whatever it does then.
  void abort_after(milliseconds time) noexcept { abort_after_ = time; }

  void on_log(const LogLine& line) override {
    if (line.severity < lowest_) return;
    std::fprintf(stderr, "%lld %.*s\n", now_ms(), static_cast<int>(line.text.size()), line.text.data());
  }
  void on_event(const Event& event) override {
    const std::string_view kind = name_of(event.kind);
    if (event.kind == Event::Kind::kAssigned && abort_after_.count() > 0 && !std::exchange(aborts_, true)) {
      std::thread([time = abort_after_] {
        std::this_thread::sleep_for(time);
        std::abort();
      }).detach();
    }
    std::printf("event %lld %.*s %d %lld\n", now_ms(), static_cast<int>(kind.size()), kind.data(), event.partition,
                static_cast<long long>(event.offset));
  }

 private:
  Severity lowest_ = Severity::kWarning;
  milliseconds abort_after_{0};
  bool aborts_ = false;  // events of partitions come from one thread
};

struct Settings {
  Config config;
  WorkerOptions worker;
  std::shared_ptr<PrintingObserver> observer = std::make_shared<PrintingObserver>();
  std::string name = "service";
  std::string input = "input";
  std::string output = "output";
  microseconds work{0};
};

Order order_named(const std::string& name) {
  static const std::map<std::string, Order> kOrders{
      {"partition", Order::kPartition}, {"key", Order::kKey}, {"unordered", Order::kUnordered}};
  return kOrders.at(name);
}

void misbehave(const std::string& how, const Context& context) {
  std::istringstream words(how);
  std::string what;
  int number = 0;
  words >> what >> number;
  if (what == "throw") throw std::runtime_error("asked to throw");
  if (what == "abort") std::abort();
  if (what == "retry" && context.attempt() <= number) throw RetryableError("asked to be tried again");
  if (what == "sleep") std::this_thread::sleep_for(milliseconds(number));
}

Prediction answer(const Settings& settings, const Message<Image>& message, const Context& context) {
  misbehave(message.value().source(), context);
  if (settings.work.count() > 0) std::this_thread::sleep_for(settings.work);
  Prediction prediction;
  prediction.set_frame(message.value().frame());
  prediction.mutable_model()->set_name(settings.name);
  prediction.mutable_input()->set_partition(message.partition());
  prediction.mutable_input()->set_offset(message.offset());
  return prediction;
}

Flags flags_of(Settings& settings) {
  Flags flags;
  const auto text = [&](const char* name, const char* help, std::string& to) {
    flags.add(name, "TEXT", help, [&to](const std::string& value) { to = value; });
  };
  const auto time = [&](const char* name, const char* help, milliseconds& to) {
    flags.add(name, "MS", help, [&to](const std::string& value) { to = milliseconds(std::stoll(value)); });
  };
  const auto size = [&](const char* name, const char* help, std::size_t& to) {
    flags.add(name, "N", help, [&to](const std::string& value) { to = std::stoull(value); });
  };
  text("bootstrap", "the brokers", settings.config.bootstrap_servers);
  text("group", "the consumer group", settings.config.group);
  text("name", "of this process, in its answers", settings.name);
  text("input", "topic of Image", settings.input);
  text("output", "topic of Prediction, raw", settings.output);
  time("commit-interval", "WorkerOptions::commit_interval", settings.worker.commit_interval);
  time("initial-backoff", "RetryOptions::initial_backoff", settings.worker.retry.initial_backoff);
  time("max-backoff", "RetryOptions::max_backoff", settings.worker.retry.max_backoff);
  size("max-in-flight", "WorkerOptions::max_in_flight", settings.worker.max_in_flight);
  size("max-message-bytes", "Config::max_message_bytes", settings.config.max_message_bytes);
  flags.add("threads", "N", "handler threads", [&](const auto& n) { settings.worker.threads = std::stoi(n); });
  flags.add("crash-attempts", "N", "WorkerOptions::crash_attempts",
            [&](const auto& n) { settings.worker.crash_attempts = std::stoi(n); });
  time("crash-probation", "WorkerOptions::crash_probation", settings.worker.crash_probation);
  flags.add("abort-after", "MS", "after its first assignment the process aborts, whatever it does",
            [&](const auto& ms) { settings.observer->abort_after(milliseconds(std::stoll(ms))); });
  flags.add("work", "MICROSECONDS", "that each message takes",
            [&](const auto& n) { settings.work = microseconds(std::stoll(n)); });
  flags.add("exactly-once", "INSTANCE", "in transactions; a name that no other worker of the group has",
            [&](const std::string& instance) {
              settings.worker.exactly_once.enabled = true;
              settings.worker.exactly_once.instance = instance;
            });
  flags.add("order", "ORDER", "partition, key or unordered",
            [&](const auto& name) { settings.worker.order = order_named(name); });
  flags.add_switch("dead-letters", "hopeless records go to INPUT-dlt",
                   [&] { settings.worker.dead_letter.enabled = true; });
  flags.add_switch("verbose", "prints the log lines of all severities", [&] { settings.observer->print_all(); });
  flags.add("property", "NAME=VALUE", "any Kafka property", [&](const std::string& property) {
    const auto equals = property.find('=');
    if (equals == property.npos) throw std::invalid_argument(property);
    settings.config.properties[property.substr(0, equals)] = property.substr(equals + 1);
  });
  return flags;
}

int run(const Settings& settings) {
  Worker worker(settings.config, settings.worker);
  worker.transform(Channel<Image>::named(settings.input),
                   Channel<Prediction>::named(settings.output, {.codec = Codec::kRaw}),
                   [&](const Message<Image>& message, Context& context) { return answer(settings, message, context); });
  const auto stop = stop_on_signals();
  std::puts("ready");
  const RunReport report = worker.run(stop);
  std::printf("report handled=%llu left=%llu dead_lettered=%llu rebalances=%llu commit_errors=%llu\n",
              static_cast<unsigned long long>(report.handled), static_cast<unsigned long long>(report.left),
              static_cast<unsigned long long>(report.dead_lettered),
              static_cast<unsigned long long>(worker.counters().rebalances),
              static_cast<unsigned long long>(worker.counters().commit_errors));
  return 0;
}

}  // namespace
}  // namespace conveyor::tests

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  conveyor::tests::Settings settings;
  settings.config.observer = settings.observer;
  const auto flags = flags_of(settings);
  try {
    flags.parse({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "chaos_service: %s\n%s", error.what(), flags.help().c_str());
    return 2;
  }
  try {
    return run(settings);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "chaos_service: %s\n", error.what());
    return 1;
  }
}
