#include "demo.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <exception>
#include <memory>
#include <thread>
#include <utility>

#include "alerts.h"
#include "cameras.h"
#include "conveyor/consumer.h"
#include "conveyor/media/video.h"
#include "conveyor/producer.h"
#include "demo_report.h"
#include "detector_pool.h"
#include "page.h"
#include "store.h"
#include "subscription.h"
#include "support/readable.h"
#include "view.h"

namespace smart_camera {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// @return when the condition holds, or the time has passed
template <class Condition>
void wait_for(Condition condition, std::chrono::milliseconds within) {
  for (const auto deadline = Clock::now() + within; !condition() && Clock::now() < deadline;) {
    std::this_thread::sleep_for(20ms);
  }
}

std::unique_ptr<support::Child> start_detector(const DetectorOptions& options, const std::string& name,
                                               const std::map<std::string, std::string>& environment) {
  std::vector<std::string> arguments{"detector", "--of-demo", "--name",
                                     name,       "--threads", std::to_string(options.threads)};
  if (!options.detector.empty()) arguments.insert(arguments.end(), {"--detector", options.detector});
  return std::make_unique<support::Child>(name, arguments, environment);
}

/// All parts of a demo, in the order in which they depend on each other.
class Demo {
 public:
  // Cameras are opened first, so that a wrong name or address does not start anything.
  explicit Demo(const DemoOptions& options)
      : options_(options),
        cameras_(options.cameras),
        detector_count_(options.detectors > 0 ? options.detectors
                        : cameras_.any_live() ? 1
                                              : 2),
        cluster_(options.bootstrap, "smart_camera"),
        config_for_(cluster_.config_for()),
        pictures_(options.out / "store"),
        detectors_([this](const std::string& name) {
          return start_detector(options_.detector, name, cluster_.environment());
        }),
        page_(options.port, pictures_, {.cameras = [this] { return cameras_.reports(); }, .detectors = &detectors_}),
        view_(options.out, shown_fps()),
        store_(pictures_, options.steady) {}

  bool run(const std::stop_token& stop) {
    conveyor::Producer(config_for_("")).wait_until_connected(10s);
    say_hello();
    subscribe_all();
    cameras_.connect(config_for_, "cameras");
    constexpr auto kStart = 30s;
    detectors_.start(detector_count_, kStart);
    const std::exception_ptr failure = film(stop);
    finish(stop);
    if (failure) std::rethrow_exception(failure);
    return report(stop);
  }

 private:
  [[nodiscard]] double shown_fps() const {
    constexpr double kGuess = 10;
    const double fps = cameras_.fps() / options_.cameras.front().reader.every;
    return fps > 0 ? std::max(1.0, fps) : kGuess;
  }

  void say_hello() const {
    std::printf("%s at %s, %d detectors (%s)\n", cluster_.embedded() ? "embedded broker" : "Kafka",
                cluster_.address().c_str(), detector_count_,
                options_.detector.detector.empty() ? default_detector().c_str() : options_.detector.detector.c_str());
    for (const CameraOptions& camera : options_.cameras) {
      std::printf("%s is %s\n", camera.name.c_str(),
                  conveyor::media::without_credentials(camera.reader.source).c_str());
    }
    std::printf("page: %s\n", page_.url().c_str());
    std::fflush(stdout);
  }

  void add(const char* name, Subscription::Run run) {
    subscriptions_.push_back(std::make_unique<Subscription>(name, std::move(run)));
  }
  void add(const char* name, Subscriber& subscriber) {
    add(name, [this, name, &subscriber](const std::stop_token& stop, std::atomic<std::int64_t>& seen) {
      subscribe(config_for_(name), subscriber, stop, seen);
    });
  }

  void subscribe_all() {
    add("page", [this](const std::stop_token& stop, std::atomic<std::int64_t>& seen) {
      conveyor::Consumer consumer(config_for_("page"), kProcessed, {.stop = stop});
      support::for_each_readable(consumer, [&](const auto& message) {
        page_.on_processed(message.value(), message.metadata().sending_service);
        seen = page_.frames();
      });
    });
    add("store", store_);
    if (options_.record.value_or(!cameras_.any_live())) add("view", view_);
    add("alert", [this](const std::stop_token& stop, std::atomic<std::int64_t>&) {
      send_alerts(config_for_, options_.crowd, stop, alerts_);
    });
    alert_reader_ =
        std::make_unique<Subscription>("alerts", [this](const std::stop_token& stop, std::atomic<std::int64_t>& seen) {
          read_alerts(config_for_("alerts"), conveyor::StartAt::kEarliest, stop, [&](const Alert& alert) {
            std::printf("ALERT  %s\n", alert_text(alert).c_str());
            std::fflush(stdout);
            page_.on_alert(alert);
            ++seen;
          });
        });
  }

