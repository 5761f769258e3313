#include "cli/commands/topic_warnings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>
#include <string_view>
#include <utility>

#include "cli/output/bytes.h"

namespace conveyor::cli {
namespace {

using kafka::PartitionFacts;

// What Kafka's format adds to one record in a batch of its own: 61 bytes for the batch and up to 36 for the lengths.
constexpr std::int64_t kBatchBytes = 100;

std::string setting_of(const TopicSettings& settings, const std::string& name) {
  const auto found = settings.find(name);
  return found != settings.end() ? found->second : "";
}

// "partition 3" or "partitions 1, 2, 5"
template <class Condition>
std::string partitions_where(const kafka::TopicFacts& topic, Condition&& holds) {
  std::vector<std::int32_t> found;
  for (const PartitionFacts& partition : topic.partitions) {
    if (holds(partition)) found.push_back(partition.partition);
  }
  if (found.empty()) return {};
  return fmt::format("{} {}", found.size() == 1 ? "partition" : "partitions", fmt::join(found, ", "));
}

class Warnings {
 public:
  Warnings(const kafka::TopicFacts& topic, const TopicSettings& settings) : topic_(topic), settings_(settings) {
    for (const PartitionFacts& partition : topic.partitions) {
      replicas_ = replicas_ == 0 ? partition.replicas : std::min(replicas_, partition.replicas);
    }
  }

  void about_replicas() {
    const auto without = partitions_where(topic_, [](const auto& partition) { return partition.leader < 0; });
    if (!without.empty()) {
      add("replicas", "{} cannot be read or written: no broker leads it; start the brokers that have its replicas",
          without);
    }
    const auto lagging =
        partitions_where(topic_, [](const auto& partition) { return partition.in_sync < partition.replicas; });
    if (!lagging.empty()) {
      add("replicas", "{}: fewer replicas are in sync than there should be; look for a broker that is down or slow",
          lagging);
    }
    if (replicas_ == 1) {
      add("replicas",
          "replication factor 1: the broker that has a partition is the only one; its disk takes all "
          "records along, and nobody can send while it is down; give the topic 3 replicas");
    }
  }

  void about_in_sync() {
    constexpr const char* kName = "min.insync.replicas";
    const auto least = number_of(settings_, kName).value_or(0);
    if (least == 0) return;
    if (least > replicas_) {
      add(kName, "min.insync.replicas={} is more than the {} replicas: every send fails; set it to {}", least,
          replicas_, std::max(1, replicas_ - 1));
      return;
    }
    const auto short_of = partitions_where(topic_, [&](const auto& partition) { return partition.in_sync < least; });
    if (!short_of.empty()) {
      add(kName, "{}: fewer replicas are in sync than min.insync.replicas={}: sends fail until brokers are back",
          short_of, least);
    }
    if (least == 1 && replicas_ > 1) {
      add(kName,
          "min.insync.replicas=1: a record counts as stored while one broker has it, and is lost with that "
          "broker; set min.insync.replicas=2");
    }
  }

  void about_size(std::size_t max_record_bytes) {
    constexpr const char* kName = "max.message.bytes";
    const auto most = number_of(settings_, kName);
    const auto needed = static_cast<std::int64_t>(max_record_bytes) + kBatchBytes;
    if (!most || *most >= needed) return;
    add(kName,
        "max.message.bytes={}: the brokers refuse records that Config::max_record_bytes ({}) lets services send; "
        "set max.message.bytes to {} or more, or CONVEYOR_MAX_RECORD_BYTES to {} or less",
        *most, max_record_bytes, needed, std::max<std::int64_t>(*most - kBatchBytes, 1));
  }

  void about_elections() {
    constexpr const char* kName = "unclean.leader.election.enable";
    if (setting_of(settings_, kName) != "true") return;
    add(kName,
        "unclean.leader.election.enable=true: a broker that lacks records may become leader, and they are lost; "
        "set it to false");
  }

  [[nodiscard]] std::vector<TopicWarning> all() && { return std::move(warnings_); }

 private:
  template <class... T>
  void add(const char* setting, fmt::format_string<T...> text, T&&... values) {
    warnings_.push_back({setting, fmt::format(text, std::forward<T>(values)...)});
  }

  const kafka::TopicFacts& topic_;
  const TopicSettings& settings_;
  int replicas_ = 0;  // of the partition that has the fewest
  std::vector<TopicWarning> warnings_;
};

std::string duration_text(std::int64_t milliseconds) {
  using namespace std::chrono;
  const std::chrono::milliseconds time(milliseconds);
  if (time % days(1) == std::chrono::milliseconds(0)) return fmt::format("{}d", floor<days>(time).count());
  if (time % hours(1) == std::chrono::milliseconds(0)) return fmt::format("{}h", floor<hours>(time).count());
  if (time % minutes(1) == std::chrono::milliseconds(0)) return fmt::format("{}m", floor<minutes>(time).count());
  return fmt::format("{}s", static_cast<double>(milliseconds) / 1e3);
}

}  // namespace

std::optional<std::int64_t> number_of(const TopicSettings& settings, const std::string& name) {
  const std::string text = setting_of(settings, name);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return number;
}

std::vector<TopicWarning> warnings_of(const kafka::TopicFacts& topic, const TopicSettings& settings,
                                      std::size_t max_record_bytes) {
  Warnings warnings(topic, settings);
  warnings.about_replicas();
  warnings.about_in_sync();
  warnings.about_size(max_record_bytes);
  warnings.about_elections();
  return std::move(warnings).all();
}

std::string retention_text(const TopicSettings& settings) {
  const std::string policy = setting_of(settings, "cleanup.policy");
  if (policy == "compact") return "compacted";
  const auto time = number_of(settings, "retention.ms");
  const auto bytes = number_of(settings, "retention.bytes");
  if (!time && !bytes) return "-";
  const std::string kept = time.value_or(-1) < 0 ? "forever" : duration_text(*time);
  const std::string text = bytes.value_or(-1) < 0 ? kept
                           : kept == "forever"
                               ? size_text(static_cast<std::uint64_t>(*bytes))
                               : fmt::format("{} or {}", kept, size_text(static_cast<std::uint64_t>(*bytes)));
  return policy.find("compact") != policy.npos ? text + ", compacted" : text;
}

}  // namespace conveyor::cli
