// send_receive BOOTSTRAP [--quick] [--only SIZE] [--verb send|receive]: what the library costs above librdkafka used by
// hand (floor.h), for four sizes of a message: name<TAB>value<TAB>unit.
//
// Each round lets each way send (or receive) the same number of messages, one way after the other in this one process
// and in an order of its own. Ratios are those of a round; the figure is their median, and _min and _max say
// how far they lie apart. Processor time is that of the whole process, librdkafka's threads included, from the first
// send to the last acknowledgement, or from before the consumer is made to the last message. The ways:
//   ours          conveyor::Producer and Consumer as they come
//   floor         by hand, libdeflate; what is sent is the same record, headers included
//   bare          by hand, libdeflate, no headers: the least that says the same in the message itself (zlib sizes only)
//   zlib          by hand with zlib itself, headers included (not with --quick)
//   two_threads   ours, sent by two threads with one producer, as many in all (zlib sizes only; not with --quick)

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "conveyor/consumer.h"
#include "conveyor/egg/v1/egg_scan.pb.h"
#include "conveyor/error.h"
#include "conveyor/producer.h"
#include "floor.h"
#include "kafka/kafka_admin.h"
#include "measure.h"

namespace {

using conveyor::bench::Cost;
using conveyor::bench::cost_of;
using conveyor::bench::FloorCodec;
using conveyor::bench::FloorConsumer;
using conveyor::bench::FloorOptions;
using conveyor::bench::FloorProducer;
using conveyor::bench::median;
using conveyor::bench::print;
using conveyor::bench::print_rounds;
using conveyor::egg::v1::EggScan;

constexpr std::chrono::minutes kPatience{1};
constexpr int kLevel = 1;  // the library's own default

struct Size {
  const char* name;
  bool zlib;
  int width;  // pixels of 16 bits
  int height;
  double noise;  // standard deviation, of a signal of up to 4,000
  int sends;     // until the next flush: below the producers' limits, so that none of them waits for room
  int flushes;   // of a way and round
  int receives;
  int rounds;  // with --quick; otherwise half as many again
};
// With its stamp the first serialises to about 200 bytes, the second to about 1,024.
constexpr Size kSizes[] = {
    {"200B", false, 28, 1, 20, 80'000, 3, 320'000, 15},
    {"1KB", true, 438, 1, 4, 20'000, 1, 60'000, 7},
    {"32KiB", true, 128, 128, 20, 800, 1, 4'000, 5},
    {"900KB", true, 720, 640, 20, 30, 1, 120, 5},
};

[[noreturn]] void fail(const std::string& why) {
  std::fprintf(stderr, "send_receive: %s\n", why.c_str());
  std::exit(1);
}

/// Scans of something round and bright in the dark, each with noise of its own.
std::vector<EggScan> scans_of(const Size& size) {
  constexpr std::size_t kBytes = std::size_t{8} << 20;
  constexpr std::size_t kMost = 64;
  const auto area = static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height);
  std::vector<EggScan> scans(std::min(kMost, kBytes / (area * 2)));
  std::mt19937 random(6);
  std::normal_distribution<double> noise(0, size.noise);
  int number = 0;
  for (EggScan& scan : scans) {
    std::string pixels;
    pixels.reserve(area * 2);
    for (int y = 0; y < size.height; ++y) {
      for (int x = 0; x < size.width; ++x) {
        const double right = (x + 0.5) / size.width * 2 - 1;
        const double down = (y + 0.5) / size.height * 2 - 1;
        const double signal = 4'000 * std::max(0.0, 1 - right * right - down * down);
        const auto pixel = static_cast<unsigned>(std::clamp(signal + 200 + noise(random), 0.0, 65'535.0));
        pixels += static_cast<char>(pixel & 0xff);
        pixels += static_cast<char>(pixel >> 8);
      }
    }
    scan.set_egg_id("egg-" + std::to_string(100 + number++));
    scan.set_scan_data(std::move(pixels));
  }
  return scans;
}

/// One way to do the same work, and what it cost in each round.
struct Way {
  std::string name;
  std::function<Cost()> run;
  std::vector<Cost> rounds = {};
};

void interleave(std::vector<Way>& ways, int rounds) {
  for (int round = 0; round < rounds; ++round) {
    for (const std::size_t i : conveyor::bench::shuffled(ways.size(), round)) ways[i].rounds.push_back(ways[i].run());
  }
}

double least(const Way& way, double Cost::*what) { return std::ranges::min(way.rounds, {}, what).*what; }

void print_ratio(const std::string& name, const Way& ours, const Way& other, double Cost::*what) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < ours.rounds.size(); ++i) ratios.push_back(ours.rounds[i].*what / other.rounds[i].*what);
  const std::string unit = "ours/" + other.name;
  print_rounds(name, ratios, unit.c_str());
  print(name + "_of_least", least(ours, what) / least(other, what), unit.c_str());
}

/// @param ways ours and the floor first
void print_all(const std::string& verb, const Size& size, const std::vector<Way>& ways, int messages) {
  print_ratio(verb + "_cpu_ratio_" + size.name, ways[0], ways[1], &Cost::cpu);
  print_ratio(verb + "_wall_ratio_" + size.name, ways[0], ways[1], &Cost::wall);
  for (std::size_t i = 2; i < ways.size(); ++i) {
    print_ratio(verb + "_cpu_ratio_" + size.name + "_to_" + ways[i].name, ways[0], ways[i], &Cost::cpu);
  }
  for (const Way& way : ways) {
    std::vector<double> cpu;
    std::vector<double> wall;
    for (const Cost& cost : way.rounds) {
      cpu.push_back(cost.cpu / messages * 1e6);
      wall.push_back(messages / cost.wall);
    }
    print(verb + "_cpu_" + size.name + "_" + way.name, median(cpu), "us/message");
    print(verb + "_rate_" + size.name + "_" + way.name, median(wall), "messages/s");
  }
}

class Comparison {
 public:
  Comparison(std::string bootstrap, const Size& size, bool quick)
      : bootstrap_(std::move(bootstrap)), size_(size), quick_(quick), scans_(scans_of(size)), admin_(bootstrap_) {}

