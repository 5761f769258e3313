#ifndef CONVEYOR_HANDLER_H_
#define CONVEYOR_HANDLER_H_

#include <concepts>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

#include "conveyor/batch.h"
#include "conveyor/channel.h"
#include "conveyor/context.h"
#include "conveyor/export.h"
#include "conveyor/message.h"
#include "conveyor/retry.h"

namespace conveyor {

/// Options of one channel's handler. An option that is set replaces that of WorkerOptions as a whole. For one that is
/// not set, WorkerOptions count.
///
///     worker.handle(kOrders, store, {.retry = conveyor::RetryOptions{.attempts = 20},
///                                    .dead_letter = conveyor::DeadLetterOptions{.enabled = true}});
struct HandlerOptions {
  std::optional<RetryOptions> retry = {};
  std::optional<DeadLetterOptions> dead_letter = {};
};

/// A handler that is made once per handler thread, so that it may keep state without locks.
///
///     worker.handle(kOrders, conveyor::per_thread([] { return Kitchen(); }));
template <class Make>
struct PerThread {
  Make make;
};
template <class Make>
PerThread<Make> per_thread(Make make) {
  return {std::move(make)};
}

/// What Worker::handle takes: a function of the message, which shows the record too, or of the message's value alone.
/// Both forms may take a Context& as well.
///
///     worker.handle(kOrders, [](const shop::Order& order) { cook(order); });
///     worker.handle(kOrders, [](const shop::Order& order, conveyor::Context& context) { ... });
///     worker.handle(kOrders, [](const conveyor::Message<shop::Order>& message) { ... });
///     worker.handle(kOrders, [](const auto& message, conveyor::Context& context) { ... });
///
/// A function that takes `const auto&` gets the message. A function that takes the value alone cannot see a tombstone:
/// with WorkerOptions::tombstones, its tombstones go to the dead letters.
// Version 14 of clang-format takes the first < for a comparison.
// clang-format off
template <class F, class In>
concept HandlerFor = std::invocable<F&, const Message<In>&, Context&> || std::invocable<F&, const Message<In>&> ||
                     std::invocable<F&, const In&, Context&> || std::invocable<F&, const In&>;
// clang-format on

namespace detail {

// The forms are tried one after the other, the message first: the body of a function that takes `const auto&` need not
// compile for a value.
template <class F, class In>
decltype(auto) call(F& function, const Message<In>& message, Context& context) {
  if constexpr (std::invocable<F&, const Message<In>&, Context&>) {
    return function(message, context);
  } else if constexpr (std::invocable<F&, const Message<In>&>) {
    return function(message);
  } else if constexpr (std::invocable<F&, const In&, Context&>) {
    return function(message.value(), context);
  } else {
    return function(message.value());
  }
}

template <class R>
inline constexpr bool is_optional = false;
template <class R>
inline constexpr bool is_optional<std::optional<R>> = true;

// The threads share a plain handler, so only its const operator() counts.
template <class F>
struct Unwrap {
  using type = const F;
};
template <class Make>
struct Unwrap<PerThread<Make>> {
  using type = std::invoke_result_t<Make&>;
};
template <class F>
inline constexpr bool is_per_thread = false;
template <class Make>
inline constexpr bool is_per_thread<PerThread<Make>> = true;
template <class F>
using HandlerOf = typename Unwrap<std::remove_cvref_t<F>>::type;

template <class F, class In>
using ReturnedBy =
    decltype(call(std::declval<HandlerOf<F>&>(), std::declval<const Message<In>&>(), std::declval<Context&>()));

}  // namespace detail

/// What Worker::transform takes: a handler that returns Out, or std::optional<Out> if there may be nothing to send.
template <class F, class In, class Out>
concept TransformFor = HandlerFor<F, In> && requires(F& function, const Message<In>& message, Context& context) {
  { detail::call(function, message, context) } -> std::convertible_to<std::optional<Out>>;
};

namespace detail {

// Each check fails in at most one static_assert, which says what the worker takes. A constraint on the worker's
// function would make the compiler list every form, each with the reason why it does not fit. The caller adds no
// handler when a check returns false, so that no other error follows.

template <class F, class In>
consteval bool check_handler() {
  constexpr bool fits = HandlerFor<HandlerOf<F>, In>;
  constexpr bool is_mutable = !fits && HandlerFor<F, In>;
  static_assert(!is_mutable,
                "the worker's threads share this handler, which changes itself: make its operator() const (a lambda "
                "without `mutable`), or give each thread its own with conveyor::per_thread()");
  static_assert(fits || is_mutable,
                "a handler must be one of f(const conveyor::Message<In>&), f(const conveyor::Message<In>&, "
                "conveyor::Context&), f(const In&), f(const In&, conveyor::Context&), where In is the channel's type");
  return fits;
}

template <class F, class In, class Out>
consteval bool check_transform() {
  if constexpr (check_handler<F, In>()) {
    constexpr bool fits = TransformFor<HandlerOf<F>, In, Out>;
    static_assert(fits,
                  "the handler of transform() must return the message of the output channel, or a std::optional of it; "
                  "one that returns nothing is for handle()");
    return fits;
  } else {
    return false;
  }
}

template <class F, class In, class Out>
consteval bool check_batch_handler() {
  constexpr bool fits = BatchHandlerFor<HandlerOf<F>, In, Out>;
  constexpr bool is_mutable = !fits && BatchHandlerFor<F, In, Out>;
  static_assert(!is_mutable,
                "the worker's threads share this handler, which changes itself: make its operator() const (a lambda "
                "without `mutable`), or give each thread its own with conveyor::per_thread()");
  static_assert(fits || is_mutable,
                "a batch handler must be f(std::span<conveyor::BatchItem<In, Out>>) for transform_batch(), or "
                "f(std::span<conveyor::BatchItem<In>>) for handle_batch(), of the channels' types");
  return fits;
}

template <class Returned>
consteval void check_returns_nothing() {
  static_assert(std::is_void_v<Returned>,
                "nobody would send what this handler returns; use transform(), or reply() to the items of a batch");
}

/// A handler without its message type; one for each handler thread and channel.
class CONVEYOR_EXPORT ErasedHandler {
 public:
  virtual ~ErasedHandler();
  /// The message that the next record is decoded into.
  virtual google::protobuf::Message& value() = 0;
  /// The trace id of the decoded message; empty when the type has none.
  virtual std::string_view trace_id() = 0;
  virtual void handle(Record& record, Context& context) = 0;
};
using HandlerFactory = std::function<std::unique_ptr<ErasedHandler>()>;

template <ProtobufMessage In, class F, class Call>
class TypedHandler final : public ErasedHandler {
 public:
  TypedHandler(F function, Call call) : function_(std::move(function)), call_(std::move(call)) {}

  google::protobuf::Message& value() override { return recycled(undelivered_value(message_)); }
  std::string_view trace_id() override { return trace_id_in(undelivered_value(message_)); }
  void handle(Record& record, Context& context) override {
    message_.refill([&](Record& mine, In&) { mine = std::move(record); });
    call_(function_, message_, context);
  }

 private:
  F function_;
  Call call_;
  Message<In> message_;
};

}  // namespace detail

}  // namespace conveyor

#endif  // CONVEYOR_HANDLER_H_
