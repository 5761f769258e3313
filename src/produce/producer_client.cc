#include "produce/producer_client.h"

#include <ctime>
#include <random>
#include <utility>

#include "kafka/producer_session.h"

namespace conveyor::kafka {
namespace {

using std::chrono::milliseconds;

// The longest tick of the kernel's clock.
constexpr milliseconds kTick{10};
// The timeout of one question to the brokers.
constexpr milliseconds kAnswerWithin{500};

// Returns the kernel's last tick plus one tick. That is never before now, so that no timeout ends early, and at most a
// tick later. Reading it costs a fifth of steady_clock::now().
std::chrono::steady_clock::time_point about_now() noexcept {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
  return std::chrono::steady_clock::time_point(std::chrono::seconds(time.tv_sec) +
                                               std::chrono::nanoseconds(time.tv_nsec) + kTick);
}

}  // namespace

ProducerClient::ProducerClient(const Config& config, const ProducerOptions& options,
                               const ProducerRecovery::Settings& recovery, ProducerEnvironment environment)
    : config_(config),
      reporter_(std::make_shared<Reporter>(config.observer)),
      has_thread_(!environment.make_handle),
      environment_(complete(std::move(environment), options)),
      engine_(config_, options, recovery,
              {.reporter = reporter_,
               .make_handle = environment_.make_handle,
               .clock = *environment_.clock,
               .random = environment_.random}),
      topics_(config_, reporter_, *environment_.clock,
              [this](const std::string& topic) { return engine_.queue().visit()->ask_topic(topic, kAnswerWithin); }) {
  if (has_thread_) {
    server_ = std::thread([this] { serve(); });
  } else {
    engine_.begin();
  }
}

ProducerClient::~ProducerClient() {
  engine_.close_queue();
  engine_.stop();
  if (has_thread_) server_.join();
  engine_.end();
}

ProducerEnvironment ProducerClient::complete(ProducerEnvironment environment, const ProducerOptions& options) const {
  if (!has_thread_) return environment;
  return {.make_handle = [this, options] { return std::make_unique<ProducerSession>(config_, options, reporter_); },
          .clock = std::make_shared<SteadyClock>(),
          .random =
              [engine = std::minstd_rand{std::random_device{}()}]() mutable {
                return std::uniform_real_distribution<double>()(engine);
              }};
}

void ProducerClient::serve() {
  engine_.begin();
  while (!engine_.stopped()) engine_.run_once();
}

std::optional<Refusal> ProducerClient::submit(ProducerRecord::Ptr send, std::size_t message_bytes) {
  return engine_.queue().submit(std::move(send), message_bytes, has_thread_ ? about_now() : environment_.clock->now());
}

void ProducerClient::wait_until_connected(milliseconds within) {
  engine_.queue().visit()->wait_until_connected(within);
}

}  // namespace conveyor::kafka