  /// Until the cameras end. Detectors are looked after here: they belong to the main thread.
  std::exception_ptr film(const std::stop_token& stop) {
    std::atomic<bool> filmed{false};
    std::exception_ptr failure;
    std::jthread thread([&] {
      try {
        cameras_.run(config_for_, stop);
      } catch (...) {
        failure = std::current_exception();
      }
      filmed = true;
    });
    const auto start = Clock::now();
    auto next_line = start;
    while (!filmed) {
      wait_for([&] { return filmed.load(); }, 100ms);
      detectors_.step();
      if (!filmed && Clock::now() < next_line) continue;
      next_line += 2s;
      const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
      std::printf("%s\n", progress_line(seconds, cameras_.reports()).c_str());
      std::fflush(stdout);
    }
    thread.join();
    return failure;
  }

  [[nodiscard]] std::int64_t seen_by(const Subscription& subscription) const {
    return subscription.name() == "alert" ? alerts_.frames.load() : subscription.seen();
  }

  void finish(const std::stop_token& stop) {
    std::int64_t processed = 0;
    for (const CameraReport& camera : cameras_.reports()) processed += camera.processed;
    const bool in_a_hurry = stop.stop_requested() && !cameras_.any_live();
    const auto within = in_a_hurry ? 0ms : 20'000ms;
    wait_for(
        [&] {
          return std::all_of(subscriptions_.begin(), subscriptions_.end(),
                             [&](const auto& each) { return each->failed() || seen_by(*each) >= processed; });
        },
        within);
    for (const auto& subscription : subscriptions_) subscription->finish();
    wait_for([&] { return alert_reader_->failed() || alert_reader_->seen() >= alerts_.sent; },
             in_a_hurry ? 0ms : 5'000ms);
    alert_reader_->finish();
    detectors_.stop();
    // Browsers have what they were sent, and a moment to say so.
    wait_for([&] { return page_.report().waiting == 0; }, in_a_hurry ? 0ms : 1'000ms);
  }

  bool report(const std::stop_token& stop) const {
    const std::vector<CameraReport> cameras = cameras_.reports();
    std::vector<SubscriberReport> subscribers;
    for (const auto& each : subscriptions_) {
      subscribers.push_back({each->name(), seen_by(*each), each->failed(), summary_of(each->name())});
    }
    const PageReport page = page_.report();
    std::printf("%s", report_text(cameras, page, subscribers).c_str());
    std::fflush(stdout);
    if (stop.stop_requested() && !cameras_.any_live()) {
      std::fprintf(stderr, "smart_camera: stopped before the end\n");
      return false;
    }
    const std::vector<std::string> wrong = problems(cameras, page, subscribers, stop.stop_requested());
    for (const std::string& each : wrong) std::fprintf(stderr, "smart_camera: %s\n", each.c_str());
    return wrong.empty();
  }

  [[nodiscard]] std::string summary_of(const std::string& subscription) const {
    if (subscription == "store") return store_.summary();
    if (subscription == "view") return view_.summary();
    if (subscription == "alert") {
      return std::to_string(alerts_.sent) + " alerts (" + std::to_string(options_.crowd) + " people or more)";
    }
    return page_.url();
  }

  const DemoOptions options_;
  Cameras cameras_;
  const int detector_count_;
  const support::Cluster cluster_;
  const ConfigFor config_for_;
  support::PictureStore pictures_;
  DetectorPool detectors_;
  Page page_;
  View view_;
  Store store_;
  AlertCounts alerts_;
  std::vector<std::unique_ptr<Subscription>> subscriptions_;
  std::unique_ptr<Subscription> alert_reader_;
};

}  // namespace

bool run_demo(const DemoOptions& options, const std::stop_token& stop) { return Demo(options).run(stop); }

}  // namespace smart_camera
