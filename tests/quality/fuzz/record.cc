// A Kafka record's value and headers.
#include <cstddef>
#include <string>
#include <vector>

#include "codec/decode.h"
#include "conveyor/v1/image.pb.h"
#include "quality/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMostBytes = 1 << 16;
  conveyor::fuzz::Input input(data, size);
  const auto codec = input.byte() % 2 == 0 ? conveyor::Codec::kZlib : conveyor::Codec::kRaw;
  const auto length = static_cast<std::size_t>(input.byte());
  const std::string_view header = input.rest().substr(0, length);
  const std::string_view value = input.rest().substr(header.size());
  const std::vector<conveyor::Header> headers{{"traceparent", std::string(header)},
                                              {"content-encoding", std::string(header.substr(0, 8))},
                                              {"conveyor-size", std::string(header.substr(0, 20))}};
  const auto some = headers.begin() + static_cast<std::ptrdiff_t>(header.size() % 4);
  conveyor::v1::Image image;
  const auto error = conveyor::codec::decode(value, std::vector(headers.begin(), some), codec, kMostBytes, image);
  conveyor::fuzz::expect(error || image.ByteSizeLong() <= 2 * kMostBytes, "a message is no larger than its limit");
  conveyor::Record record;
  record.headers = headers;
  const conveyor::codec::Trace trace = conveyor::codec::trace_of(record, header);
  conveyor::fuzz::expect(trace.empty() || conveyor::codec::is_trace_id(trace.id.view()), "a trace id is one");
  return 0;
}
