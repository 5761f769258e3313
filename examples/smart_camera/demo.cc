#include "demo.h"

#include <algorithm>
#include <atomic>
#include <cinttypes>
#include <cstdio>
#include <exception>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "alarm.h"
#include "conveyor/error.h"
#include "conveyor/media/video.h"
#include "conveyor/producer.h"
#include "store.h"
#include "support/child.h"
#include "support/cluster.h"
#include "view.h"

namespace smart_camera {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using support::Child;
using support::Cluster;

/// A subscriber on a thread of its own.
class Subscription {
 public:
  Subscription(std::string name, std::unique_ptr<Subscriber> subscriber, const ConfigFor& config_for)
      : name_(std::move(name)), subscriber_(std::move(subscriber)), thread_([this, config_for](std::stop_token stop) {
          try {
            subscribe(config_for(name_), *subscriber_, stop, seen_);
          } catch (const std::exception& error) {
            std::fprintf(stderr, "smart_camera: %s: %s\n", name_.c_str(), error.what());
            failed_ = true;
          }
        }) {}

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::int64_t seen() const { return seen_; }
  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] std::string summary() const { return subscriber_->summary(); }  // after finish()
  void finish() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
  }

 private:
  std::string name_;
  std::unique_ptr<Subscriber> subscriber_;
  std::atomic<std::int64_t> seen_{0};
  std::atomic<bool> failed_{false};
  std::jthread thread_;
};

using Subscriptions = std::vector<std::unique_ptr<Subscription>>;
using Detectors = std::vector<std::unique_ptr<Child>>;

Detectors start_detectors(int count, const Cluster& cluster) {
  Detectors detectors;
  for (int i = 1; i <= count; ++i) {
    const std::string name = "detector-" + std::to_string(i);
    detectors.push_back(
        std::make_unique<Child>(name, std::vector<std::string>{"detector", "--name", name}, cluster.environment()));
  }
  for (const auto& detector : detectors) {
    std::printf("%s is process %d\n", detector->name().c_str(), detector->pid());
    std::fflush(stdout);
    if (detector->wait_for_line(30s)) continue;
    if (const auto code = detector->ended()) {
      throw conveyor::Error(conveyor::errc::fatal, detector->name() + " ended with code " + std::to_string(*code));
    }
    // Not an error: with more detectors than partitions some stay idle until another ends.
    std::fprintf(stderr, "smart_camera: %s has got no partitions yet\n", detector->name().c_str());
  }
  return detectors;
}

double seconds(std::chrono::microseconds time) { return std::chrono::duration<double>(time).count(); }

double frames_a_second(const CameraReport& report) {
  return report.busy.count() > 0 ? static_cast<double>(report.processed) / seconds(report.busy) : 0;
}

/// @param part 0.5: the median. @return milliseconds
double quantile_ms(std::vector<std::int64_t> microseconds, double part) {
  if (microseconds.empty()) return 0;
  std::sort(microseconds.begin(), microseconds.end());
  const auto last = static_cast<double>(microseconds.size() - 1);
  return static_cast<double>(microseconds[static_cast<std::size_t>(part * last + 0.5)]) / 1000;
}

void print_progress(Clock::time_point start, const CameraReport& report) {
  std::printf("%5.1f s  sent %4" PRId64 "  processed %4" PRId64 "  people found %5" PRId64 "  %5.1f frames/s\n",
              std::chrono::duration<double>(Clock::now() - start).count(), report.sent, report.processed, report.people,
              frames_a_second(report));
  std::fflush(stdout);
}

/// Not an error either: the others take over its partitions.
void print_ended(const Detectors& detectors) {
  for (const auto& detector : detectors) {
    if (const auto code = detector->ended()) {
      std::fprintf(stderr, "smart_camera: %s ended early, with code %d\n", detector->name().c_str(), *code);
    }
  }
}

void print_report(const CameraReport& report, const Subscriptions& subscriptions) {
  std::printf("\n");
  std::printf("frames sent       %" PRId64 "\n", report.sent);
  std::printf("frames processed  %" PRId64 "%s\n", report.processed,
              report.missing.empty() ? ", every one of them by its number" : "");
  if (report.repeated > 0) std::printf("delivered again   %" PRId64 "\n", report.repeated);
  if (report.dropped > 0) std::printf("frames dropped    %" PRId64 ", to stay live\n", report.dropped);
  if (report.reconnects > 0) std::printf("camera came back  %" PRId64 " times\n", report.reconnects);
  std::printf("people found      %" PRId64 "\n", report.people);
  std::printf("throughput        %.1f frames/s\n", frames_a_second(report));
  std::printf("latency           p50 %.0f ms, p99 %.0f ms, from capture to processed\n",
              quantile_ms(report.latency_us, 0.5), quantile_ms(report.latency_us, 0.99));
  std::printf("  of it           waiting for a detector %.0f ms, detecting %.0f ms (medians)\n",
              quantile_ms(report.wait_us, 0.5), quantile_ms(report.inference_us, 0.5));
  for (const auto& [name, frames] : report.by_detector) std::printf("%-17s %" PRId64 " frames\n", name.c_str(), frames);
  for (const auto& subscription : subscriptions) {
    std::printf("%-17s %s\n", subscription->name().c_str(), subscription->summary().c_str());
  }
}

