#include "features/instruments.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <stop_token>
#include <string_view>
#include <utility>
#include <vector>

namespace conveyor::bench {
namespace {

using std::chrono::steady_clock;

struct Span {
  std::array<char, 55> traceparent = {};  // as W3C has it: 00, trace, parent, flags
  std::string_view topic = {};
  std::int32_t partition = -1;
  std::int64_t offset = -1;
  steady_clock::time_point begin = {};
  steady_clock::time_point end = {};
};

const Header* traceparent_of(const Record& record) {
  const auto found = std::ranges::find(record.headers, std::string_view("traceparent"), &Header::name);
  return found == record.headers.end() ? nullptr : &*found;
}

}  // namespace

void Metrics::on_event(const Event& event) {
  events_.at(static_cast<std::size_t>(event.kind)).fetch_add(1, std::memory_order_relaxed);
}

Middleware Metrics::middleware() {
  return [this](RecordHandler next) -> RecordHandler {
    return [this, next = std::move(next)](const Record& record, Context& context) {
      const auto begin = steady_clock::now();
      next(record, context);
      const auto took = std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - begin).count();
      const auto bucket = static_cast<std::size_t>(std::bit_width(static_cast<std::uint64_t>(took)));
      handler_times_[std::min(bucket, kBuckets - 1)].fetch_add(1, std::memory_order_relaxed);
    };
  };
}

std::jthread Metrics::scrape(const Worker& worker) {
  return std::jthread([this, &worker](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      const ConsumerCounters consumed = worker.counters();
      const ProducerCounters produced = worker.producer_counters();
      scraped_ = consumed.handled + produced.delivered;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  });
}

std::uint64_t Metrics::timed() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& bucket : handler_times_) sum += bucket;
  return sum;
}

Middleware Spans::middleware() {
  return [this](RecordHandler next) -> RecordHandler {
    constexpr std::size_t kSpans = 2'048;
    return [this, ring = std::vector<Span>(kSpans), count = std::size_t{0}, next = std::move(next)](
               const Record& record, Context& context) mutable {
      Span& span = ring[count++ % kSpans];
      span.topic = record.topic;
      span.partition = record.partition;
      span.offset = record.offset;
      if (const Header* header = traceparent_of(record)) {
        std::copy_n(header->value.begin(), std::min(header->value.size(), span.traceparent.size()),
                    span.traceparent.begin());
        traced_.fetch_add(1, std::memory_order_relaxed);
      }
      span.begin = steady_clock::now();
      next(record, context);
      span.end = steady_clock::now();
    };
  };
}

}  // namespace conveyor::bench
