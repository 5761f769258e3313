#include "feed.h"

#include <chrono>
#include <optional>
#include <thread>
#include <utility>

#include "channels.h"
#include "conveyor/consumer.h"
#include "conveyor/observer.h"
#include "support/on_assigned.h"

namespace image_messaging {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// What a consumer of the feed has in common: it shows what comes now, and holds little of it.
conveyor::Config consumer_config(const support::ConfigFor& config_for, const std::string& group,
                                 const std::function<void()>& assigned) {
  conveyor::Config config = config_for(group);
  config.properties["allow.auto.create.topics"] = "true";  // nothing may have been sent yet
  config.properties.try_emplace("queued.max.messages.kbytes", "4096");
  config.observer = std::make_shared<support::OnAssigned>(config.observer, assigned);
  return config;
}

std::shared_ptr<conveyor::Observer> observer_of(const support::ConfigFor& config_for) {
  const auto observer = config_for("").observer;
  return observer ? observer : conveyor::stderr_observer();
}

/// A thread that reads; what ends it ends the others too.
class Reader {
 public:
  template <class Read>
  Reader(std::stop_source& all, Read read)
      : thread_([this, &all, read] {
          try {
            read(all.get_token());
          } catch (...) {
            failed_ = std::current_exception();
            all.request_stop();
          }
        }) {}
  /// @throws what the thread threw
  void finish() {
    thread_.join();
    if (failed_) std::rethrow_exception(failed_);
  }

 private:
  std::exception_ptr failed_;
  std::jthread thread_;
};

/// However a scope is left.
struct StopAtEnd {
  std::stop_source source;
  ~StopAtEnd() { source.request_stop(); }
};

}  // namespace

Feed::Feed(const support::ConfigFor& config_for, FeedOptions options)
    : config_for_(config_for),
      options_(std::move(options)),
      join_(options_.join),
      order_(options_.order),
      page_(options_.page, observer_of(config_for)) {}

void Feed::run(const std::stop_token& stop, const std::function<void()>& ready) {
  std::stop_source all;
  const std::stop_callback pass_on(stop, [&] { all.request_stop(); });
  std::atomic<int> assigned{0};
  const auto count = [&] {
    if (++assigned == 2) ready();
  };
  Reader frames(all, [&](const std::stop_token& token) { read_frames(token, count); });
  Reader predictions(all, [&](const std::stop_token& token) { read_predictions(token, count); });
  const StopAtEnd at_end{all};
  for (auto next_report = Clock::now(); !all.stop_requested();) {
    if (auto event = events_.pop(50ms)) take(std::move(*event));
    join_.expire(Clock::now());
    show_what_is_ready();
    if (Clock::now() >= next_report) {
      announce();
      next_report += 1s;
    }
  }
  frames.finish();
  predictions.finish();
  while (auto event = events_.pop(0ms)) take(std::move(*event));
  join_.finish();
  show_what_is_ready();
  order_.finish();
  show_what_is_ready();
}

void Feed::read_frames(const std::stop_token& stop, const std::function<void()>& assigned) {
  conveyor::Consumer consumer(consumer_config(config_for_, options_.group, assigned), kVideoStream,
                              {.start_at = conveyor::StartAt::kLatest, .stop = stop});
  for (const auto& message : consumer) {
    if (!message.has_value()) {  // no Image: the labellers make a dead letter of it
      consumer.skip();
      continue;
    }
    Arrived arrived;
    arrived.record.set_topic(std::string(message.topic()));
    arrived.record.set_partition(message.partition());
    arrived.record.set_offset(message.offset());
    arrived.record.set_uuid(std::string(message.metadata().uuid));
    arrived.frame.image = message.value();
    arrived.frame.written = message.record().timestamp;
    if (!events_.push(std::move(arrived), stop)) return;
  }
}

void Feed::read_predictions(const std::stop_token& stop, const std::function<void()>& assigned) {
  conveyor::Consumer consumer(consumer_config(config_for_, options_.group + "-predictions", assigned), kPredictions,
                              {.start_at = conveyor::StartAt::kLatest, .stop = stop});
  for (const auto& message : consumer) {
    if (!message.has_value()) {
      consumer.skip();
      continue;
    }
    if (!events_.push(message.value(), stop)) return;
  }
}

void Feed::take(Event event) {
  const auto now = Clock::now();
  if (auto* arrived = std::get_if<Arrived>(&event)) {
    join_.add(arrived->record, std::move(arrived->frame), now);
  } else {
    join_.add(std::move(std::get<conveyor::v1::Prediction>(event)), now);
  }
}

void Feed::show_what_is_ready() {
  const auto now = Clock::now();
  while (auto frame = join_.take()) order_.add(std::move(*frame), now);
  order_.expire(now);
  while (auto frame = order_.take()) page_.show(*frame);
  const std::lock_guard lock(mutex_);
  counts_.join = join_.counts();
  counts_.late = order_.late();
  counts_.waiting = static_cast<std::int64_t>(join_.waiting_frames() + order_.waiting());
}

void Feed::announce() {
  nlohmann::json counters = nlohmann::json::object();
  std::function<nlohmann::json()> also;
  {
    const std::lock_guard lock(mutex_);
    also = also_;
    counters["frames"] = counts_.join.frames;
    counters["labelled"] = counts_.join.labelled;
    counters["unlabelled"] = counts_.join.unlabelled;
    counters["late"] = counts_.late;
  }
  if (also) counters.update(also());
  page_.announce(std::move(counters));
}

FeedCounts Feed::counts() const {
  const PageCounts page = page_.counts();
  const std::lock_guard lock(mutex_);
  FeedCounts counts = counts_;
  counts.page = page;
  return counts;
}

void Feed::show_also(std::function<nlohmann::json()> counters) {
  const std::lock_guard lock(mutex_);
  also_ = std::move(counters);
}

}  // namespace image_messaging
