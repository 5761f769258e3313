#ifndef CONVEYOR_BENCH_EGG_LINE_STAGES_H_
#define CONVEYOR_BENCH_EGG_LINE_STAGES_H_

#include "egg_line/board.h"
#include "egg_line/options.h"

namespace conveyor::bench {

inline constexpr char kScansTopic[] = "egg-scans";
inline constexpr char kPredictionsTopic[] = "egg-predictions";

// The stages of a line, each a process of its own, so that the kernel counts its time and memory. They run until
// SIGTERM, and throw when something went wrong.

/// Sends synthetic 128 x 128 slices of 16 bit, as conveyor.v1.Image in delta_split, whose frame is the scan's id.
///
/// A scan has a time at which it is due, whether the line keeps up or not, and latency is counted from there: a stall
/// makes all scans late that were due in it, and not the one alone that met it.
void scan(const Options& options, Board& board);

/// vision::serve with the egg model and the chain of its card, at least once, dead letters on.
void work(const Options& options, Board& board);

/// Reads the predictions, and notes when each id arrived.
void read(const Options& options, Board& board);

}  // namespace conveyor::bench

#endif  // CONVEYOR_BENCH_EGG_LINE_STAGES_H_
