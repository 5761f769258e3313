#include "chaos/sender.h"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

#include "support/waiting.h"

namespace conveyor::tests {

using std::chrono::milliseconds;

Sender::Sender(const Config& config, const std::string& topic, SenderOptions options)
    : options_(std::move(options)),
      per_second_(options_.per_second),
      pause_at_(std::numeric_limits<int>::max()),
      resolved_(static_cast<std::size_t>(options_.messages)),
      producer_(config),
      thread_([this, topic](const std::stop_token& stop) { send_all(stop, topic); }) {}

void Sender::send_all(const std::stop_token& stop, const std::string& topic) {
  const auto channel = Channel<v1::Image>::named(topic);
  v1::Image image;
  image.set_image_data(std::string(100, 'x'));
  auto due = Clock::now();
  for (int id = 0; id < options_.messages && !stop.stop_requested();) {
    // In groups of a few milliseconds: a thread that sleeps between every two messages costs more than they do.
    const int end = std::min({id + std::max(per_second_ / 100, 1), options_.messages, pause_at_.load()});
    if (end <= id) {
      std::this_thread::sleep_for(milliseconds(5));
      due = Clock::now();
      continue;
    }
    due += std::chrono::microseconds(1'000'000LL * (end - id) / per_second_);
    while (id < end && !stop.stop_requested()) {
      image.set_frame(id);
      if (options_.source) image.set_source(options_.source(id));
      const int partition = id % options_.partitions;
      const int key = partition + options_.partitions * (id / options_.partitions % options_.keys_per_partition);
      const auto number = static_cast<std::size_t>(id);
      const auto error =
          producer_.try_send(channel, image, {.key = "key-" + std::to_string(key), .partition = partition},
                             [this, number](const Delivery&) { ++resolved_[number]; });
      if (error) {
        ++refused_;
        std::this_thread::sleep_for(milliseconds(10));
      } else {
        sent_ = ++id;
      }
    }
    std::this_thread::sleep_until(due);
  }
}

SendReport Sender::finish(milliseconds within) {
  const auto deadline = Clock::now() + within;
  pause_at_ = std::numeric_limits<int>::max();
  const auto left = [&] { return std::chrono::duration_cast<milliseconds>(deadline - Clock::now()); };
  if (!eventually([&] { return sent_ == options_.messages; }, left())) {
    throw std::runtime_error("only " + std::to_string(sent_) + " messages were sent in time");
  }
  thread_.join();
  const FlushReport flushed = producer_.flush(std::max(left(), milliseconds(1)));
  SendReport report{.delivered = flushed.delivered, .failed = flushed.failed, .refused = refused_};
  for (const auto& times : resolved_) report.not_resolved_once += times == 1 ? 0 : 1;
  return report;
}

}  // namespace conveyor::tests
