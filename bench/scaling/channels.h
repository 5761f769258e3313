#ifndef CONVEYOR_BENCH_SCALING_CHANNELS_H_
#define CONVEYOR_BENCH_SCALING_CHANNELS_H_

namespace conveyor::bench {

class Topics;

/// Prints what a message costs when one producer sends, and one worker handles, the messages of 1, 10 and 100 channels,
/// the same number in all, to (from) one after the other:
///
/// - `scaling_send_cpu_ratio_100_channels`: 100 channels of one partition each, divided by one channel of 100
/// partitions:
///   broker and librdkafka have the same to do then, and what is left is what channels cost.
/// - `scaling_send_cpu_ratio_100_channels_to_1_partition`: divided by one channel of one partition, whose batches and
///   fetches are a hundred times larger.
/// - `scaling_receive_...` likewise: the worker's whole cost, less that of joining, which `..._cpu_of_joining` tells.
///
/// - `scaling_send_rate_100_channels`: messages in a second of elapsed time, which is the broker's too.
///
/// A ratio is that of a round; all take turns.
/// @param quick fewer rounds of 1 and 100 channels alone
void compare_numbers_of_channels(Topics& topics, bool quick);

}  // namespace conveyor::bench

#endif  // CONVEYOR_BENCH_SCALING_CHANNELS_H_
