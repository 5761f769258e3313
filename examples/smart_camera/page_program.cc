#include "page_program.h"

#include <atomic>
#include <cstdio>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "alerts.h"
#include "conveyor/consumer.h"
#include "own_group.h"
#include "page.h"
#include "store.h"
#include "support/readable.h"

namespace smart_camera {
namespace {

/// Threads of which the first that fails ends the others.
class Together {
 public:
  template <class Run>
  void run(Run call) {
    threads_.emplace_back([this, call = std::move(call)] {
      try {
        call(stop_.get_token());
      } catch (...) {
        const std::lock_guard lock(mutex_);
        if (!failure_) failure_ = std::current_exception();
      }
      stop_.request_stop();
    });
  }
  void stop() { stop_.request_stop(); }
  /// @throws what the first of them threw
  void join() {
    threads_.clear();
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  std::stop_source stop_;
  std::mutex mutex_;
  std::exception_ptr failure_;
  std::vector<std::jthread> threads_;
};

}  // namespace

void run_page(const ConfigFor& config_for, const PageOptions& options, const std::stop_token& stop) {
  support::PictureStore pictures(options.out / "store");
  Page page(options.port, pictures);
  Store store(pictures, options.steady);
  std::printf("page: %s\n", page.url().c_str());
  std::fflush(stdout);

  const conveyor::ConsumerOptions from_now{.start_at = conveyor::StartAt::kLatest};
  Together threads;
  const std::stop_callback pass_on(stop, [&] { threads.stop(); });
  threads.run([&](const std::stop_token& until) {
    conveyor::ConsumerOptions reading = from_now;
    reading.stop = until;
    conveyor::Consumer consumer(config_for(own_group("page")), kProcessed, reading);
    support::for_each_readable(
        consumer, [&](const auto& message) { page.on_processed(message.value(), message.metadata().sending_service); });
  });
  threads.run([&](const std::stop_token& until) {
    std::atomic<std::int64_t> seen{0};
    subscribe(config_for(own_group("page-store")), store, until, seen);
  });
  threads.run([&](const std::stop_token& until) {
    read_alerts(config_for(own_group("page-alerts")), from_now.start_at, until,
                [&](const Alert& alert) { page.on_alert(alert); });
  });
  threads.join();
}

}  // namespace smart_camera
