#ifndef CONVEYOR_BENCH_FEATURES_RECORDS_H_
#define CONVEYOR_BENCH_FEATURES_RECORDS_H_

#include <string>

namespace conveyor::bench {

/// Whether the records belong to a trace. The library's own producer gives each one, so these are written by hand.
/// Of each topic that is read.
constexpr int kPartitions = 8;

enum class Traced { kNo, kYes };

/// Writes scans (conveyor.egg.v1.EggScan) of about 1 KB when serialised, as zlib streams, to all partitions of a topic
/// in turn.
/// @throws std::runtime_error when not all are stored within a minute
void write_scans(const std::string& bootstrap_servers, const std::string& topic, Traced traced, int count);

/// The same with images (conveyor.v1.Image) of 32 x 32 pixels, gray, 8 bit.
void write_images(const std::string& bootstrap_servers, const std::string& topic, Traced traced, int count);

}  // namespace conveyor::bench

#endif  // CONVEYOR_BENCH_FEATURES_RECORDS_H_
