#ifndef CONVEYOR_BENCH_FEATURES_PIPELINES_H_
#define CONVEYOR_BENCH_FEATURES_PIPELINES_H_

#include <string>

#include "measure.h"

namespace conveyor::bench {

/// What a worker does beside handling.
struct Features {
  bool dead_letter = false;  ///< WorkerOptions::dead_letter; no record goes there
  bool tracing = false;      ///< records belong to traces, which continue in the answers
  bool spans = false;        ///< of each record (Spans), which must belong to a trace
  bool metrics = false;      ///< an observer, times of handlers, counters read ten times a second (Metrics)
  bool hot_swap = false;     ///< vision::serve, its model exchanged once in the middle; images only
};

/// A worker with one handler thread, which reads a topic from its beginning and sends a small answer for each record.
///
/// Thread safety: one thread at a time.
class Pipelines {
 public:
  /// Creates the topics, of eight partitions, and fills those that are read.
  /// @param messages that are handled in each run
  Pipelines(std::string bootstrap_servers, int messages);

  /// Handles all scans, each with a constant prediction. @return from the first record read to the last one done, its
  /// answer acknowledged
  [[nodiscard]] Cost handle_scans(const Features& features);
  /// Classifies all images with a model that always says the same.
  [[nodiscard]] Cost classify_images(const Features& features);

 private:
  struct Wanted;
  Cost run(const Features& features, const Wanted& wanted);
  [[nodiscard]] std::string topic(const std::string& name) const { return "features-" + name + run_; }
  [[nodiscard]] std::string input(const std::string& kind, const Features& features) const {
    return topic(kind + (features.tracing ? "-traced" : ""));
  }

  const std::string bootstrap_servers_;
  const int messages_;
  const std::string run_;
  int groups_ = 0;
};

}  // namespace conveyor::bench

#endif  // CONVEYOR_BENCH_FEATURES_PIPELINES_H_
