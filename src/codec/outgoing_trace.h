#ifndef CONVEYOR_SRC_CODEC_OUTGOING_TRACE_H_
#define CONVEYOR_SRC_CODEC_OUTGOING_TRACE_H_

#include <optional>
#include <span>
#include <string_view>

#include "codec/header_list.h"
#include "codec/trace.h"
#include "conveyor/message.h"

namespace conveyor::codec {

/// Which trace a send belongs to: one that the caller names in a header, one that the message carries, that of the
/// message being handled, or a new one. And which headers say so.
class OutgoingTrace {
 public:
  struct Sources {
    std::span<const Header> user = {};  ///< the caller's headers
    const Trace* incoming = nullptr;    ///< of the message being handled, or null
    std::string_view carried = {};      ///< the trace id in the message
    bool begins = false;                ///< begin a trace where none continues, and send a header for it
    bool stamped = false;               ///< the message's own field will say which trace it belongs to
  };
  /// @param sources must live as long as this
  explicit OutgoingTrace(const Sources& sources);

  /// 32 characters; they are all zero bytes unless a trace continues, begins or is stamped.
  [[nodiscard]] std::string_view id() const noexcept { return id_.view(); }

  /// Adds the caller's headers but those that describe another record or trace.
  void add_users(HeaderList& headers) const;
  /// Adds traceparent, and the tracestate and the baggage of the message being handled unless the caller has others.
  /// @param traceparent memory for the header's value
  void add_ours(HeaderList& headers, Text<55>& traceparent) const;

 private:
  [[nodiscard]] bool keeps_users_state() const noexcept;

  const Sources sources_;
  const Header* traceparent_ = nullptr;  // the last one of the caller's
  bool state_ = false;                   // whether the caller has a tracestate
  bool baggage_ = false;                 // whether the caller has baggage
  bool named_ = false;                   // the caller's traceparent is sent as it is
  bool goes_on_ = false;                 // the trace of the message being handled continues
  bool has_traceparent_ = false;         // a header says which trace it is
  Text<32> id_ = {};
};

}  // namespace conveyor::codec

#endif  // CONVEYOR_SRC_CODEC_OUTGOING_TRACE_H_
