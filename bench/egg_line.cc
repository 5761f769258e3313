// egg_line: scans from a scanner through Kafka, a worker with the egg model, and Kafka again to a reader, all on this
// machine: name<TAB>value<TAB>unit. egg_line.md says what was found with it.
//
// Phases, each of --seconds:
//   sustained  as many as go, --window of them under way at once
//   rate       --rate a second, each due at its time: latency counts from then
//   percent    the same at --percent of the sustained rate
// With --rounds all of them so often, one after the other; figures are medians then, and _min and _max are the ends.
// With --sweep for each number of workers and of partitions.
// Exit code 1 when a scan is missing or became a dead letter.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "egg_line/board.h"
#include "egg_line/figures.h"
#include "egg_line/line.h"
#include "egg_line/options.h"
#include "egg_line/phases.h"
#include "egg_line/stages.h"
#include "kafka/kafka_cluster.h"

namespace {

using conveyor::bench::Board;
using conveyor::bench::Detail;
using conveyor::bench::Figures;
using conveyor::bench::Line;
using conveyor::bench::Options;
using conveyor::bench::run_phases;
using conveyor::tests::KafkaCluster;

/// The Kafka that lines use, with the JVM's full compiler; none when the options name one that runs.
std::unique_ptr<KafkaCluster> start_kafka(Options& options) {
  if (!options.bootstrap_servers.empty()) return nullptr;
  auto kafka = std::make_unique<KafkaCluster>(conveyor::tests::KafkaClusterOptions{
      .server_properties = {{"log.retention.check.interval.ms", "5000"}, {"log.segment.delete.delay.ms", "1000"}},
      .quick_start = false});
  options.bootstrap_servers = kafka->bootstrap_servers();
  return kafka;
}

void check_phases(const std::vector<std::string>& phases) {
  const auto percent = std::ranges::find(phases, "percent");
  if (percent != phases.end() && std::find(phases.begin(), percent, "sustained") == percent) {
    throw std::runtime_error("--phases: percent is of what sustained found, which comes before it");
  }
}

/// @return scans that were lost
std::int64_t run_line(Options options, const std::vector<std::string>& command) {
  const auto kafka = start_kafka(options);
  Line line(options, command, kafka.get());
  line.run({.rate = 0, .seconds = options.warm_up_seconds});
  Figures figures;
  std::int64_t lost = 0;
  for (int round = 0; round < options.rounds; ++round) lost += run_phases(line, options, Detail::kAll, figures);
  figures.print();
  return lost;
}

/// A line of its own for each number of workers and partitions, on one Kafka; they take turns, and each round begins
/// with another. @return scans that were lost
std::int64_t run_sweep(Options options, const std::vector<std::string>& command) {
  constexpr int kWarmUpSeconds = 3;  // of the line; the broker is warm after the first
  const auto kafka = start_kafka(options);
  std::vector<std::pair<int, int>> cells;
  for (const int workers : options.sweep_workers) {
    for (const int partitions : options.sweep_partitions) cells.emplace_back(workers, partitions);
  }
  std::vector<Figures> figures(cells.size());
  std::int64_t lost = 0;
  int warm_up_seconds = options.warm_up_seconds;
  for (int round = 0; round < options.rounds; ++round) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::size_t cell = (static_cast<std::size_t>(round) + i) % cells.size();
      std::tie(options.workers, options.partitions) = cells[cell];
      options.topics = std::string(".").append(std::to_string(cell)).append(".").append(std::to_string(round));
      Line line(options, command, kafka.get());
      line.run({.rate = 0, .seconds = warm_up_seconds});
      warm_up_seconds = std::min(options.warm_up_seconds, kWarmUpSeconds);
      lost += run_phases(line, options, Detail::kHeadline, figures[cell]);
      line.clear();
    }
  }
  for (std::size_t cell = 0; cell < cells.size(); ++cell) {
    const auto [workers, partitions] = cells[cell];
    figures[cell].print("_" + std::to_string(workers) + "_workers_" + std::to_string(partitions) + "_partitions");
  }
  return lost;
}

