#ifndef CONVEYOR_SRC_WORKER_RUN_H_
#define CONVEYOR_SRC_WORKER_RUN_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/thread_annotations.h"
#include "consume/group_member.h"
#include "conveyor/worker.h"
#include "dead_letters/dead_letter_writer.h"
#include "produce/producer_core.h"
#include "transactions/transaction_runner.h"
#include "worker/completion.h"
#include "worker/dispatcher.h"
#include "worker/failure_path.h"
#include "worker/handler_chain.h"
#include "worker/run_environment.h"

namespace conveyor::worker {

class InputCompletion;

/// The handler of a channel, and its options.
struct Route {
  std::string_view channel = {};  ///< without Config::topic_prefix
  ChannelOptions options = {};
  detail::HandlerFactory make = {};  // empty for a batch handler
  detail::BatchHandlerFactory make_batch = {};
  BatchOptions batch = {};
  FailurePath failure_path{RetryOptions()};
  DeadLetterOptions dead_letter = {};
};
using Routes = std::map<std::string, Route, std::less<>>;  // by full topic name

/// One call of Worker::run.
///
/// The calling thread reads; handler threads decode and handle; acknowledgements arrive on the producer's thread. A
/// record ends in exactly one of two ways: it is finished, or it is given up because its partition is revoked.
class Run final : public Receiver, public TransactionRunner::Owner {
 public:
  /// @param environment by default the real one: librdkafka, threads and the system's clock
  Run(const Config& config, const WorkerOptions& options, const Routes& routes, std::span<const Middleware> middleware,
      RunEnvironment environment = {});
  ~Run() override;
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  RunReport operator()(const std::stop_token& stop);

  // The parts of operator(), for a Run that is driven by hand. They begin no transactions.
  /// Makes the handlers. @throws Error when that is not possible
  void begin();
  /// Does one round: reads, handles everything that is due, and takes the acknowledgements.
  /// @return whether there may be more to do at once @throws Error the reason why the worker ends
  bool run_once();
  /// When the next record is due for another attempt.
  [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> next_due() { return dispatcher_.next_due(); }
  RunReport end();

  [[nodiscard]] ConsumerCounters counters() const noexcept;
  [[nodiscard]] ProducerCounters producer_counters();

  // For contexts and completions.
  detail::ProducerCore& producer();
  [[nodiscard]] bool transacts() const noexcept { return options_.exactly_once.enabled; }
  [[nodiscard]] const detail::MessageEncoder& encoder() const noexcept { return encoder_; }
  void end(Task task, Outputs outputs, std::optional<Completion::Failure> failure);
  /// Runs code that is not a handler's. An exception there, such as std::bad_alloc, ends the worker.
  template <class Work>
  void guarded(Work&& work) noexcept {
    try {
      std::forward<Work>(work)();
    } catch (const std::exception& error) {
      fail_unexpectedly(error.what());
    } catch (...) {
      fail_unexpectedly("something that is not an exception");
    }
  }

 private:
  // The handler of a channel on one thread.
  struct ThreadHandler {
    const Route* route = nullptr;
    std::unique_ptr<detail::ErasedHandler> single = {};
    std::unique_ptr<detail::ErasedBatchHandler> batch = {};
    std::unique_ptr<HandlerChain> chain = {};  // in place of `single` if there is middleware
    Record record = {};                        // kept so that the next record reuses its memory
  };
  using Handlers = std::unordered_map<std::string_view, ThreadHandler>;  // by full topic name

  void receive(std::span<Incoming> incoming) override;
  std::size_t drop(const Partition& partition) override;
  void release(std::span<const PartitionPtr> partitions, std::chrono::milliseconds within) override;

  void committed(const FinishedInput& input) override;
  void output_failed(Task task, std::error_code code, const std::string& text) override;
  void uncommitted(FinishedInput input) override;
  void transactions_failed(const Error& error) override { fail(error); }
  void transactions_broke(const char* what) noexcept override { fail_unexpectedly(what); }

  [[nodiscard]] const Route& route_of(const Task& task) const;
  void check_dead_letter_topics();
  void start_handlers();
  [[nodiscard]] Handlers make_handlers();
  [[nodiscard]] ThreadHandler make_handler(const Route& route);
  void run_handlers(Handlers& handlers);
  void take_on(Task task, Handlers& handlers);
  void condemn(Task& task);
  void handle(Task task, ThreadHandler& by);
  void handle_in_chain(Task task, ThreadHandler& by);
  void handle_batch(std::vector<Task> tasks, ThreadHandler& by);
  void decode(const Task& task, const Route& route, Record& record, google::protobuf::Message& value);
  /// @return true when the record is not for a handler; then it was dealt with already
  bool filter(Task& task, const Record& record);
  /// @return why the call failed, or nothing
  template <class Call>
  [[nodiscard]] static std::optional<Completion::Failure> failure_of(const Route& route, Call&& call);
  /// The handler has returned or thrown.
  void handled(InputCompletion& completion, std::optional<Completion::Failure> failure);
  void failed(Task task, const Completion::Failure& failure);
  void send_dead_letter(Task task);
  void dead_letter_resolved(Task task, const Delivery& delivery);
  void dead_letter_failed(Task task, const Delivery& delivery);
  void count_dead_letter(const Task& task, std::string_view where);
  void try_again(Task task, std::chrono::steady_clock::time_point due);
  void give_up(Task task);
  void fail(const Error& error);
  void fail_unexpectedly(const char* what) noexcept;
  void finish_or_fail(Task task, Outputs outputs, std::optional<Completion::Failure> failure);
  void close_producer();
  void take_acknowledgements();
  void throw_failure();
  [[nodiscard]] RunReport report() const;
  [[nodiscard]] std::chrono::steady_clock::time_point now() const;
  [[nodiscard]] double random() const;

  const Config& config_;
  const WorkerOptions& options_;
  const Routes& routes_;
  const std::span<const Middleware> middleware_;
  const RunEnvironment environment_;
  std::stop_source stop_;
  GroupMember member_;
  const detail::MessageEncoder encoder_;
  std::unique_ptr<TransactionRunner> transactions_;  // destroyed before the member
  Dispatcher dispatcher_;                            // destroyed before the member, which must outlive its records
  std::atomic<std::uint64_t> retries_{0};
  std::atomic<std::uint64_t> dead_letters_{0};
  Mutex mutex_;
  std::optional<Error> failure_ CONVEYOR_GUARDED_BY(mutex_);
  std::atomic<bool> failed_without_words_{false};  // there was no memory to make an Error
  std::unique_ptr<detail::ProducerCore> producer_ CONVEYOR_GUARDED_BY(mutex_);
  ProducerCounters last_producer_counters_ CONVEYOR_GUARDED_BY(mutex_);
  std::vector<std::jthread> threads_;
  Handlers handlers_;  // only for a Run that is driven by hand
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_WORKER_RUN_H_