/// What is wrong with the run, on standard error. @return whether nothing is
bool check(const CameraReport& report, const Subscriptions& subscriptions) {
  bool good = report.sent > 0 && report.complete();
  if (report.sent == 0) std::fprintf(stderr, "smart_camera: the video has no frames\n");
  if (!report.missing.empty()) {
    std::fprintf(stderr, "smart_camera: %zu frames were not processed, the first is %" PRId64 "\n",
                 report.missing.size(), report.missing.front());
  }
  if (report.undecoded + report.cut_off > 0) {
    std::fprintf(stderr,
                 "smart_camera: of the video %" PRId64 " frames could not be decoded, and %" PRId64
                 " that it declares are missing at its end\n",
                 report.undecoded, report.cut_off);
  }
  for (const auto& subscription : subscriptions) {
    if (subscription->failed() || subscription->seen() != report.sent) {
      std::fprintf(stderr, "smart_camera: %s saw %" PRId64 " of %" PRId64 " frames\n", subscription->name().c_str(),
                   subscription->seen(), report.sent);
      good = false;
    }
  }
  return good;
}

/// @return when the condition holds, the stop was requested, or the time has passed
template <class Condition>
void wait_for(Condition condition, const std::stop_token& stop, std::chrono::seconds within) {
  for (const auto deadline = Clock::now() + within;
       !condition() && !stop.stop_requested() && Clock::now() < deadline;) {
    std::this_thread::sleep_for(20ms);
  }
}

}  // namespace

bool run_demo(const DemoOptions& options, const std::stop_token& stop) {
  // Looked at first, so that a wrong name or address does not start anything.
  const double fps = conveyor::media::VideoSource(options.camera.source).fps();
  const double shown_fps = fps > 0 ? std::max(1.0, fps / options.camera.every) : 10;

  const Cluster cluster(options.bootstrap, "smart_camera");
  const ConfigFor config_for = cluster.config_for();
  conveyor::Producer(config_for("")).wait_until_connected(10s);
  std::printf("%s at %s, %d detectors, video %s\n", cluster.embedded() ? "embedded broker" : "Kafka",
              cluster.address().c_str(), options.detectors,
              conveyor::media::without_credentials(options.camera.source).c_str());
  std::fflush(stdout);

  Subscriptions subscriptions;
  const auto subscribe_as = [&](const char* name, std::unique_ptr<Subscriber> subscriber) {
    subscriptions.push_back(std::make_unique<Subscription>(name, std::move(subscriber), config_for));
  };
  subscribe_as("view", std::make_unique<View>(options.out, shown_fps));
  subscribe_as("store", std::make_unique<Store>(options.out / "store"));
  subscribe_as("alert", std::make_unique<Alarm>(options.crowd));
  Detectors detectors = start_detectors(options.detectors, cluster);

  Camera camera(config_for, options.camera);
  std::atomic<bool> filmed{false};
  std::exception_ptr failure;
  std::jthread film([&] {
    try {
      camera.run(stop);
    } catch (...) {
      failure = std::current_exception();
    }
    filmed = true;
  });
  const auto start = Clock::now();
  while (!filmed) {
    wait_for([&] { return filmed.load(); }, {}, 2s);
    print_progress(start, camera.report());
  }
  film.join();

  const CameraReport report = camera.report();
  wait_for(
      [&] {
        return std::all_of(subscriptions.begin(), subscriptions.end(),
                           [&](const auto& each) { return each->failed() || each->seen() >= report.processed; });
      },
      stop, 20s);
  for (const auto& subscription : subscriptions) subscription->finish();
  print_ended(detectors);
  for (const auto& detector : detectors) detector->ask_to_stop();
  if (failure) std::rethrow_exception(failure);
  print_report(report, subscriptions);
  if (stop.stop_requested()) {
    std::fprintf(stderr, "smart_camera: stopped before the end\n");
    return false;
  }
  return check(report, subscriptions);
}

}  // namespace smart_camera