  void send() {
    create_topic("send", {{"retention.bytes", "33554432"}, {"segment.bytes", "16777216"}});
    conveyor::Producer ours{config()};
    FloorProducer floor{floor_options("send", best())};
    const auto channel = channel_of("send");
    std::vector<Way> ways{
        {"ours", [&] { return cost_of([&] { send_ours(ours, channel); }); }},
        {"floor", [&] { return cost_of([&] { send_by_hand(floor, size_.flushes); }); }},
    };
    std::unique_ptr<FloorProducer> bare;
    std::unique_ptr<FloorProducer> zlib;
    if (size_.zlib) {
      FloorOptions without = floor_options("send", best());
      without.headers = false;
      bare = std::make_unique<FloorProducer>(without);
      ways.push_back({"bare", [&] { return cost_of([&] { send_by_hand(*bare, size_.flushes); }); }});
      if (!quick_) {
        zlib = std::make_unique<FloorProducer>(floor_options("send", FloorCodec::kZlib));
        ways.push_back({"zlib", [&] { return cost_of([&] { send_by_hand(*zlib, size_.flushes); }); }});
        ways.push_back({"two_threads", [&] { return cost_of([&] { send_ours_in_two_threads(ours, channel); }); }});
      }
    }
    for (Way& way : ways) static_cast<void>(way.run());  // connects, fills caches
    interleave(ways, rounds());
    print_all("send", size_, ways, size_.sends * size_.flushes);
  }

  void receive() {
    create_topic("receive", {});
    const int flushes = std::max(size_.receives / size_.sends / (quick_ ? 2 : 1), 1);
    const int messages = flushes * size_.sends;
    {
      FloorProducer floor{floor_options("receive", best())};
      send_by_hand(floor, flushes);
    }
    std::vector<Way> ways{{"ours", [&] { return receive_ours(messages); }},
                          {"floor", [&] { return receive_by_hand(best(), messages); }}};
    if (size_.zlib && !quick_) {
      ways.push_back({"zlib", [&] { return receive_by_hand(FloorCodec::kZlib, messages); }});
    }
    static_cast<void>(ways[0].run());  // brings the topic into the broker's memory
    interleave(ways, rounds());
    print_all("receive", size_, ways, messages);
  }

 private:
  void send_ours(conveyor::Producer& producer, const conveyor::Channel<EggScan>& channel) {
    for (int flush = 0; flush < size_.flushes; ++flush) {
      for (int i = 0; i < size_.sends; ++i) producer.send(channel, scans_[static_cast<std::size_t>(i) % scans_.size()]);
      const auto report = producer.flush(kPatience);
      if (report.failed != 0 || report.left != 0) fail("not all of ours were delivered");
    }
  }
  void send_ours_in_two_threads(conveyor::Producer& producer, const conveyor::Channel<EggScan>& channel) {
    const auto send_half = [&] {
      for (int i = 0; i < size_.sends / 2; ++i) {
        producer.send(channel, scans_[static_cast<std::size_t>(i) % scans_.size()]);
      }
    };
    for (int flush = 0; flush < size_.flushes; ++flush) {
      {
        const std::jthread other(send_half);
        send_half();
      }
      const auto report = producer.flush(kPatience);
      if (report.failed != 0 || report.left != 0) fail("not all of ours were delivered");
    }
  }
  void send_by_hand(FloorProducer& producer, int flushes) {
    for (int flush = 0; flush < flushes; ++flush) {
      for (int i = 0; i < size_.sends; ++i) producer.send(stamped_[static_cast<std::size_t>(i) % stamped_.size()]);
      producer.flush();
    }
  }

