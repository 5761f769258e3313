// A Kafka record's value and headers.
#include <array>

#include "codec/decode.h"
#include "conveyor/v1/image.pb.h"
#include "fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMostBytes = 1 << 16;
  conveyor::fuzz::Input input(data, size);
  const auto codec = input.byte() % 2 == 0 ? conveyor::Codec::kZlib : conveyor::Codec::kRaw;
  const auto length = static_cast<std::size_t>(input.byte());
  const std::string_view header = input.rest().substr(0, length);
  const std::string_view value = input.rest().substr(header.size());
  const std::array headers{conveyor::Header{.name = "traceparent", .value = std::string(header)},
                           conveyor::Header{.name = "content-encoding", .value = std::string(header.substr(0, 8))}};
  conveyor::v1::Image image;
  const auto error =
      conveyor::codec::decode(value, std::span(headers).first(header.size() % 3), codec, kMostBytes, image);
  conveyor::fuzz::expect(error || image.ByteSizeLong() <= 2 * kMostBytes, "a message is no larger than its limit");
  conveyor::Record record;
  record.headers.assign(headers.begin(), headers.end());
  const conveyor::codec::Trace trace = conveyor::codec::trace_of(record, header);
  conveyor::fuzz::expect(trace.id.empty() || conveyor::codec::is_trace_id(trace.id), "a trace id is one");
  return 0;
}
