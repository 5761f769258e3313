#ifndef CONVEYOR_BATCH_H_
#define CONVEYOR_BATCH_H_

#include <chrono>
#include <concepts>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "conveyor/channel.h"
#include "conveyor/context.h"
#include "conveyor/error.h"
#include "conveyor/export.h"
#include "conveyor/message.h"

namespace conveyor {

/// How many records a batch handler gets at once, and how long the first of them waits for others.
///
/// A handler thread takes the records that are available, from all partitions it may handle. It waits for more only
/// while it has less than max_batch. Do not set max_batch above the number of records that are read ahead
/// (WorkerOptions::max_in_flight, crash_attempts): such a batch never fills, and every call waits for max_delay.
struct BatchOptions {
  std::size_t max_batch = 8;
  std::chrono::milliseconds max_delay{5};  ///< counted from the first record of the batch; 0: do not wait for more
};

/// One input of a batch: the received message, and what the handler decides about it.
///
/// An item that the handler leaves alone is done, and nothing is sent for it. An item that fails is treated as if it
/// had been handled alone: after a RetryableError the worker tries it again, alone and after its neighbours; any
/// other exception sends it to the dead letters.
///
/// Test a handler without a broker by giving it items of your own (conveyor::testing makes the messages):
///
///     std::vector<conveyor::BatchItem<Image, Prediction>> items;
///     items.emplace_back(message, context);
///     label_all(items);
///     EXPECT_EQ(items[0].replied()->frame(), 7);
///
/// Thread safety: valid only during the handler's call. Within it, different threads may use different items.
///
/// @tparam Out the type of the reply; void: the handler sends only through context()
template <ProtobufMessage In, class Out = void>
class BatchItem {
  struct Nothing {};
  using Reply = std::conditional_t<std::is_void_v<Out>, Nothing, Out>;

 public:
  /// Message and context must outlive the item.
  BatchItem(const Message<In>& message, Context& context) : message_(&message), context_(&context) {}

  [[nodiscard]] const Message<In>& message() const noexcept { return *message_; }
  /// Sends further messages for this input, also to other channels.
  [[nodiscard]] Context& context() const noexcept { return *context_; }

  /// Sets the reply, which is sent with the input's key and trace after the handler has returned. The last call
  /// counts.
  void reply(Reply out) requires(!std::is_void_v<Out>) { reply_ = std::move(out); }

  /// Makes this input fail, and no other. It sends no reply.
  void fail(std::exception_ptr why) noexcept {
    failed_ = true;
    failure_ = std::move(why);
  }
  /// Makes this input fail with a new exception, such as RetryableError("the model is loading"). For an exception
  /// that you caught, pass std::current_exception() instead: its type may be another than the variable's.
  template <class E>
  requires std::derived_from<E, std::exception>
  void fail(E&& why) { fail(std::make_exception_ptr(std::forward<E>(why))); }

  [[nodiscard]] const auto& replied() const noexcept requires(!std::is_void_v<Out>) { return reply_; }
  [[nodiscard]] bool failed() const noexcept { return failed_; }
  /// @throws the exception that this input failed with
  void rethrow_failure() const {
    if (failure_) std::rethrow_exception(failure_);
    if (failed_) throw Error(errc::handler_failed, "an item of a batch failed without an exception");
  }

 private:
  const Message<In>* message_;
  Context* context_;
  std::optional<Reply> reply_;
  bool failed_ = false;
  std::exception_ptr failure_;
};

/// A function that is called with the items of a batch and decides about each. If it throws, all its decisions are
/// discarded, and it is called again with each item alone.
template <class F, class In, class Out = void>
concept BatchHandlerFor = std::invocable<F&, std::span<BatchItem<In, Out>>>;

namespace detail {

/// A batch handler without its message types; one for each handler thread and channel. Items are numbered from 0.
class CONVEYOR_EXPORT ErasedBatchHandler {
 public:
  virtual ~ErasedBatchHandler();
  /// The message that this item's record is decoded into.
  virtual google::protobuf::Message& value(std::size_t item) = 0;
  /// The trace id of the decoded message; empty when the type has none.
  virtual std::string_view trace_id(std::size_t item) = 0;
  /// Makes this item the last one of the batch, with this record and context.
  virtual void fill(std::size_t item, Record& record, Context& context) = 0;
  virtual void handle(std::size_t first, std::size_t count) = 0;
  /// Sends the item's reply. @throws the exception that the item failed with
  virtual void finish(std::size_t item) = 0;
};
using BatchHandlerFactory = std::function<std::unique_ptr<ErasedBatchHandler>()>;

template <ProtobufMessage In, class Out, class F, class Send>
class TypedBatchHandler final : public ErasedBatchHandler {
 public:
  using Item = BatchItem<In, Out>;

  TypedBatchHandler(F function, Send send) : function_(std::move(function)), send_(std::move(send)) {}

  google::protobuf::Message& value(std::size_t item) override { return recycled(undelivered(item)); }
  std::string_view trace_id(std::size_t item) override { return trace_id_in(undelivered(item)); }
  void fill(std::size_t item, Record& record, Context& context) override {
    messages_[item].refill([&](Record& mine, In&) { mine = std::move(record); });
    items_.erase(items_.begin() + static_cast<std::ptrdiff_t>(item), items_.end());
    items_.emplace_back(messages_[item], context);
  }
  void handle(std::size_t first, std::size_t count) override {
    const auto items = std::span(items_).subspan(first, count);
    for (Item& item : items) item = Item(item.message(), item.context());
    function_(items);
  }
  void finish(std::size_t item) override {
    items_[item].rethrow_failure();
    send_(items_[item]);
  }

 private:
  In& undelivered(std::size_t item) {
    while (messages_.size() <= item) messages_.emplace_back();
    return undelivered_value(messages_[item]);
  }

  F function_;
  Send send_;
  std::deque<Message<In>> messages_;  // a deque, because items point to its elements
  std::vector<Item> items_;
};

}  // namespace detail

}  // namespace conveyor

#endif  // CONVEYOR_BATCH_H_
