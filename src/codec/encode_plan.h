#ifndef CONVEYOR_SRC_CODEC_ENCODE_PLAN_H_
#define CONVEYOR_SRC_CODEC_ENCODE_PLAN_H_

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "codec/header_list.h"
#include "codec/outgoing_trace.h"
#include "codec/stamp.h"
#include "codec/trace.h"
#include "codec/wire_codec.h"
#include "conveyor/channel.h"
#include "conveyor/error.h"
#include "conveyor/message.h"
#include "conveyor/metadata.h"

namespace conveyor::codec {

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

/// Why a message is not sent.
struct Failure {
  errc code = errc::ok;
  std::string text = {};
};

/// How one message becomes the value and the headers of a record. A plan is made before there is memory for the value:
/// it says how much that takes, the caller allocates it, and write() fills it. The message is neither copied nor
/// changed.
///
///     const EncodePlan plan{message, request};
///     if (!plan.failure()) {
///       char* out = allocate(plan.most_bytes(), plan.headers());
///       const EncodePlan::Written written = plan.write(out);
///     }
///
/// Thread safety: belongs to one thread.
class EncodePlan {
 public:
  /// @param message and what the request refers to must live as long as the plan, unchanged
  EncodePlan(const google::protobuf::Message& message, const EncodeRequest& request);
  EncodePlan(const EncodePlan&) = delete;
  EncodePlan& operator=(const EncodePlan&) = delete;

  /// Where there is one, the plan says nothing else and nothing is to be written.
  [[nodiscard]] const std::optional<Failure>& failure() const noexcept { return failure_; }
  /// Of the message, serialised and stamped.
  [[nodiscard]] std::size_t message_bytes() const noexcept { return message_bytes_; }
  /// The value takes no more.
  [[nodiscard]] std::size_t most_bytes() const noexcept { return most_bytes_; }
  /// All headers of the record, the caller's first; they live as long as the plan.
  [[nodiscard]] std::span<const detail::HeaderView> headers() const noexcept { return headers_.all(); }

  struct Written {
    std::size_t bytes = 0;  ///< of the value
    std::optional<Failure> failure = {};
  };
  /// Serialises, stamps and encodes. What no parser would read is refused, see why_unreadable().
  /// @param out room for most_bytes()
  [[nodiscard]] Written write(char* out) const;

 private:
  void make_stamp();
  void add_headers();
  [[nodiscard]] std::optional<Failure> serialize(char* out) const;

  const google::protobuf::Message& message_;
  const EncodeRequest request_;
  const WireCodec& codec_;
  const OutgoingTrace trace_;
  std::optional<Failure> failure_ = {};
  std::size_t size_ = 0;  // of the message without the stamp
  std::size_t message_bytes_ = 0;
  std::size_t most_bytes_ = 0;
  Stamp stamp_ = {};
  std::optional<StampField> stamp_field_ = {};  // where the message has the field; the headers say the same elsewhere
  std::optional<IsoDate> date_ = {};            // of the stamp in headers
  HeaderList headers_;

  // What the headers and the stamp refer to.
  Text<36> uuid_ = {};
  Text<55> traceparent_ = {};
  std::array<char, 40> timestamp_ = {};  // 20 digits, a point, 6 digits, a sign
  std::array<char, 20> size_text_ = {};  // 20 digits
};

}  // namespace conveyor::codec

#endif  // CONVEYOR_SRC_CODEC_ENCODE_PLAN_H_
