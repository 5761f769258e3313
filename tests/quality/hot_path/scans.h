#ifndef CONVEYOR_TESTS_QUALITY_HOT_PATH_SCANS_H_
#define CONVEYOR_TESTS_QUALITY_HOT_PATH_SCANS_H_

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "conveyor/channel.h"
#include "conveyor/egg/v1/egg_scan.pb.h"

namespace conveyor::tests {

/// One kind of message whose way through the library is watched.
struct Size {
  const char* name;
  Channel<egg::v1::EggScan> channel;
  int pixels;    // of 16 bits
  int messages;  // that are counted at a time
};

/// The sizes of bench/send_receive.cc: about 200 bytes and 1 KB with their stamp, and a scan of 128 x 128 pixels. All
/// messages of a size lie in the consumer at the same time, which takes up to 1,000, and 16 MiB.
inline constexpr Size kSizes[] = {
    {"200B", {"hot-path-200B", {.codec = Codec::kRaw}}, 28, 200},
    {"1KB", {"hot-path-1KB"}, 438, 200},
    {"32KiB", {"hot-path-32KiB"}, 128 * 128, 40},
};

/// The same scans in each run: something bright in the middle, with noise of six bits.
inline std::vector<egg::v1::EggScan> scans_of(const Size& size) {
  std::vector<egg::v1::EggScan> scans(8);
  std::mt19937 random(6);
  int number = 0;
  for (egg::v1::EggScan& scan : scans) {
    std::string data;
    for (int at = 0; at < size.pixels; ++at) {
      const double across = 2.0 * at / size.pixels - 1;
      const auto pixel = 200 + static_cast<unsigned>(4'000 * (1 - across * across)) + (random() & 63);
      data += static_cast<char>(pixel & 0xff);
      data += static_cast<char>(pixel >> 8);
    }
    scan.set_egg_id("egg-" + std::to_string(100 + number++));
    scan.set_scan_data(std::move(data));
  }
  return scans;
}

}  // namespace conveyor::tests

#endif  // CONVEYOR_TESTS_QUALITY_HOT_PATH_SCANS_H_
