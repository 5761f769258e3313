#include "scaling/channels.h"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "conveyor/producer.h"
#include "conveyor/worker.h"
#include "measure.h"
#include "scaling/topics.h"

namespace conveyor::bench {
namespace {

using namespace std::chrono_literals;

constexpr int kMessages = 100'000;  // of a run, on all channels together

/// Channels over which messages are spread.
struct Layout {
  std::string name;
  int channels;
  int partitions;  // of each channel
  std::vector<ScanChannel> topics = {};
  std::vector<double> cpu = {};   // of each round, microseconds a message
  std::vector<double> rate = {};  // of each round, messages a second
};

class Channels {
 public:
  Channels(Topics& topics, bool quick) : topics_(topics), rounds_(quick ? 5 : 9) {
    layouts_ = {{"1_channel", 1, 100}, {"100_channels", 100, 1}};
    if (!quick) {
      layouts_.push_back({"10_channels", 10, 10});
      layouts_.push_back({"1_partition", 1, 1});
    }
    for (Layout& layout : layouts_) {
      for (int i = 0; i < layout.channels; ++i) {
        layout.topics.push_back(topics.create(layout.name + "-" + std::to_string(i), layout.partitions));
      }
    }
  }

  void run() {
    Producer producer{topics_.config()};
    for (const Layout& layout : layouts_) send(producer, layout);  // what is read, and warms the producer up
    std::vector<Cost> joining;
    for (const Layout& layout : layouts_) {
      joining.push_back(cost_of_joining(layout));
      print("scaling_receive_cpu_of_joining_" + layout.name, joining.back().cpu * 1e3, "ms");
    }
    compare("receive", [&](std::size_t layout) { return receive(layouts_[layout]) - joining[layout]; });
    compare("send", [&](std::size_t layout) { return send(producer, layouts_[layout]); });
  }

 private:
  /// @param run_once what handling the messages of a layout costs
  void compare(const std::string& verb, const std::function<Cost(std::size_t)>& run_once) {
    for (int round = 0; round < rounds_; ++round) {
      for (std::size_t i = 0; i < layouts_.size(); ++i) {
        const std::size_t layout = (static_cast<std::size_t>(round) + i) % layouts_.size();
        const Cost cost = run_once(layout);
        layouts_[layout].cpu.push_back(cost.cpu / kMessages * 1e6);
        layouts_[layout].rate.push_back(kMessages / cost.wall);
      }
    }
    const std::vector<double>& one_channel = layouts_.front().cpu;
    const Layout& last = layouts_.back();
    for (const Layout& layout : layouts_) {
      print_rounds("scaling_" + verb + "_cpu_" + layout.name, layout.cpu, "us/message");
      print_rounds("scaling_" + verb + "_rate_" + layout.name, layout.rate, "messages/s");
      if (layout.channels == 1) continue;
      const std::string ratio = "scaling_" + verb + "_cpu_ratio_" + layout.name;
      print_rounds(ratio, ratios(layout.cpu, one_channel), "ratio");
      if (last.name == "1_partition") print_rounds(ratio + "_to_1_partition", ratios(layout.cpu, last.cpu), "ratio");
    }
    for (Layout& layout : layouts_) {
      layout.cpu.clear();
      layout.rate.clear();
    }
  }

  /// To all partitions of all channels in turn.
  Cost send(Producer& producer, const Layout& layout) {
    const egg::v1::EggScan scan = small_scan();
    return cost_of([&] {
      for (int i = 0; i < kMessages; ++i) {
        const auto topic = static_cast<std::size_t>(i % layout.channels);
        producer.send(layout.topics[topic], scan, {.partition = i / layout.channels % layout.partitions});
        if ((i + 1) % kUnacknowledged == 0) flush(producer);
      }
      flush(producer);
    });
  }

  /// Until every message is handled.
  Cost receive(const Layout& layout) {
    return run_worker(layout, StartAt::kEarliest, [this](const ConsumerCounters& now) {
      return now.handled == static_cast<std::uint64_t>(kMessages);
    });
  }
  Cost cost_of_joining(const Layout& layout) {
    std::vector<double> cpu;
    std::vector<double> wall;
    for (int i = 0; i < 3; ++i) {
      const Cost cost = join(layout);
      cpu.push_back(cost.cpu);
      wall.push_back(cost.wall);
    }
    return {median(cpu), median(wall)};
  }
  /// Until the worker has all its partitions, in which there is nothing new.
  Cost join(const Layout& layout) {
    const auto all = static_cast<std::uint64_t>(layout.channels * layout.partitions);
    return run_worker(layout, StartAt::kLatest, [all](const ConsumerCounters& now) { return now.partitions == all; });
  }

  Cost run_worker(const Layout& layout, StartAt start_at, const std::function<bool(const ConsumerCounters&)>& reached) {
    const Cost before = cost_so_far();
    Worker worker{topics_.new_group(), {.start_at = start_at}};
    std::atomic<std::uint64_t> bytes = 0;
    for (const ScanChannel& channel : layout.topics) {
      worker.handle(channel, [&](const Message<egg::v1::EggScan>& message) {
        bytes.fetch_add(message.value().scan_data().size(), std::memory_order_relaxed);
      });
    }
    std::stop_source stop;
    auto ended = std::async(std::launch::async, [&] { return worker.run(stop.get_token()); });
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (!reached(worker.counters()) && ended.wait_for(2ms) == std::future_status::timeout) {
      if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("the worker does not come to an end");
    }
    const Cost cost = cost_so_far() - before;
    stop.request_stop();
    const RunReport report = ended.get();
    if (bytes != report.handled * small_scan().scan_data().size())
      throw std::runtime_error("other scans came than sent");
    return cost;
  }

  Topics& topics_;
  const int rounds_;
  std::vector<Layout> layouts_;
};

}  // namespace

void compare_numbers_of_channels(Topics& topics, bool quick) { Channels(topics, quick).run(); }

}  // namespace conveyor::bench
