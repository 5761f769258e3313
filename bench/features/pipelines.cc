#include "features/pipelines.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <random>
#include <stdexcept>
#include <stop_token>
#include <thread>
#include <utility>

#include "conveyor/channel.h"
#include "conveyor/egg/v1/egg_scan.pb.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "conveyor/vision/classifier.h"
#include "conveyor/vision/fake.h"
#include "conveyor/vision/serve.h"
#include "conveyor/vision/served_model.h"
#include "conveyor/worker.h"
#include "features/instruments.h"

namespace conveyor::bench {
namespace {

using namespace std::chrono_literals;
using egg::v1::EggScan;

std::shared_ptr<const vision::Model> model() {
  vision::Outcome outcome;
  outcome.add_label("whole", 0.9, 0);
  return vision::constant(outcome, {.width = 32, .height = 32, .channels = 1});
}

/// Waits until the worker has reached something, or has ended.
void wait_for(const std::function<bool()>& reached, const std::future<RunReport>& ended) {
  const auto deadline = std::chrono::steady_clock::now() + 2min;
  while (!reached() && ended.wait_for(2ms) == std::future_status::timeout) {
    if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("the worker does not come to an end");
  }
}

}  // namespace

/// What is particular to a pipeline.
struct Pipelines::Wanted {
  std::function<void(Worker&)> add_handler;
  std::function<void()> in_the_middle = [] {};
};

Pipelines::Pipelines(std::string bootstrap_servers, int messages)
    : bootstrap_servers_(std::move(bootstrap_servers)),
      admin_(bootstrap_servers_),
      messages_(messages),
      run_(std::string("-").append(std::to_string(std::random_device{}()))) {
  admin_.create_topic(topic("answers"), kPartitions, {{"retention.bytes", "16777216"}, {"segment.bytes", "16777216"}});
}

const std::string& Pipelines::input(const std::string& kind, const Features& features, Write write) {
  const auto [entry, made] = inputs_.try_emplace({kind, features});
  if (made) {
    entry->second = topic(kind + "-" + std::to_string(inputs_.size()));
    admin_.create_topic(entry->second, kPartitions);
    write(bootstrap_servers_, entry->second, features.tracing ? Traced::kYes : Traced::kNo, messages_);
  }
  return entry->second;
}

Cost Pipelines::handle_scans(const Features& features) {
  v1::Prediction answer;
  answer.add_object("whole");
  const auto scans = Channel<EggScan>::named(input("scans", features, write_scans));
  const auto answers = Channel<v1::Prediction>::named(topic("answers"));
  return run(features, {.add_handler = [&](Worker& worker) {
               worker.transform(scans, answers,
                                [&](const Message<EggScan>&) -> const v1::Prediction& { return answer; });
             }});
}

Cost Pipelines::classify_images(const Features& features) {
  const auto images = Channel<v1::Image>::named(input("images", features, write_images));
  const auto answers = Channel<v1::Prediction>::named(topic("answers"));
  if (!features.hot_swap) {
    return run(features, {.add_handler = [&](Worker& worker) {
                 worker.transform(images, answers, per_thread([] { return vision::Predictor{model()}; }));
               }});
  }
  std::shared_ptr<vision::ServedModel> served;
  const Cost cost =
      run(features, {.add_handler = [&](Worker& worker) { served = vision::serve(worker, images, answers, model()); },
                     .in_the_middle = [&] { served->swap(model()); }});
  const vision::ServeCounters counters = served->counters();
  if (counters.swaps != 1 || counters.roll_backs != 0) throw std::runtime_error("the model was not exchanged");
  if (counters.predictions != static_cast<std::uint64_t>(messages_)) throw std::runtime_error("images were left out");
  return cost;
}

Cost Pipelines::run(const Features& features, const Wanted& wanted) {
  const auto metrics = std::make_shared<Metrics>();
  Spans spans;
  Config config{.bootstrap_servers = bootstrap_servers_, .service = "bench"};
  config.group = topic(std::to_string(++groups_));
  if (features.metrics) config.observer = metrics;

  Worker worker{config, {.dead_letter = {.enabled = features.dead_letter}}};
  wanted.add_handler(worker);
  if (features.spans) worker.use(spans.middleware());
  if (features.metrics) worker.use(metrics->middleware());

  std::stop_source stop;
  auto ended = std::async(std::launch::async, [&] { return worker.run(stop.get_token()); });
  std::jthread scraping;
  if (features.metrics) scraping = metrics->scrape(worker);
  const auto count = static_cast<std::uint64_t>(messages_);
  wait_for([&] { return worker.counters().received > 0; }, ended);
  const Cost before = cost_so_far();
  wait_for([&] { return worker.counters().handled >= count / 2; }, ended);
  wanted.in_the_middle();
  wait_for([&] { return worker.counters().handled >= count; }, ended);
  const Cost cost = cost_so_far() - before;
  stop.request_stop();

  const RunReport report = ended.get();
  if (report.handled != count || report.dead_lettered != 0) throw std::runtime_error("not every record was handled");
  if (spans.traced() != (features.spans ? count : 0)) throw std::runtime_error("not every record had its trace");
  if (metrics->timed() != (features.metrics ? count : 0)) throw std::runtime_error("not every handler was timed");
  return cost;
}

}  // namespace conveyor::bench
