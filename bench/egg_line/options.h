#ifndef CONVEYOR_BENCH_EGG_LINE_OPTIONS_H_
#define CONVEYOR_BENCH_EGG_LINE_OPTIONS_H_

#include <string>
#include <vector>

namespace conveyor::bench {

/// What a line is made of and how long it is measured. egg_line.md says what is known of the defaults.
struct Options {
  std::vector<std::string> phases = {"sustained", "rate", "percent"};
  int seconds = 20;  ///< of each phase
  int rounds = 1;    ///< of all phases; figures are medians of them
  int warm_up_seconds = 10;
  int rate = 1'000;  ///< scans a second in the phase `rate`
  int percent = 80;  ///< of the sustained rate in the phase `percent`
  int workers = 1;   ///< processes
  int threads = 2;   ///< of each worker
  int partitions = 8;
  int batch = 1;
  int batch_delay_ms = 0;
  int linger_ms = 5;
  int fetch_wait_ms = 100;
  int scan_fetch_bytes = 1;        ///< that the worker's fetches wait for, at most fetch_wait_ms
  int prediction_fetch_bytes = 1;  ///< the reader's
  int level = 1;                   ///< zlib's, of both channels
  int window = 256;                ///< scans under way at once in the phase `sustained`
  int distinct = 512;
#ifdef EGG_LINE_HAS_ONNXRUNTIME
  std::string engine = "onnxruntime";
#else
  std::string engine = "opencv";
#endif
  bool dead_letters = true;
  std::string bootstrap_servers = {};  ///< empty: a Kafka of its own

  bool sweep = false;  ///< lines of these instead of the one of `workers` and `partitions`
  std::vector<int> sweep_workers = {1, 2, 4};
  std::vector<int> sweep_partitions = {1, 8, 32};

  // Of the processes that a line starts.
  std::string stage = {};
  std::string board = {};
  std::string topics = {};  ///< put after the topics' and groups' names
  int index = 0;
};

}  // namespace conveyor::bench

#endif  // CONVEYOR_BENCH_EGG_LINE_OPTIONS_H_
