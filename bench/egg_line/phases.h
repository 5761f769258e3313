#ifndef CONVEYOR_BENCH_EGG_LINE_PHASES_H_
#define CONVEYOR_BENCH_EGG_LINE_PHASES_H_

#include <cstdint>

#include "egg_line/figures.h"
#include "egg_line/options.h"

namespace conveyor::bench {

class Line;

/// How much is said of a phase.
enum class Detail {
  kHeadline,  ///< rate, latency, CPU time of the stages, memory of the workers
  kAll,
};

/// One round: all phases of the options, one after the other.
/// @return scans that are missing or became dead letters
[[nodiscard]] std::int64_t run_phases(Line& line, const Options& options, Detail detail, Figures& figures);

}  // namespace conveyor::bench

#endif  // CONVEYOR_BENCH_EGG_LINE_PHASES_H_
