#include "measure.h"

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <functional>
#include <iterator>
#include <numeric>
#include <random>

namespace conveyor::bench {
namespace {

double seconds(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

}  // namespace

Cost cost_so_far() { return {seconds(CLOCK_PROCESS_CPUTIME_ID), seconds(CLOCK_MONOTONIC)}; }

Cost cost_of(const std::function<void()>& work) {
  const Cost before = cost_so_far();
  work();
  return cost_so_far() - before;
}

double resident_mb() {
  std::ifstream pages("/proc/self/statm");
  double all = 0, resident = 0;
  pages >> all >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e6;
}

std::vector<std::size_t> shuffled(std::size_t count, int round) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::shuffle(order, std::mt19937_64(static_cast<std::uint64_t>(round)));
  return order;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

std::vector<double> ratios(const std::vector<double>& numerators, const std::vector<double>& denominators) {
  std::vector<double> all;
  std::ranges::transform(numerators, denominators, std::back_inserter(all), std::divides<>());
  return all;
}

void print(const std::string& name, double value, const char* unit) {
  std::printf("%s\t%.3f\t%s\n", name.c_str(), value, unit);
  std::fflush(stdout);
}

void print_rounds(const std::string& name, const std::vector<double>& rounds, const char* unit) {
  print(name, median(rounds), unit);
  print(name + "_min", std::ranges::min(rounds), unit);
  print(name + "_max", std::ranges::max(rounds), unit);
}

}  // namespace conveyor::bench
