#include "codec/outgoing_trace.h"

#include <array>

#include "codec/header_names.h"

namespace conveyor::codec {
namespace {

// No flag, not even "sampled": whether a trace is recorded is not for this library to decide.
constexpr std::array<char, 2> kUndecided{'0', '0'};

}  // namespace

OutgoingTrace::OutgoingTrace(const Sources& sources) : sources_(sources) {
  for (const Header& header : sources.user) {
    if (header.name == kTraceparent) traceparent_ = &header;
    state_ = state_ || header.name == kTracestate;
    baggage_ = baggage_ || header.name == kBaggage;
  }
  const Trace* incoming = sources.incoming != nullptr && !sources.incoming->empty() ? sources.incoming : nullptr;
  if (traceparent_ != nullptr) {
    const auto named = parse_traceparent(traceparent_->value);
    // The one of the message being handled came along with its headers: what is sent is a new span of that trace.
    named_ = named && (incoming == nullptr || !named->same_span(*incoming));
    if (named_) id_ = named->id;
  }
  if (!named_) {
    if (is_trace_id(sources.carried)) {
      id_ = Text<32>::of(sources.carried);
    } else if (incoming != nullptr) {
      id_ = incoming->id;
    } else if (sources.begins || sources.stamped) {
      id_ = new_trace_id();
    }
    goes_on_ = incoming != nullptr && incoming->id.view() == id_.view();
  }
  has_traceparent_ = named_ || incoming != nullptr || sources.begins;
}

bool OutgoingTrace::keeps_users_state() const noexcept {
  if (named_ || goes_on_) return true;
  return !has_traceparent_ && traceparent_ == nullptr;  // with another traceparent it belongs to another trace
}

void OutgoingTrace::add_users(HeaderList& headers) const {
  for (const Header& header : sources_.user) {
    if (describes_the_record(header.name) || header.name == kTraceparent) continue;
    if (header.name == kTracestate && !keeps_users_state()) continue;
    headers.add(HeaderView::of(header));
  }
}

void OutgoingTrace::add_ours(HeaderList& headers, Text<55>& traceparent) const {
  if (named_) {
    headers.add(kTraceparent, traceparent_->value);
  } else if (has_traceparent_) {
    traceparent = make_traceparent(id(), goes_on_ ? sources_.incoming->flags : kUndecided);
    headers.add(kTraceparent, traceparent.view());
  }
  if (goes_on_ && !state_ && !sources_.incoming->state.empty()) headers.add(kTracestate, sources_.incoming->state);
  if (!baggage_ && sources_.incoming != nullptr && !sources_.incoming->baggage.empty()) {
    headers.add(kBaggage, sources_.incoming->baggage);
  }
}

}  // namespace conveyor::codec
