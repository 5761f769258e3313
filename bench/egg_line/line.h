#ifndef CONVEYOR_BENCH_EGG_LINE_LINE_H_
#define CONVEYOR_BENCH_EGG_LINE_LINE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "egg_line/options.h"

namespace conveyor::tests {
class KafkaCluster;
}

namespace conveyor::bench {

/// What the scanner does in a phase.
struct Load {
  double rate = 0;  ///< scans a second; 0: as many as go
  int seconds = 0;
};

/// What was measured in a phase.
struct Measured {
  std::int64_t scans = 0;
  std::int64_t missing = 0;  ///< ids whose prediction did not come
  std::int64_t doubled = 0;  ///< predictions beyond the first of an id
  std::int64_t dead_letters = 0;
  double per_second = 0;                ///< predictions that arrived while the scanner sent
  double least_in_a_second = 0;         ///< and in the worst of the whole seconds
  std::vector<double> latency_ms = {};  ///< from when a scan was due to when its prediction was read; sorted
  /// Of a scan, microseconds of a processor: by the process's own clock, all its threads.
  std::vector<std::pair<std::string, double>> cpu_us = {};
  double scan_bytes = 0;     ///< of a scan as it travels, on the average
  double machine_cores = 0;  ///< that were busy, on the average, with whatever ran while the scanner sent
  double line_cores = 0;     ///< of these, with the line; where the two are far apart, something else disturbed
  /// Of a scan, microseconds that the worker's threads took for a part of their work, waiting for a core included.
  std::vector<std::pair<std::string, double>> part_us = {};
  double scans_in_a_batch = 0;
  std::vector<double> worker_mb = {};  ///< resident memory of all workers, once a second

  /// @param share 0.99 for the 99th percentile
  [[nodiscard]] double latency_at(double share) const;
  /// Of worker_mb, MB a minute: the slope of the straight line of least squares, without the first tenth of the time,
  /// in which buffers find their size. None of fewer than 10 seconds.
  [[nodiscard]] std::optional<double> worker_growth() const;
};

/// A scanner, workers and a reader, each in a process of its own, which end with this object, and their topics.
///
/// Thread safety: one thread at a time.
class Line {
 public:
  /// Returns when all are ready: the topics exist, and the groups have their partitions.
  /// @param options bootstrap_servers must be set, and the topics not exist
  /// @param command with which the program itself was started; the stages are started with it too
  /// @param kafka whose CPU time counts, and which must outlive the line; null: nobody's
  /// @throws std::runtime_error with the end of a stage's output
  Line(const Options& options, std::vector<std::string> command, const tests::KafkaCluster* kafka);
  ~Line();

  /// @throws std::runtime_error when a stage ended, with the end of its output
  Measured run(const Load& load);

  /// Ends the stages and lets the broker delete what lies in the topics.
  void clear();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace conveyor::bench

#endif  // CONVEYOR_BENCH_EGG_LINE_LINE_H_