  Cost receive_ours(int count) {
    std::unique_ptr<conveyor::Consumer<EggScan>> consumer;
    std::size_t bytes = 0;
    const auto channel = channel_of("receive");
    const Cost cost = cost_of([&] {
      conveyor::Config reading = config();
      reading.group = new_group();
      consumer = std::make_unique<conveyor::Consumer<EggScan>>(reading, channel);
      for (int i = 0; i < count; ++i) {
        const auto* message = consumer->next(kPatience);
        if (message == nullptr) fail("nothing came to our consumer");
        bytes += message->value().scan_data().size();
      }
    });
    check(bytes, count);
    return cost;
  }
  Cost receive_by_hand(FloorCodec codec, int count) {
    std::unique_ptr<FloorConsumer> consumer;
    std::size_t bytes = 0;
    const Cost cost = cost_of([&] {
      consumer = std::make_unique<FloorConsumer>(floor_options("receive", codec), new_group());
      for (int i = 0; i < count; ++i) bytes += consumer->next().scan_data().size();
    });
    check(bytes, count);
    return cost;
  }
  void check(std::size_t bytes, int count) const {
    if (bytes != scans_.front().scan_data().size() * static_cast<std::size_t>(count))
      fail("other scans came than sent");
  }

  [[nodiscard]] int rounds() const noexcept { return quick_ ? size_.rounds : size_.rounds * 3 / 2; }
  void create_topic(const std::string& verb, const std::map<std::string, std::string>& configs) {
    admin_.create_topic(topic(verb), 1, configs);
  }
  [[nodiscard]] std::string topic(const std::string& verb) const { return "bench-" + verb + "-" + size_.name + run_; }
  [[nodiscard]] std::string new_group() {
    return "bench-" + std::string(size_.name) + run_ + std::to_string(++groups_);
  }
  [[nodiscard]] conveyor::Channel<EggScan> channel_of(const std::string& verb) const {
    const auto codec = size_.zlib ? conveyor::Codec::kZlib : conveyor::Codec::kRaw;
    return conveyor::Channel<EggScan>::named(topic(verb), {.codec = codec, .level = kLevel});
  }
  [[nodiscard]] conveyor::Config config() const { return {.bootstrap_servers = bootstrap_, .service = "bench"}; }
  [[nodiscard]] FloorCodec best() const { return size_.zlib ? FloorCodec::kLibdeflate : FloorCodec::kRaw; }
  [[nodiscard]] FloorOptions floor_options(const std::string& verb, FloorCodec codec) const {
    return {.bootstrap_servers = bootstrap_, .topics = {topic(verb)}, .codec = codec, .level = kLevel};
  }

  const std::string bootstrap_;
  const Size size_;
  const bool quick_;
  const std::string run_ = std::string("-").append(std::to_string(std::random_device{}()));
  const std::vector<EggScan> scans_;
  std::vector<EggScan> stamped_ = scans_;  // the floor writes its stamps into these
  conveyor::tests::KafkaAdmin admin_;
  int groups_ = 0;
};

}  // namespace

int main(int count, char** arguments) try {
  bool quick = false;
  std::string bootstrap;
  std::string only;
  std::string verb;
  for (int i = 1; i < count; ++i) {
    const std::string_view argument = arguments[i];
    if (argument == "--quick") {
      quick = true;
    } else if (argument == "--only" && i + 1 < count) {
      only = arguments[++i];
    } else if (argument == "--verb" && i + 1 < count) {
      verb = arguments[++i];
    } else if (bootstrap.empty() && !argument.starts_with("-")) {
      bootstrap = argument;
    } else {
      bootstrap.clear();
      break;
    }
  }
  if (bootstrap.empty()) {
    fail("usage: send_receive BOOTSTRAP [--quick] [--only 200B|1KB|32KiB|900KB] [--verb send|receive]");
  }
  const auto named = [&](const Size& size) { return only.empty() || only == size.name; };
  if (std::ranges::none_of(kSizes, named)) fail("--only " + only + ": known are 200B, 1KB, 32KiB and 900KB");
  if (!verb.empty() && verb != "send" && verb != "receive") fail("--verb " + verb + ": known are send and receive");
  for (const Size& size : kSizes) {
    if (!named(size)) continue;
    Comparison comparison(bootstrap, size, quick);
    if (verb != "receive") comparison.send();
    if (verb != "send") comparison.receive();
  }
  return 0;
} catch (const std::exception& error) {
  fail(error.what());
}
