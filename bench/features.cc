// features BOOTSTRAP [--quick]: what hot-swap, tracing, metrics and dead letters cost, on a broker that runs:
// name<TAB>value<TAB>unit.
//
// A worker handles the same topic again and again with one feature on, with none, and with all of them, one after the
// other and beginning with another each time. `features_throughput_ratio...` is records in a second with the feature
// divided by those without it, of the same round; `features_cpu_ratio...` is the processor time of a record with the
// feature divided by that without. The handler does nothing but answer, so that the ratio is as far from 1 as it can
// be.

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "features/pipelines.h"
#include "measure.h"

namespace {

using conveyor::bench::Cost;
using conveyor::bench::Features;
using conveyor::bench::Pipelines;
using conveyor::bench::print_rounds;

/// One way to do the same work, and what it cost in each round.
struct Way {
  std::string name;  // empty: nothing is on
  std::function<Cost()> run;
  std::vector<double> cpu = {};
  std::vector<double> wall = {};
};

void interleave(std::vector<Way>& ways, int rounds) {
  for (Way& way : ways) static_cast<void>(way.run());  // fills caches, and lets the broker compile what it runs
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < ways.size(); ++i) {
      Way& way = ways[(static_cast<std::size_t>(round) + i) % ways.size()];
      const Cost cost = way.run();
      way.cpu.push_back(cost.cpu);
      way.wall.push_back(cost.wall);
    }
  }
}

/// @param ways the first is the one that the others are compared with
void print_ratios(const std::vector<Way>& ways) {
  const Way& off = ways.front();
  for (std::size_t i = 1; i < ways.size(); ++i) {
    const Way& on = ways[i];
    print_rounds("features_throughput_ratio" + on.name, conveyor::bench::ratios(off.wall, on.wall), "on/off");
    print_rounds("features_cpu_ratio" + on.name, conveyor::bench::ratios(on.cpu, off.cpu), "on/off");
  }
}

void print_costs(const std::string& kind, const Way& off, int messages) {
  std::vector<double> cpu;
  std::vector<double> rate;
  std::ranges::transform(off.cpu, std::back_inserter(cpu), [&](double seconds) { return seconds / messages * 1e6; });
  std::ranges::transform(off.wall, std::back_inserter(rate), [&](double seconds) { return messages / seconds; });
  print_rounds("features_cpu_" + kind + "_off", cpu, "us/message");
  print_rounds("features_rate_" + kind + "_off", rate, "messages/s");
}

void measure(const std::string& bootstrap_servers, bool quick) {
  const int messages = quick ? 30'000 : 60'000;
  const int rounds = quick ? 5 : 15;
  Pipelines pipelines(bootstrap_servers, messages);
  const auto handle = [&](const std::string& name, Features features) {
    return Way{name, [&pipelines, features] { return pipelines.handle_scans(features); }};
  };
  const auto classify = [&](const std::string& name, Features features) {
    return Way{name, [&pipelines, features] { return pipelines.classify_images(features); }};
  };
  std::vector<Way> images{classify("", {}), classify("_hot_swap", {.hot_swap = true}),
                          classify("", {.dead_letter = true, .tracing = true, .metrics = true, .hot_swap = true})};
  interleave(images, rounds);
  print_ratios(images);
  print_costs("images", images.front(), messages);

  std::vector<Way> scans{handle("", {}), handle("_dead_letter", {.dead_letter = true}),
                         handle("_tracing", {.tracing = true}), handle("_metrics", {.metrics = true})};
  interleave(scans, rounds);
  print_ratios(scans);
  print_costs("scans", scans.front(), messages);
}

}  // namespace

int main(int count, char** arguments) try {
  const bool quick = count == 3 && std::string_view(arguments[2]) == "--quick";
  if (count != 2 && !quick) {
    std::fprintf(stderr, "usage: features BOOTSTRAP [--quick]\n");
    return 2;
  }
  measure(arguments[1], quick);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "features: %s\n", error.what());
  return 1;
}
