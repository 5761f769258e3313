#ifndef CONVEYOR_BENCH_FEATURES_INSTRUMENTS_H_
#define CONVEYOR_BENCH_FEATURES_INSTRUMENTS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>

#include "conveyor/middleware.h"
#include "conveyor/observer.h"
#include "conveyor/worker.h"

namespace conveyor::bench {

/// What an exporter of metrics is made of: all events counted by kind, how long handlers take as a histogram, and
/// everything that the worker counts read ten times a second, which is more often than anyone scrapes.
///
/// Thread safety: all functions may be called from any thread.
class Metrics final : public Observer {
 public:
  void on_event(const Event& event) override;

  /// Times each handler. The object must outlive the worker.
  [[nodiscard]] Middleware middleware();
  /// Reads the worker's counters until the thread is stopped. Both objects must outlive the thread.
  [[nodiscard]] std::jthread scrape(const Worker& worker);

  /// Of handlers timed so far.
  [[nodiscard]] std::uint64_t timed() const noexcept;

 private:
  static constexpr std::size_t kKinds = 32;    // more than there are
  static constexpr std::size_t kBuckets = 24;  // handler times below 1, 2, 4, ... us

  std::array<std::atomic<std::uint64_t>, kKinds> events_{};
  std::array<std::atomic<std::uint64_t>, kBuckets> handler_times_{};
  std::atomic<std::uint64_t> scraped_{0};
};

/// What an exporter of spans is made of: for each record its trace, place, begin and end, kept in a ring as a batch
/// exporter would.
///
/// Thread safety: all functions may be called from any thread.
class Spans {
 public:
  /// The object must outlive the worker.
  [[nodiscard]] Middleware middleware();

  /// Of spans whose record belonged to a trace.
  [[nodiscard]] std::uint64_t traced() const noexcept { return traced_; }

 private:
  std::atomic<std::uint64_t> traced_{0};
};

}  // namespace conveyor::bench

#endif  // CONVEYOR_BENCH_FEATURES_INSTRUMENTS_H_
