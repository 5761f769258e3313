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
                               const ProducerRecovery::Settings& recovery)
    : config_(config),
      reporter_(std::make_shared<Reporter>(config.observer)),
      engine_(
          config_, options, recovery,
          {.reporter = reporter_,
           .make_handle = [this, options] { return std::make_unique<ProducerSession>(config_, options, reporter_); },
           .clock = clock_,
           .random =
               [engine = std::minstd_rand{std::random_device{}()}]() mutable {
                 return std::uniform_real_distribution<double>()(engine);
               }}),
      topics_(config_, reporter_, clock_,
              [this](const std::string& topic) { return engine_.queue().visit()->ask_topic(topic, kAnswerWithin); }),
      server_([this] { serve(); }) {}

ProducerClient::~ProducerClient() {
  engine_.close_queue();
  engine_.stop();
  server_.join();
  engine_.end();
}

void ProducerClient::serve() {
  engine_.begin();
  while (!engine_.stopped()) engine_.run_once();
}

std::optional<Refusal> ProducerClient::submit(ProducerRecord::Ptr send, std::size_t message_bytes) {
  return engine_.queue().submit(std::move(send), message_bytes, about_now());
}

void ProducerClient::wait_until_connected(milliseconds within) {
  engine_.queue().visit()->wait_until_connected(within);
}

}  // namespace conveyor::kafka
