#ifndef CONVEYOR_SRC_PRODUCE_PRODUCER_RECOVERY_H_
#define CONVEYOR_SRC_PRODUCE_PRODUCER_RECOVERY_H_

#include <chrono>
#include <cstddef>

namespace conveyor::kafka {

/// What is known about an accepted send that is not resolved.
struct Unresolved {
  bool with_client = false;      ///< a client has it and has not reported about it
  bool possibly_stored = false;  ///< a client gave it back, or failed with it, after a broker may have stored it
  std::chrono::steady_clock::time_point due = {};  ///< when its delivery timeout ends
};

/// What becomes of an accepted send.
enum class Fate {
  kLeave,              ///< nothing yet
  kSendAgain,          ///< it goes to the new client
  kTimedOut,           ///< fails: no broker has it, and its time is over
  kPossiblyDelivered,  ///< fails: a broker may have it
  kClientFailed,       ///< fails: no broker has it, and a new client would fail too
  kStopped,            ///< fails: no broker has it, and the producer is being closed
};

/// Decides when a producer whose client had a fatal error takes its sends back, creates a new client and sends again,
/// and what becomes of each send meanwhile.
///
/// The old client is asked again and again to give back its sends. A new client takes its place once it has done so, or
/// has not done so in time, and a wait is over. The wait doubles, with jitter, from failure to failure until something
/// is delivered. There is no last attempt: each send has its delivery timeout.
///
/// Pure: no librdkafka, no threads, no clock, no randomness of its own.
class ProducerRecovery {
 public:
  using Clock = std::chrono::steady_clock;

  struct Settings {
    bool resend = true;                              ///< ProducerOptions::resend
    std::chrono::milliseconds answer_within{1'000};  ///< how long to wait for answers
    std::chrono::milliseconds give_back_within{3'000};
    std::chrono::milliseconds ask_every{100};
    std::chrono::milliseconds initial_backoff{100};
    std::chrono::milliseconds max_backoff{10'000};
  };

  enum class Step {
    kNothing,
    kAskForUnsent,  ///< ask the client for the sends that no broker got
    kAskForAll,     ///< ask it for the others too, which then count as possibly stored
    kGiveUp,        ///< count the sends that the client has not given back as possibly stored
    kRebuild,       ///< give up what the client still has, and create a new one
    kSendAgain,     ///< hand the waiting sends to the new client, in the order in which they were accepted
  };

  explicit ProducerRecovery(const Settings& settings) : settings_(settings) {}

  /// @param curable whether a new client may work
  /// @param random in [0, 1)
  void client_failed(Clock::time_point now, bool curable, double random) noexcept;
  /// Not even a new client could be created.
  void rebuild_failed(Clock::time_point now, double random) noexcept;
  void rebuilt() noexcept;
  /// No send waits any more.
  void all_sent() noexcept;
  /// A broker has acknowledged a send.
  void delivered() noexcept { failures_ = 0; }
  /// From now on sends only end; nothing is sent again.
  void close(Clock::time_point now) noexcept;

  /// Whether the present client has failed.
  [[nodiscard]] bool failed() const noexcept { return phase_ == Phase::kGivingBack || phase_ == Phase::kEnded; }
  /// Whether it has failed, and no other one will be created.
  [[nodiscard]] bool ended() const noexcept { return phase_ == Phase::kEnded; }
  /// Whether to wait for what the client gives back, rather than take its error for the record's.
  [[nodiscard]] bool takes_back() const noexcept { return failed() || closed_; }

  /// What to do now. @param with_client the number of sends that the client has not reported about
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
