#include "scaling/channels.h"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
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
#include "floor.h"
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
};

/// What one way to do the work cost with one layout.
struct Rounds {
  std::vector<double> cpu = {};   // of each round, microseconds a message
  std::vector<double> rate = {};  // of each round, messages a second
};

/// @param to_send sends the i-th message to a channel and a partition of it: all in turn
void send_all(const Layout& layout, const std::function<void(std::size_t channel, std::int32_t partition)>& to_send,
              const std::function<void()>& flush) {
  for (int i = 0; i < kMessages; ++i) {
    to_send(static_cast<std::size_t>(i % layout.channels), i / layout.channels % layout.partitions);
    if ((i + 1) % kUnacknowledged == 0) flush();
  }
  flush();
}

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
    const auto received = interleave({[&](std::size_t layout) { return receive(layouts_[layout]) - joining[layout]; }});
    print_layouts("receive", received.front());

    std::vector<std::unique_ptr<FloorProducer>> by_hand;
    for (const Layout& layout : layouts_) by_hand.push_back(make_floor(layout));
    const auto sent = interleave({[&](std::size_t layout) { return send(producer, layouts_[layout]); },
                                  [&](std::size_t layout) { return send(*by_hand[layout], layouts_[layout]); }});
    print_layouts("send", sent[0]);
    print_layouts("send_floor", sent[1]);
    for (std::size_t i = 0; i < layouts_.size(); ++i) {
      print_rounds("scaling_send_cpu_ratio_" + layouts_[i].name + "_to_floor", ratios(sent[0][i].cpu, sent[1][i].cpu),
                   "ours/floor");
    }
  }

 private:
  /// @param ways to do the work, which say what it costs with a layout, by its index
  /// @return for each way, of each layout
  std::vector<std::vector<Rounds>> interleave(const std::vector<std::function<Cost(std::size_t)>>& ways) {
    std::vector<std::vector<Rounds>> rounds(ways.size(), std::vector<Rounds>(layouts_.size()));
    const std::size_t runs = ways.size() * layouts_.size();
    for (int round = 0; round < rounds_; ++round) {
      for (const std::size_t run : shuffled(runs, round)) {
        const std::size_t layout = run / ways.size();
        const Cost cost = ways[run % ways.size()](layout);
        rounds[run % ways.size()][layout].cpu.push_back(cost.cpu / kMessages * 1e6);
        rounds[run % ways.size()][layout].rate.push_back(kMessages / cost.wall);
      }
    }
    return rounds;
  }

  void print_layouts(const std::string& verb, const std::vector<Rounds>& rounds) const {
    for (std::size_t i = 0; i < layouts_.size(); ++i) {
      const Layout& layout = layouts_[i];
      print_rounds("scaling_" + verb + "_cpu_" + layout.name, rounds[i].cpu, "us/message");
      print_rounds("scaling_" + verb + "_rate_" + layout.name, rounds[i].rate, "messages/s");
      if (layout.channels == 1) continue;
      const std::string ratio = "scaling_" + verb + "_cpu_ratio_" + layout.name;
      print_rounds(ratio, ratios(rounds[i].cpu, rounds.front().cpu), "ratio");
      if (layouts_.back().name != "1_partition") continue;
      print_rounds(ratio + "_to_1_partition", ratios(rounds[i].cpu, rounds.back().cpu), "ratio");
    }
  }

  Cost send(Producer& producer, const Layout& layout) {
    const egg::v1::EggScan scan = small_scan();
    return cost_of([&] {
      send_all(
          layout,
          [&](std::size_t channel, std::int32_t partition) {
            producer.send(layout.topics[channel], scan, {.partition = partition});
          },
          [&] { flush(producer); });
    });
  }
  Cost send(FloorProducer& producer, const Layout& layout) {
    egg::v1::EggScan scan = small_scan();
    return cost_of([&] {
      send_all(
          layout, [&](std::size_t channel, std::int32_t partition) { producer.send(scan, channel, partition); },
          [&] { producer.flush(); });
    });
  }
  std::unique_ptr<FloorProducer> make_floor(const Layout& layout) {
    FloorOptions options{.bootstrap_servers = topics_.config().bootstrap_servers};
    for (const ScanChannel& channel : layout.topics) options.topics.emplace_back(channel.topic());
    auto producer = std::make_unique<FloorProducer>(options);
    static_cast<void>(send(*producer, layout));  // warms it up
    return producer;
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
