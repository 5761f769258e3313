#ifndef CONVEYOR_SRC_PRODUCE_PRODUCER_RECOVERY_H_
#define CONVEYOR_SRC_PRODUCE_PRODUCER_RECOVERY_H_

#include <chrono>
#include <cstddef>

namespace conveyor::kafka {

/// What is known of an accepted send that has not been resolved.
struct Unresolved {
  bool with_client = false;      ///< a client has it and has not reported about it
  bool possibly_stored = false;  ///< a client gave it back, or died with it, after a broker may have stored it
  std::chrono::steady_clock::time_point due = {};  ///< when its delivery timeout ends
};

/// What becomes of an accepted send.
enum class Fate {
  kLeave,              ///< nothing yet
  kSendAgain,          ///< goes to the new client
  kTimedOut,           ///< fails: no broker has it, and its time is over
  kPossiblyDelivered,  ///< fails: a broker may have it
  kClientFailed,       ///< fails: no broker has it, and no new client would fare better
  kStopped,            ///< fails: no broker has it, and the producer is being closed
};

/// When a producer whose client turned fatal takes its sends back, makes a new client and sends again, and what becomes
/// of each send meanwhile.
///
/// The old client is asked again and again to give back what it has. Once it has, or has not in time, and a wait with
/// jitter is over that doubles from failure to failure until something is delivered, a new client takes its place.
/// There is no last attempt: each send has its delivery timeout.
///
/// Decisions without librdkafka, threads, clock or randomness of their own.
class ProducerRecovery {
 public:
  using Clock = std::chrono::steady_clock;

  struct Settings {
    bool resend = true;                              ///< ProducerOptions::resend
    std::chrono::milliseconds answer_within{1'000};  ///< how long answers are waited for
    std::chrono::milliseconds give_back_within{3'000};
    std::chrono::milliseconds ask_every{100};
    std::chrono::milliseconds initial_backoff{100};
    std::chrono::milliseconds max_backoff{10'000};
  };

  enum class Step {
    kNothing,
    kAskForUnsent,  ///< ask the client for what it has not sent to a broker
    kAskForAll,     ///< ask it for what it has sent too, which then counts as possibly stored
    kGiveUp,        ///< what the client has not given back counts as possibly stored
    kRebuild,       ///< give up what the client still has, and make a new one
    kSendAgain,     ///< hand what waits to the new client, in the order in which it was accepted
  };

  explicit ProducerRecovery(const Settings& settings) : settings_(settings) {}

  /// @param curable whether a new client may fare better @param random from [0, 1)
  void client_failed(Clock::time_point now, bool curable, double random) noexcept;
  /// The new client could not even be made.
  void rebuild_failed(Clock::time_point now, double random) noexcept;
  void rebuilt() noexcept;
  /// Nothing waits any more.
  void all_sent() noexcept;
  /// A broker has acknowledged something.
  void delivered() noexcept { failures_ = 0; }
  /// From now on everything ends, nothing is sent again.
  void close(Clock::time_point now) noexcept;

  /// Whether the client in use has failed.
  [[nodiscard]] bool failed() const noexcept { return phase_ == Phase::kGivingBack || phase_ == Phase::kEnded; }
  /// Whether it has, and no other is made.
  [[nodiscard]] bool ended() const noexcept { return phase_ == Phase::kEnded; }
  /// Whether what the client gives back is waited for, rather than an error of the record.
  [[nodiscard]] bool takes_back() const noexcept { return failed() || closed_; }

  /// What to do now. @param with_client how many sends the client has not reported about
  [[nodiscard]] Step next(Clock::time_point now, std::size_t with_client) noexcept;
  [[nodiscard]] Fate fate_of(const Unresolved& send, Clock::time_point now) const noexcept;

 private:
  enum class Phase { kRunning, kGivingBack, kSendingAgain, kEnded };

  [[nodiscard]] std::chrono::milliseconds wait(double random) noexcept;

  const Settings settings_;
  Phase phase_ = Phase::kRunning;
  bool closed_ = false;
  int failures_ = 0;  // in a row
  Clock::time_point rebuild_at_{};
  Clock::time_point answer_until_{};
  Clock::time_point give_back_until_{};
  Clock::time_point ask_at_{};
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_PRODUCE_PRODUCER_RECOVERY_H_
