// egg_line: scans from a scanner through Kafka, a worker with the egg model, and Kafka again to a reader, all on this
// machine: name<TAB>value<TAB>unit. egg_line.md says what was found with it.
//
// Phases, each of --seconds:
//   sustained  as many as go, --window of them under way at once
//   rate       --rate a second, each due at its time: latency counts from then
//   percent    the same at --percent of the sustained rate
// Exit code 1 when a scan is missing or became a dead letter.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#include "egg_line/board.h"
#include "egg_line/line.h"
#include "egg_line/options.h"
#include "egg_line/stages.h"

namespace {

using conveyor::bench::Board;
using conveyor::bench::Line;
using conveyor::bench::Measured;
using conveyor::bench::Options;

void print(const std::string& name, double value, const char* unit) {
  std::printf("e2e_%s\t%.3f\t%s\n", name.c_str(), value, unit);
  std::fflush(stdout);
}

/// @param at "_at_1000", as the names end
void print(const Measured& measured, const std::string& at) {
  print("scans" + at, static_cast<double>(measured.scans), "scans");
  print("scan_bytes" + at, measured.scan_bytes, "bytes");
  print("missing" + at, static_cast<double>(measured.missing), "scans");
  print("doubled" + at, static_cast<double>(measured.doubled), "predictions");
  print("dead_letters" + at, static_cast<double>(measured.dead_letters), "records");
  print("p50_ms" + at, measured.latency_at(0.5), "ms");
  print("p99_ms" + at, measured.latency_at(0.99), "ms");
  print("p999_ms" + at, measured.latency_at(0.999), "ms");
  print("longest_ms" + at, measured.latency_at(1), "ms");
  double sum = 0;
  for (const auto& [stage, us] : measured.cpu_us) {
    print("cpu_" + stage + at, us / 1e3, "s/1000 scans");
    sum += us;
  }
  print("cpu_all" + at, sum / 1e3, "s/1000 scans");
  print("cores_busy" + at, measured.machine_cores, "cores");
  print("cores_busy_with_it" + at, measured.line_cores, "cores");
  for (const auto& [part, us] : measured.part_us) print("worker_" + part + at, us, "us/scan");
  print("worker_batch" + at, measured.scans_in_a_batch, "scans");
  const std::vector<double>& mb = measured.worker_mb;
  print("worker_rss_start" + at, mb.front(), "MB");
  print("worker_rss_middle" + at, mb[mb.size() / 2], "MB");
  print("worker_rss_end" + at, mb.back(), "MB");
}

int run_line(const Options& options, const std::vector<std::string>& command) {
  const auto percent = std::find(options.phases.begin(), options.phases.end(), "percent");
  if (percent != options.phases.end() && std::find(options.phases.begin(), percent, "sustained") == percent) {
    throw std::runtime_error("--phases: percent is of what sustained found, which comes before it");
  }
  Line line(options, command);
  line.run({.rate = 0, .seconds = options.warm_up_seconds});
  double sustained = 0;
  std::int64_t lost = 0;
  for (const std::string& phase : options.phases) {
    double rate = 0;
    std::string at = "_sustained";
    if (phase == "rate") {
      rate = options.rate;
      at = "_at_" + std::to_string(options.rate);
    } else if (phase == "percent") {
      rate = sustained * options.percent / 100;
      at = "_at_" + std::to_string(options.percent) + "_percent";
    }
    const Measured measured = line.run({.rate = rate, .seconds = options.seconds});
    if (phase == "sustained") {
      sustained = measured.per_second;
      print("scans_per_second", sustained, "scans/s");
      print("scans_per_second_least", measured.least_in_a_second, "scans/s");
    } else {
      print("scans_per_second" + at, measured.per_second, "scans/s");
    }
    print(measured, at);
    lost += measured.missing + measured.dead_letters;
  }
  return lost == 0 ? 0 : 1;
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
  app.add_option("--warm-up-seconds", options.warm_up_seconds)->check(count);
  app.add_option("--rate", options.rate, "scans a second in the phase rate")->check(count);
  app.add_option("--percent", options.percent, "of the sustained rate in the phase percent")->check(CLI::Range(1, 200));
  app.add_option("--workers", options.workers, "processes")
      ->check(CLI::Range(1, static_cast<int>(conveyor::bench::kMostWorkers)));
  app.add_option("--threads", options.threads, "of each worker")->check(CLI::Range(1, 64));
  app.add_option("--partitions", options.partitions, "of each topic")->check(CLI::Range(1, 1'000));
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
  app.add_option("--stage", options.stage)->group("");
  app.add_option("--index", options.index)->group("");
  app.add_option("--board", options.board)->group("");
}

}  // namespace

int main(int count, char** arguments) {
  Options options;
  CLI::App app{"Measures scans from end to end."};
  declare(app, options);
  CLI11_PARSE(app, count, arguments);
  try {
    if (!options.stage.empty()) return run_stage(options);
    return run_line(options, {arguments, arguments + count});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "egg_line%s%s: %s\n", options.stage.empty() ? "" : " ", options.stage.c_str(), error.what());
    return 1;
  }
}
