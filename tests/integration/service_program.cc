// service_program worker|consumer INPUT OUTPUT: a worker, or a loop over a consumer that is tied to its producer, as a
// service runs it, configured by its environment.

#include <cstdio>
#include <cstring>
#include <exception>

#include "conveyor/consumer.h"
#include "conveyor/producer.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "conveyor/worker.h"

namespace {

using conveyor::v1::Image;
using conveyor::v1::Prediction;

// Prints its report when it was stopped.
void run_worker(const conveyor::Channel<Image>& input, const conveyor::Channel<Prediction>& output) {
  conveyor::Worker worker(conveyor::Config::from_env(), {.commit_interval = std::chrono::hours(1)});
  worker.transform(input, output, [](const auto&) { return Prediction(); });
  static_cast<void>(conveyor::stop_on_signals());  // from now on it may be stopped
  std::puts("running");
  std::fflush(stdout);
  const auto report = worker.run();
  std::printf("handled=%llu left=%llu\n", static_cast<unsigned long long>(report.handled),
              static_cast<unsigned long long>(report.left));
}

// Commits as often as it can, for tests that kill it.
void run_consumer(const conveyor::Channel<Image>& input, const conveyor::Channel<Prediction>& output) {
  const auto config = conveyor::Config::from_env();
  conveyor::Producer producer(config);
  conveyor::Consumer consumer(
      config, input,
      {.stop = conveyor::stop_on_signals(), .commit_interval = std::chrono::milliseconds(5), .producer = &producer});
  for (const auto& message : consumer) {
    Prediction prediction;
    prediction.set_frame(message.value().frame());
    producer.send(output, prediction);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  try {
    const auto input = conveyor::Channel<Image>::named(argv[2]);
    const auto output = conveyor::Channel<Prediction>::named(argv[3]);
    if (std::strcmp(argv[1], "worker") == 0) {
      run_worker(input, output);
    } else {
      run_consumer(input, output);
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
