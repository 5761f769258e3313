#include "worker/handler_chain.h"

#include <utility>

namespace conveyor::worker {

HandlerChain::HandlerChain(std::unique_ptr<detail::ErasedHandler> handler, std::span<const Middleware> middleware)
    : handler_(std::move(handler)),
      outermost_([this](const Record& record, Context& context) { innermost(record, context); }) {
  for (auto each = middleware.rbegin(); each != middleware.rend(); ++each) {
    outermost_ = (*each)(std::move(outermost_));
    if (!outermost_) throw Error(errc::invalid_config, "middleware given to Worker::use returned no handler");
  }
}

void HandlerChain::operator()(const Record& record, Context& context, const Decode& decode) {
  struct InHand {
    const Decode*& decode;
    ~InHand() { decode = nullptr; }
  };
  decode_ = &decode;
  const InHand in_hand{decode_};
  undecodable_.reset();
  outermost_(record, context);
}

void HandlerChain::innermost(const Record& record, Context& context) {
  if (decode_ == nullptr) throw Error(errc::handler_failed, "middleware called `next` after it had returned");
  shown_ = record;  // a copy, because the handler takes it while middleware may still look at its own
  shown_.error.clear();
  shown_.error_text.clear();
  (*decode_)(shown_, handler_->value());
  if (shown_.error == errc::decode) {
    undecodable_ = shown_.error_text;
    detail::throw_no_value(shown_);
  }
  handler_->handle(shown_, context);
}

}  // namespace conveyor::worker
