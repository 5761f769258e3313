#include "egg_line/phases.h"

#include <algorithm>
#include <string>

#include "egg_line/line.h"

namespace conveyor::bench {
namespace {

// Of the phase `sustained` it would be the scans under way divided by their rate, and nothing else.
void add_latency(const Measured& measured, const std::string& at, Figures& figures) {
  figures.add("p50_ms" + at, measured.latency_at(0.5), "ms");
  figures.add("p99_ms" + at, measured.latency_at(0.99), "ms");
  figures.add("p999_ms" + at, measured.latency_at(0.999), "ms");
  figures.add("longest_ms" + at, measured.latency_at(1), "ms");
}

/// @param at "_at_1000", as the names end
void add_headline(const Measured& measured, const std::string& at, Figures& figures) {
  double sum = 0;
  for (const auto& [stage, us] : measured.cpu_us) {
    figures.add("cpu_" + stage + at, us / 1e3, "s/1000 scans");
    sum += us;
  }
  figures.add("cpu_all" + at, sum / 1e3, "s/1000 scans");
  figures.add("cores_busy" + at, measured.machine_cores, "cores");
  figures.add("cores_busy_with_it" + at, measured.line_cores, "cores");
  figures.add("worker_rss_most" + at, std::ranges::max(measured.worker_mb), "MB");
}

void add_rest(const Measured& measured, const std::string& at, Figures& figures) {
  figures.add("scans" + at, static_cast<double>(measured.scans), "scans");
  figures.add("scan_bytes" + at, measured.scan_bytes, "bytes");
  figures.add("missing" + at, static_cast<double>(measured.missing), "scans");
  figures.add("doubled" + at, static_cast<double>(measured.doubled), "predictions");
  figures.add("dead_letters" + at, static_cast<double>(measured.dead_letters), "records");
  for (const auto& [part, us] : measured.part_us) figures.add("worker_" + part + at, us, "us/scan");
  figures.add("worker_batch" + at, measured.scans_in_a_batch, "scans");
  const std::vector<double>& mb = measured.worker_mb;
  figures.add("worker_rss_start" + at, mb.front(), "MB");
  figures.add("worker_rss_middle" + at, mb[mb.size() / 2], "MB");
  figures.add("worker_rss_end" + at, mb.back(), "MB");
  if (const auto growth = measured.worker_growth()) figures.add("worker_rss_growth" + at, *growth, "MB/minute");
}

}  // namespace

std::int64_t run_phases(Line& line, const Options& options, Detail detail, Figures& figures) {
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
      figures.add("scans_per_second", sustained, "scans/s");
      figures.add("scans_per_second_least", measured.least_in_a_second, "scans/s");
    } else {
      figures.add("scans_per_second" + at, measured.per_second, "scans/s");
      add_latency(measured, at, figures);
    }
    add_headline(measured, at, figures);
    if (detail == Detail::kAll) add_rest(measured, at, figures);
    lost += measured.missing + measured.dead_letters;
  }
  return lost;
}

}  // namespace conveyor::bench
