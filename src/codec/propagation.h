#ifndef CONVEYOR_SRC_CODEC_PROPAGATION_H_
#define CONVEYOR_SRC_CODEC_PROPAGATION_H_

#include <cstddef>
#include <span>
#include <string>

#include "conveyor/message.h"

namespace conveyor::codec {

// W3C wants lists to be passed on at least up to these limits. What arrives may be as large as a record.
inline constexpr std::size_t kLongestTracestate = 512;
inline constexpr std::size_t kMostTracestateMembers = 32;
inline constexpr std::size_t kLongestBaggage = 8'192;
inline constexpr std::size_t kMostBaggageMembers = 64;

/// The list of all headers named tracestate, in their order. Above the limit it loses members as W3C asks: first those
/// of more than 128 characters, then the last ones. Empty when one of its members is malformed.
/// https://www.w3.org/TR/trace-context/#tracestate-header
[[nodiscard]] std::string tracestate_of(std::span<const Header> headers);

/// The list of all headers named baggage, in their order, without malformed members and up to the limits.
/// https://www.w3.org/TR/baggage/
[[nodiscard]] std::string baggage_of(std::span<const Header> headers);

}  // namespace conveyor::codec

#endif  // CONVEYOR_SRC_CODEC_PROPAGATION_H_
