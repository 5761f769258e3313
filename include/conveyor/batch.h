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
/// A thread takes what is there, from all partitions it may, and waits only while that is less than max_batch. A batch
/// larger than what is read ahead (WorkerOptions::max_in_flight, crash_attempts) waits in vain.
struct BatchOptions {
  std::size_t max_batch = 8;
  std::chrono::milliseconds max_delay{5};  ///< from the first on; 0: only what is there
};

/// One input of a batch: what came, and what becomes of it.
///
/// An item that is left alone is done, and nothing is sent for it. One that fails goes its own way, as if it had been
/// handled alone: RetryableError has it tried again, alone and after its neighbours, anything else sends it to the dead
/// letters.
///
/// A handler is tested without a broker by giving it items of one's own (conveyor::testing makes the messages):
///
///     std::vector<conveyor::BatchItem<Image, Prediction>> items;
///     items.emplace_back(message, context);
///     label_all(items);
///     EXPECT_EQ(items[0].replied()->frame(), 7);
///
/// Thread safety: belongs to the handler's call, in which different threads may use different items.
///
/// @tparam Out what is sent for it; void: nothing but what goes through context()
template <ProtobufMessage In, class Out = void>
class BatchItem {
  struct Nothing {};
  using Reply = std::conditional_t<std::is_void_v<Out>, Nothing, Out>;

 public:
  /// They must outlive the item.
  BatchItem(const Message<In>& message, Context& context) : message_(&message), context_(&context) {}

  [[nodiscard]] const Message<In>& message() const noexcept { return *message_; }
  /// To send to other channels too, for this input alone.
  [[nodiscard]] Context& context() const noexcept { return *context_; }

  /// To be sent with the input's key and trace once the handler has returned; the last one counts.
  void reply(Reply out) requires(!std::is_void_v<Out>) { reply_ = std::move(out); }

  /// This input fails, and no other; it sends no reply.
  void fail(std::exception_ptr why) noexcept {
    failed_ = true;
    failure_ = std::move(why);
  }
  /// The same with a new exception, such as RetryableError("the model is loading"). One that was caught, whose type may
  /// be another than the variable's, is passed on as std::current_exception().
  template <class E>
  requires std::derived_from<E, std::exception>
  void fail(E&& why) { fail(std::make_exception_ptr(std::forward<E>(why))); }

  [[nodiscard]] const auto& replied() const noexcept requires(!std::is_void_v<Out>) { return reply_; }
  [[nodiscard]] bool failed() const noexcept { return failed_; }
  /// @throws what it failed with
  void rethrow_failure() const {
    if (failure_) std::rethrow_exception(failure_);
    if (failed_) throw Error(errc::handler_failed, "an item of a batch failed without saying why");
  }

 private:
  const Message<In>* message_;
  Context* context_;
  std::optional<Reply> reply_;
  bool failed_ = false;
  std::exception_ptr failure_;
};

/// Is called with the items of a batch. It sets what becomes of each; where it throws, nothing that was set counts, and
/// it is called again with each item alone.
template <class F, class In, class Out = void>
concept BatchHandlerFor = std::invocable<F&, std::span<BatchItem<In, Out>>>;

namespace detail {

/// A batch handler without its types; one per handler thread and channel. Items are numbered from 0.
class CONVEYOR_EXPORT ErasedBatchHandler {
 public:
  virtual ~ErasedBatchHandler();
  /// What the record of this item is decoded into.
  virtual google::protobuf::Message& value(std::size_t item) = 0;
  /// The trace id in what was decoded; empty when the type has none.
  virtual std::string_view trace_id(std::size_t item) = 0;
  /// Makes it the last item.
  virtual void fill(std::size_t item, Record& record, Context& context) = 0;
  virtual void handle(std::size_t first, std::size_t count) = 0;
  /// Sends the item's reply. @throws what it failed with
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
  std::deque<Message<In>> messages_;  // stay where they are
  std::vector<Item> items_;
};

}  // namespace detail

}  // namespace conveyor

#endif  // CONVEYOR_BATCH_H_
