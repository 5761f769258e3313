// service_program INPUT OUTPUT: a worker as a service runs it, configured by its environment; prints its report
// when it was stopped.

#include <cstdio>
#include <exception>

#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "conveyor/worker.h"

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  try {
    conveyor::Worker worker(conveyor::Config::from_env(), {.commit_every = std::chrono::hours(1)});
    worker.transform(conveyor::Channel<conveyor::v1::Image>::named(argv[1]),
                     conveyor::Channel<conveyor::v1::Prediction>::named(argv[2]),
                     [](const auto&) { return conveyor::v1::Prediction(); });
    const auto stop = conveyor::stop_on_signals();
    std::puts("running");
    std::fflush(stdout);
    const auto report = worker.run(stop);
    std::printf("handled=%llu left=%llu\n", static_cast<unsigned long long>(report.handled),
                static_cast<unsigned long long>(report.left));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
