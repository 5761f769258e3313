#include "scaling/messages.h"

#include <functional>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "conveyor/consumer.h"
#include "conveyor/producer.h"
#include "measure.h"
#include "scaling/topics.h"

namespace conveyor::bench {
namespace {

// Where a tenth is less than a consumer reads ahead, its processor time is that of other messages.
constexpr int kLong = 10'000'000;

/// A run of so many messages, and how often it is done.
struct Length {
  int messages;
  int runs;
  ScanChannel channel;           // has as many messages once the first run has sent them
  std::vector<double> cpu = {};  // seconds of each run
};

/// What is looked at in the longest run.
class Watch {
 public:
  explicit Watch(int messages) : tenth_(messages / 10) {}

  /// @param done messages so far, called before the first and after each
  void look(int done) {
    if (done % tenth_ == 0) cpu_.push_back(cost_so_far().cpu);
    if (done == next_decade_) {
      mb_.emplace_back(done, resident_mb());
      next_decade_ *= 10;
    }
  }

  /// Seconds of a processor for all, of which the median tenth was as long: one that the machine spent elsewhere does
  /// not count.
  [[nodiscard]] double cpu() const { return 10 * median(tenths()); }
  [[nodiscard]] double second_half_to_first() const {
    const std::vector<double> all = tenths();
    return median({all.begin() + 5, all.end()}) / median({all.begin(), all.begin() + 5});
  }
  [[nodiscard]] const std::vector<std::pair<int, double>>& mb() const noexcept { return mb_; }

 private:
  [[nodiscard]] std::vector<double> tenths() const {
    std::vector<double> tenths;
    for (std::size_t i = 1; i < cpu_.size(); ++i) tenths.push_back(cpu_[i] - cpu_[i - 1]);
    return tenths;
  }

  const int tenth_;
  int next_decade_ = 10'000;
  std::vector<double> cpu_;
  std::vector<std::pair<int, double>> mb_;
};

std::string name_of(int messages) {
  return messages >= 1'000'000 ? std::to_string(messages / 1'000'000) + "M" : std::to_string(messages / 1'000) + "k";
}

/// @return seconds of a processor
double send(Topics& topics, const ScanChannel& channel, int messages, Watch* watch) {
  const egg::v1::EggScan scan = small_scan();
  const Cost before = cost_so_far();
  Producer producer{topics.config()};
  if (watch != nullptr) watch->look(0);
  for (int i = 1; i <= messages; ++i) {
    producer.send(channel, scan);
    if (i % kUnacknowledged == 0) flush(producer);
    if (watch != nullptr) watch->look(i);
  }
  flush(producer);
  return (cost_so_far() - before).cpu;
}

/// @return seconds of a processor
double receive(Topics& topics, const ScanChannel& channel, int messages, Watch* watch) {
  const Cost before = cost_so_far();
  Consumer<egg::v1::EggScan> consumer{topics.new_group(), channel};
  if (watch != nullptr) watch->look(0);
  for (int i = 1; i <= messages; ++i) {
    if (consumer.next(kPatience) == nullptr) throw std::runtime_error("nothing came to the consumer");
    if (watch != nullptr) watch->look(i);
  }
  return (cost_so_far() - before).cpu;
}

/// @param lengths a single message first; the last one is the longest
/// @param run_once with the length, whether it is the first run of that length, and what watches it
void compare(const std::string& verb, std::vector<Length>& lengths,
             const std::function<double(const Length&, bool, Watch*)>& run_once) {
  Watch watch(lengths.back().messages);
  const int rounds = lengths.front().runs;
  for (int round = 0; round < rounds; ++round) {
    for (Length& length : lengths) {
      // The long ones come in the last rounds, when the broker is warm.
      if (rounds - round > length.runs) continue;
      const bool first = rounds - round == length.runs;
      length.cpu.push_back(run_once(length, first, first && &length == &lengths.back() ? &watch : nullptr));
    }
  }

  const double beginning = median(lengths.front().cpu);
  print("scaling_" + verb + "_cpu_of_beginning", beginning * 1e3, "ms");
  std::optional<double> of_10k;
  for (Length& length : lengths) {
    if (length.messages == 1) continue;
    std::vector<double> us;
    for (const double cpu : length.cpu) us.push_back((cpu - beginning) / length.messages * 1e6);
    const bool longest = &length == &lengths.back() && length.messages >= kLong;
    if (longest) us = {watch.cpu() / length.messages * 1e6};
    const std::string name = name_of(length.messages);
    print_rounds("scaling_" + verb + "_cpu_" + name, us, "us/message");
    if (of_10k) {
      print("scaling_" + verb + "_cpu_ratio_" + name + "_to_10k", median(us) / *of_10k, "ratio");
    } else {
      of_10k = median(us);
    }
  }
  if (lengths.back().messages >= kLong) {
    print("scaling_" + verb + "_cpu_ratio_second_half_to_first", watch.second_half_to_first(), "ratio");
  }
  for (const auto& [messages, mb] : watch.mb()) print("scaling_" + verb + "_rss_" + name_of(messages), mb, "MB");
  for (Length& length : lengths) length.cpu.clear();
}

}  // namespace

void compare_numbers_of_messages(Topics& topics, bool quick) {
  std::vector<std::pair<int, int>> wanted{{1, 15}, {10'000, 15}, {100'000, 9}, {1'000'000, 5}, {10'000'000, 1}};
  if (quick) wanted = {{1, 7}, {10'000, 7}, {100'000, 5}, {1'000'000, 3}};
  std::vector<Length> lengths;
  for (const auto& [messages, runs] : wanted) {
    lengths.push_back({messages, runs, topics.create("messages-" + std::to_string(messages), 1)});
  }
  // What is read is what the first run of each length sent; further ones send where nothing is kept.
  const ScanChannel nowhere =
      topics.create("messages-more", 1, {{"retention.bytes", "33554432"}, {"segment.bytes", "16777216"}});
  send(topics, nowhere, 200'000, nullptr);  // brings code into caches, and lets the broker compile its own
  compare("send", lengths, [&](const Length& length, bool first, Watch* watch) {
    return send(topics, first ? length.channel : nowhere, length.messages, watch);
  });
  receive(topics, lengths[2].channel, lengths[2].messages, nullptr);
  compare("receive", lengths, [&](const Length& length, bool, Watch* watch) {
    return receive(topics, length.channel, length.messages, watch);
  });
  for (const Length& length : lengths) topics.empty(length.channel);
}

}  // namespace conveyor::bench
