#ifndef CONVEYOR_BENCH_FEATURES_PIPELINES_H_
#define CONVEYOR_BENCH_FEATURES_PIPELINES_H_

#include <compare>
#include <map>
#include <string>
#include <utility>

#include "features/records.h"
#include "kafka/kafka_admin.h"
#include "measure.h"

namespace conveyor::bench {

/// What a worker does beside handling.
struct Features {
  bool dead_letter = false;  ///< WorkerOptions::dead_letter; no record goes there
  bool tracing = false;      ///< records belong to traces, which continue in the answers
  bool spans = false;        ///< of each record (Spans), which must belong to a trace
  bool metrics = false;      ///< an observer, times of handlers, counters read ten times a second (Metrics)
  bool hot_swap = false;     ///< vision::serve, its model exchanged once in the middle; images only

  auto operator<=>(const Features&) const = default;
};

/// A worker with one handler thread, which reads a topic from its beginning and sends a small answer for each record.
/// Each set of features has a topic of its own, so that none finds what it reads in the processors' caches because the
/// one before has read it, too.
///
/// Thread safety: one thread at a time.
class Pipelines {
 public:
  /// Topics are filled when they are first read. @param messages that are handled in each run
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
  using Write = void (*)(const std::string& bootstrap_servers, const std::string& topic, Traced traced, int count);
  /// The topic of a kind of records that is read with these features.
  const std::string& input(const std::string& kind, const Features& features, Write write);

  const std::string bootstrap_servers_;
  tests::KafkaAdmin admin_;
  const int messages_;
  const std::string run_;
  std::map<std::pair<std::string, Features>, std::string> inputs_;
  int groups_ = 0;
};

}  // namespace conveyor::bench

#endif  // CONVEYOR_BENCH_FEATURES_PIPELINES_H_
