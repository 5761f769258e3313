#ifndef CONVEYOR_SRC_CODEC_ENCODE_H_
#define CONVEYOR_SRC_CODEC_ENCODE_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "codec/header_names.h"
#include "codec/stamp.h"
#include "codec/trace.h"
#include "conveyor/channel.h"
#include "conveyor/error.h"
#include "conveyor/message.h"
#include "conveyor/metadata.h"

namespace conveyor::codec {

using detail::HeaderView;

/// Where the encoded value goes.
class Destination {
 public:
  virtual ~Destination() = default;
  /// Memory for a value of at most this size; called at most once. Null: refused, and the encoding ends.
  /// @param headers all that the record gets, the caller's first; they live during the call
  virtual char* allocate(std::size_t most, std::span<const HeaderView> headers) = 0;
  /// The value is written.
  virtual void filled(std::size_t size) = 0;
};

struct EncodeRequest {
  std::string_view topic = {};  ///< for error texts
  ChannelOptions channel = {};
  detail::StampTarget target = {};
  Environment environment = Environment::kUnknown;
  std::string_view service = {};
  const Trace* incoming = nullptr;  ///< of the message being handled
  /// The caller's. A traceparent among them wins, unless it is that of the message being handled.
  std::span<const Header> user_headers = {};
  std::size_t max_message_bytes = 0;
};

struct Failure {
  errc code = errc::ok;
  std::string text = {};
};

struct Encoded {
  std::size_t message_bytes = 0;  ///< serialised and stamped
  std::optional<Failure> failure = {};
};

/// Serialises, stamps and compresses. The message is neither copied nor changed. What no parser would read is refused,
/// see why_unreadable().
[[nodiscard]] Encoded encode(const google::protobuf::Message& message, const EncodeRequest& request,
                             Destination& destination);

/// The last header of that name, as the wire format asks.
[[nodiscard]] const Header* last_header(std::span<const Header> headers, std::string_view name) noexcept;

}  // namespace conveyor::codec

#endif  // CONVEYOR_SRC_CODEC_ENCODE_H_
