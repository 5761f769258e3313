#ifndef CONVEYOR_BENCH_MEASURE_H_
#define CONVEYOR_BENCH_MEASURE_H_

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace conveyor::bench {

/// What a piece of work cost.
struct Cost {
  double cpu = 0;   ///< seconds of a processor, of all threads of this process
  double wall = 0;  ///< seconds

  Cost operator-(const Cost& earlier) const { return {cpu - earlier.cpu, wall - earlier.wall}; }
};

/// What this process has used since some moment of the past: only differences say something.
[[nodiscard]] Cost cost_so_far();

[[nodiscard]] Cost cost_of(const std::function<void()>& work);

/// Memory of this process that is in the machine's memory at present, 10^6 bytes.
[[nodiscard]] double resident_mb();

/// 0 to `count` - 1 in an order that each round has for itself: what comes after a certain other one, every time, finds
/// its caches and the broker as that one left them.
[[nodiscard]] std::vector<std::size_t> shuffled(std::size_t count, int round);

/// @param values at least one; of an even number the upper of the two in the middle
[[nodiscard]] double median(std::vector<double> values);

/// Element by element, numerators[i] / denominators[i]: both were measured in the same round.
[[nodiscard]] std::vector<double> ratios(const std::vector<double>& numerators,
                                         const std::vector<double>& denominators);

/// Prints a figure to standard output: name<TAB>value<TAB>unit.
void print(const std::string& name, double value, const char* unit);

/// The median of the rounds, and with `_min` and `_max` after the name the least and the largest of them.
void print_rounds(const std::string& name, const std::vector<double>& rounds, const char* unit);

}  // namespace conveyor::bench

#endif  // CONVEYOR_BENCH_MEASURE_H_
