// stamp: what it costs to stamp a message that is sent, with a new uuid and a new trace: name<TAB>value<TAB>unit.
//
// One thread's elapsed time, the least of several rounds: nothing but the processor is asked for.

#include "codec/stamp.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <limits>

#include "codec/trace.h"
#include "conveyor/v1/image.pb.h"

int main() {
  using Clock = std::chrono::steady_clock;
  using namespace conveyor::codec;
  constexpr int kRounds = 15;
  constexpr int kStamps = 200'000;
  double least = std::numeric_limits<double>::max();
  std::uint64_t bytes = 0;
  for (int round = 0; round < kRounds; ++round) {
    const auto start = Clock::now();
    for (int i = 0; i < kStamps; ++i) {
      const auto uuid = new_uuid();
      const auto trace_id = new_trace_id();
      const Stamp stamp{.time = std::chrono::system_clock::now(),
                        .environment = conveyor::Environment::kProduction,
                        .service = "scanner-12",
                        .uuid = uuid.view(),
                        .trace_id = trace_id.view()};
      const StampField field(stamp, conveyor::v1::Image::kMessageDataFieldNumber);
      std::array<char, 256> written;
      bytes += static_cast<std::uint64_t>(field.write(written.data()) - written.data()) +
               static_cast<unsigned char>(written[bytes % 100]);
    }
    const std::chrono::duration<double, std::nano> took = Clock::now() - start;
    least = std::min(least, took.count() / kStamps);
  }
  std::printf("stamp\t%.1f\tns/message\n", least);
  return bytes == 0 ? 1 : 0;
}
