#ifndef CONVEYOR_BENCH_SCALING_MESSAGES_H_
#define CONVEYOR_BENCH_SCALING_MESSAGES_H_

namespace conveyor::bench {

class Topics;

/// Prints what a message costs, of 10,000 and up to 10,000,000 sent by one producer and read by one consumer:
///
/// - `scaling_send_cpu_10k`: from before the producer is made until the last is acknowledged, less what the same takes
///   with a single message (`scaling_send_cpu_of_beginning`), divided by their number; likewise received.
/// - `scaling_send_cpu_ratio_10M_to_10k`: the same of ten million, divided by that of ten thousand.
/// - `scaling_send_cpu_ratio_last_tenth_to_second`: parts of the longest run, to show a cost that grows with what was
///   sent before. The first tenth has the beginning in it. Not with `quick`.
/// - `scaling_send_rss_10k`: this process's memory after as many messages of the longest run.
///
/// Short runs, whose times scatter, are done more often; all take turns.
/// @param quick up to a million
void compare_numbers_of_messages(Topics& topics, bool quick);

}  // namespace conveyor::bench

#endif  // CONVEYOR_BENCH_SCALING_MESSAGES_H_
