// features BOOTSTRAP [--quick | --only WAY]: what hot-swap, tracing, metrics and dead letters cost, on a broker that
// runs: name<TAB>value<TAB>unit.
//
// A worker handles the same records again and again with one feature on, with none, and with all of them, in an order
// that changes with each round. `features_throughput_ratio...` is records in a second with the feature
// divided by those without it, of the same round; `features_cpu_ratio...` is the processor time of a record with the
// feature divided by that without. Images of 1 KB are classified by a model that always says the same; with `bare`
// in the name scans of 1 KB have a handler that does nothing but answer, so that the ratio is as far from 1 as it can
// be.

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <functional>
#include <iterator>
#include <string>
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
  std::string name;
  std::function<Cost()> run;
  std::vector<double> cpu = {};
  std::vector<double> wall = {};
};

void interleave(std::vector<Way>& ways, int rounds) {
  for (Way& way : ways) static_cast<void>(way.run());  // fills caches, and lets the broker compile what it runs
  for (int round = 0; round < rounds; ++round) {
    for (const std::size_t i : conveyor::bench::shuffled(ways.size(), round)) {
      Way& way = ways[i];
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
    const std::string name = on.name == "all" ? "" : "_" + on.name;
    print_rounds("features_throughput_ratio" + name, conveyor::bench::ratios(off.wall, on.wall), "on/off");
    print_rounds("features_cpu_ratio" + name, conveyor::bench::ratios(on.cpu, off.cpu), "on/off");
  }
}

void print_costs(const Way& off, int messages) {
  std::vector<double> cpu;
  std::vector<double> rate;
  std::ranges::transform(off.cpu, std::back_inserter(cpu), [&](double seconds) { return seconds / messages * 1e6; });
  std::ranges::transform(off.wall, std::back_inserter(rate), [&](double seconds) { return messages / seconds; });
  print_rounds("features_cpu_" + off.name, cpu, "us/message");
  print_rounds("features_rate_" + off.name, rate, "messages/s");
}

/// All ways to do the one and the other work; the first of each has nothing on.
std::vector<Way> image_ways(Pipelines& pipelines) {
  const auto way = [&](const std::string& name, Features features) {
    return Way{name, [&pipelines, features] { return pipelines.classify_images(features); }};
  };
  return {way("images", {}),
          way("hot_swap", {.hot_swap = true}),
          way("dead_letter", {.dead_letter = true}),
          way("tracing", {.tracing = true, .spans = true}),
          way("metrics", {.metrics = true}),
          way("all", {.dead_letter = true, .tracing = true, .spans = true, .metrics = true, .hot_swap = true})};
}
std::vector<Way> scan_ways(Pipelines& pipelines) {
  const auto way = [&](const std::string& name, Features features) {
    return Way{name, [&pipelines, features] { return pipelines.handle_scans(features); }};
  };
  return {way("scans", {}), way("bare_dead_letter", {.dead_letter = true}),
          way("bare_tracing", {.tracing = true, .spans = true}), way("bare_tracing_without_spans", {.tracing = true}),
          way("bare_metrics", {.metrics = true})};
}

void compare(std::vector<Way> ways, int rounds, int messages) {
  interleave(ways, rounds);
  print_ratios(ways);
  print_costs(ways.front(), messages);
}

/// For a profiler: one way alone.
void run_only(const std::string& name, Pipelines& pipelines, int rounds, int messages) {
  for (std::vector<Way> ways : {image_ways(pipelines), scan_ways(pipelines)}) {
    std::erase_if(ways, [&](const Way& way) { return way.name != name; });
    if (!ways.empty()) compare(ways, rounds, messages);
  }
}

}  // namespace

int main(int count, char** arguments) try {
  const std::vector<std::string> words(arguments + 1, arguments + count);
  const bool quick = words.size() == 2 && words[1] == "--quick";
  const bool only = words.size() == 3 && words[1] == "--only";
  if (words.size() != 1 && !quick && !only) {
    std::fprintf(stderr,
                 "usage: features BOOTSTRAP [--quick | --only "
                 "images|hot_swap|dead_letter|tracing|metrics|all|"
                 "scans|bare_dead_letter|bare_tracing|bare_tracing_without_spans|bare_metrics]\n");
    return 2;
  }
  const int messages = quick ? 15'000 : 30'000;
  const int rounds = quick ? 9 : 25;
  Pipelines pipelines(words[0], messages);
  if (only) {
    run_only(words[2], pipelines, rounds, messages);
  } else {
    compare(image_ways(pipelines), rounds, messages);
    compare(scan_ways(pipelines), rounds, messages);
  }
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "features: %s\n", error.what());
  return 1;
}