int run_stage(const Options& options) {
  Board board(options.board);
  if (options.stage == "scanner") {
    scan(options, board);
  } else if (options.stage == "worker") {
    work(options, board);
  } else {
    read(options, board);
  }
  return 0;
}

void declare(CLI::App& app, Options& options) {
  app.option_defaults()->always_capture_default();
  const CLI::Range count(1, 1'000'000);
  app.add_option("--phases", options.phases)->delimiter(',')->check(CLI::IsMember({"sustained", "rate", "percent"}));
  app.add_option("--seconds", options.seconds, "of each phase")->check(count);
  app.add_option("--rounds", options.rounds, "of all phases; figures are their medians")->check(CLI::Range(1, 1'000));
  app.add_option("--warm-up-seconds", options.warm_up_seconds)->check(count);
  app.add_option("--rate", options.rate, "scans a second in the phase rate")->check(count);
  app.add_option("--percent", options.percent, "of the sustained rate in the phase percent")->check(CLI::Range(1, 200));
  const CLI::Range workers(1, static_cast<int>(conveyor::bench::kMostWorkers));
  const CLI::Range partitions(1, 1'000);
  app.add_option("--workers", options.workers, "processes")->check(workers);
  app.add_option("--threads", options.threads, "of each worker")->check(CLI::Range(1, 64));
  app.add_option("--partitions", options.partitions, "of each topic")->check(partitions);
  app.add_option("--engine", options.engine)->check(CLI::IsMember({"opencv", "onnxruntime"}));
  app.add_option("--batch", options.batch, "scans that the model gets at once, at most")->check(CLI::Range(1, 256));
  app.add_option("--batch-delay-ms", options.batch_delay_ms, "that the first of them waits for others")
      ->check(CLI::Range(0, 10'000));
  app.add_option("--linger-ms", options.linger_ms, "of scanner and worker")->check(CLI::Range(0, 10'000));
  app.add_option("--fetch-wait-ms", options.fetch_wait_ms, "of worker and reader")->check(CLI::Range(0, 10'000));
  app.add_option("--scan-fetch-bytes", options.scan_fetch_bytes, "for which the worker waits, fetch-wait-ms at most")
      ->check(count);
  app.add_option("--prediction-fetch-bytes", options.prediction_fetch_bytes, "for which the reader waits")
      ->check(count);
  app.add_option("--level", options.level, "of zlib on both topics")->check(CLI::Range(1, 12));
  app.add_option("--window", options.window, "scans under way in the phase sustained")->check(count);
  app.add_option("--distinct", options.distinct, "slices that are sent again and again")->check(CLI::Range(1, 10'000));
  app.add_option("--dead-letters", options.dead_letters, "whether the workers have them");
  app.add_option("--bootstrap-servers", options.bootstrap_servers, "of a Kafka that has neither topic yet");
  app.add_flag("--sweep", options.sweep, "lines of these workers and partitions, in turns");
  app.add_option("--sweep-workers", options.sweep_workers)->delimiter(',')->check(workers);
  app.add_option("--sweep-partitions", options.sweep_partitions)->delimiter(',')->check(partitions);
  app.add_option("--stage", options.stage)->group("");
  app.add_option("--index", options.index)->group("");
  app.add_option("--board", options.board)->group("");
  app.add_option("--topics", options.topics)->group("");
}

}  // namespace

int main(int count, char** arguments) {
  Options options;
  CLI::App app{"Measures scans from end to end."};
  declare(app, options);
  CLI11_PARSE(app, count, arguments);
  try {
    if (!options.stage.empty()) return run_stage(options);
    check_phases(options.phases);
    const std::vector<std::string> command(arguments, arguments + count);
    return (options.sweep ? run_sweep(options, command) : run_line(options, command)) == 0 ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "egg_line%s%s: %s\n", options.stage.empty() ? "" : " ", options.stage.c_str(), error.what());
    return 1;
  }
}
