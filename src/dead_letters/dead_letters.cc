#include "conveyor/dead_letters.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "consume/offset_tracker.h"
#include "conveyor/channel.h"
#include "conveyor/error.h"
#include "dead_letters/dead_letter_record.h"
#include "kafka/pending_send.h"
#include "kafka/topic_reader.h"
#include "produce/producer_client.h"

namespace conveyor {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostProblems = 100;
constexpr milliseconds kFlushSlice{100};
constexpr milliseconds kInAHurry{5'000};

void note(std::vector<DeadLetterProblem>& problems, DeadLetterProblem problem) {
  if (problems.size() < kMostProblems) problems.push_back(std::move(problem));
}

/// Goes through what lies in the topic: one pass, for reading and replaying alike.
class Scan {
 public:
  Scan(const Config& config, std::string_view topic, const DeadLetterFilter& filter, kafka::TopicReaderOptions options)
      : bootstrap_servers_(config.bootstrap_servers),
        topic_(detail::intern_topic(topic, {})),
        filter_(filter),
        reader_(config, std::string(topic_), std::move(options)) {}

  [[nodiscard]] kafka::TopicReader& reader() noexcept { return reader_; }

  /// @param of_group its offsets are where the reading begins
  /// @param matched takes each dead letter that is wanted @param passed takes every other record's position
  template <class Matched, class Passed>
  DeadLettersReport run(bool of_group, const Matched& matched, const Passed& passed) {
    DeadLettersReport report;
    try {
      auto ranges = find(of_group);
      reader_.start(ranges);
      for (auto& range : ranges) {
        while (report.matched < filter_.limit) {
          const kafka::Received record = reader_.read(range);
          if (!record) break;
          take(record, report, matched, passed);
        }
      }
    } catch (const Error& error) {
      if (error.code() != errc::stopped || !reader_.stopped()) throw;
    }
    report.stopped = reader_.stopped();
    return report;
  }

 private:
  std::vector<kafka::OffsetRange> find(bool of_group) {
    const std::int32_t count = reader_.partitions_of(std::string(topic_));
    if (count == 0) {
      throw Error(errc::unknown_topic, fmt::format("topic {} does not exist on {}, or this user may not see it; the "
                                                   "dead letters of a topic lie in another, whose name "
                                                   "ends with DeadLetterOptions::topic_suffix (-dlt, unless changed)",
                                                   topic_, bootstrap_servers_));
    }
    if (filter_.partition && (*filter_.partition < 0 || *filter_.partition >= count)) {
      throw Error(errc::unknown_partition, fmt::format("topic {} on {} has the partitions 0 to {}, no partition {}",
                                                       topic_, bootstrap_servers_, count - 1, *filter_.partition));
    }
    auto ranges = reader_.ranges(count);
    std::map<std::int32_t, std::int64_t> committed;
    if (of_group) committed = reader_.committed(ranges);
    for (auto& range : ranges) {
      range.begin = std::max(range.begin, filter_.first_offset);
      if (filter_.last_offset < range.end) range.end = filter_.last_offset + 1;
      if (const auto known = committed.find(range.partition); known != committed.end()) {
        range.begin = std::max(range.begin, known->second);
      }
    }
    std::erase_if(ranges, [&](const auto& range) {
      return range.begin >= range.end || (filter_.partition && *filter_.partition != range.partition);
    });
    return ranges;
  }

  template <class Matched, class Passed>
  void take(const kafka::Received& received, DeadLettersReport& report, const Matched& matched, const Passed& passed) {
    Record record;
    received.describe(topic_, record);
    const DeadLetterProblem position{.partition = record.partition, .offset = record.offset};
    if (!detail::lies_where_wanted(filter_, record)) return passed(position);
    const auto value = received.is_tombstone() ? std::nullopt : std::optional(received.value());
    auto read = detail::dead_letter_of(std::move(record), value);
    if (auto* foreign = std::get_if<detail::Foreign>(&read)) {
      ++report.foreign;
      note(report.problems, {position.partition, position.offset, std::move(foreign->why)});
      return passed(position);
    }
    const auto& letter = std::get<DeadLetter>(read);
    if (!detail::wanted(filter_, letter)) return passed(position);
    ++report.matched;
    matched(letter);
  }

  const std::string bootstrap_servers_;
  const std::string_view topic_;
  const DeadLetterFilter& filter_;
  kafka::TopicReader reader_;
};

/// Sends dead letters and keeps account of what became of them.
class Replay {
 public:
  Replay(const Config& config, const ReplayOptions& options, kafka::TopicReader& reader)
      : bootstrap_servers_(config.bootstrap_servers), options_(options), reader_(reader) {
    if (options_.dry_run) return;
    Config plain = config;
    plain.topic_prefix.clear();  // headers name topics in full
    // Brokers refuse a batch as a whole: one that is too large for its topic must not take others along.
    plain.properties.emplace("batch.num.messages", "1");
    producer_ = std::make_unique<kafka::ProducerClient>(
        plain, ProducerOptions{.block_for = options.delivery_timeout,
                               .delivery_timeout = options.delivery_timeout,
                               .close_within = milliseconds(0)});  // wait() comes first
  }

  void send(const DeadLetter& letter) {
    read(letter.partition, letter.offset);
    if (options_.each) options_.each(letter);
    const Destination& origin = look_up(letter.origin.topic);
    const DeadLetterProblem position{.partition = letter.partition, .offset = letter.offset};
    if (!origin.problem.empty()) return settle(position, origin.problem);
    if (options_.dry_run) return;

    SendOptions to{.partition = letter.origin.partition < origin.partitions ? letter.origin.partition : -1};
    to.key = letter.key;
    const std::string_view value = letter.value ? std::string_view(*letter.value) : std::string_view();
    auto send = kafka::PendingSend::make(
        origin.topic, to, value.size(), detail::replay_headers(letter), [this, position](const Delivery& delivery) {
          settle(position, delivery.error ? std::string(delivery.error_text) : std::string());
        });
    if (letter.value) {
      std::ranges::copy(value, send->value());
    } else {
      send->make_tombstone();
    }
    const std::size_t bytes = send->key_and_value_bytes();
    if (const auto refusal = producer_->submit(std::move(send), bytes)) settle(position, refusal->text);
  }

  /// A record that is not sent.
  void pass(const DeadLetterProblem& position) {
    const std::lock_guard lock{mutex_};
    worker::OffsetTracker& tracker = trackers_[position.partition];
    tracker.read(position.offset);
    tracker.finish(position.offset);
  }

  /// Waits until everything is acknowledged or has failed, and remembers how far that is.
  /// @param hurry gives up what is not acknowledged soon, as a stop does
  void finish(bool hurry) {
    if (!producer_) return;
    auto deadline = Clock::time_point::max();
    while (producer_->flush(kFlushSlice).left != 0 && Clock::now() < deadline) {
      if (hurry || reader_.stopped()) deadline = std::min(deadline, Clock::now() + kInAHurry);
    }
    producer_.reset();  // gives up the rest, each with its callback
    if (options_.group.empty()) return;
    std::map<std::int32_t, std::int64_t> next;
    for (const auto& [partition, tracker] : trackers_) {
      if (const auto offset = tracker.committable()) next[partition] = *offset;
    }
    reader_.commit(next);
  }

  [[nodiscard]] ReplayReport report(DeadLettersReport scanned) {
    ReplayReport report{.matched = scanned.matched,
                        .sent = sent_,
                        .failed = failed_,
                        .foreign = scanned.foreign,
                        .problems = std::move(problems_),
                        .stopped = scanned.stopped};
    for (auto& problem : scanned.problems) note(report.problems, std::move(problem));
    return report;
  }

 private:
  void read(std::int32_t partition, std::int64_t offset) {
    const std::lock_guard lock{mutex_};
    trackers_[partition].read(offset);
  }

  // @param problem empty: acknowledged
  void settle(const DeadLetterProblem& position, std::string problem) {
    const std::lock_guard lock{mutex_};
    if (problem.empty()) {
      ++sent_;
      trackers_[position.partition].finish(position.offset);
      return;
    }
    ++failed_;
    note(problems_, {position.partition, position.offset, std::move(problem)});
  }

  /// A topic that letters came from.
  struct Destination {
    std::string_view topic = {};  // lives as long as the process
    std::int32_t partitions = 0;
    std::string problem = {};  // why nothing can be sent there
  };

  const Destination& look_up(const std::string& topic) {
    const auto known = destinations_.find(topic);
    if (known != destinations_.end()) return known->second;
    Destination found;
    try {
      found.partitions = reader_.partitions_of(topic);
      if (found.partitions == 0) {
        found.problem = fmt::format("topic {}, which it came from, does not exist on {}, or this user may not see it",
                                    topic, bootstrap_servers_);
      } else {
        found.topic = detail::intern_topic(topic, {});
      }
    } catch (const Error& error) {
      if (error.code() != errc::not_authorized && error.code() != errc::invalid_topic) throw;
      found.problem = error.what();
    }
    return destinations_.emplace(topic, std::move(found)).first->second;
  }

  const std::string bootstrap_servers_;
  const ReplayOptions& options_;
  kafka::TopicReader& reader_;
  std::map<std::string, Destination> destinations_;

  std::mutex mutex_;  // what follows is also touched by the producer's thread
  std::map<std::int32_t, worker::OffsetTracker> trackers_;
  std::uint64_t sent_ = 0;
  std::uint64_t failed_ = 0;
  std::vector<DeadLetterProblem> problems_;

  std::unique_ptr<kafka::ProducerClient> producer_;  // before what its callbacks use
};

void check(const DeadLetterFilter& filter, const ReplayOptions& options) {
  if (options.group.empty()) return;
  const DeadLetterFilter none;
  const bool filtered = !filter.topics.empty() || !filter.stages.empty() || filter.since || filter.until ||
                        filter.first_offset != none.first_offset || filter.last_offset != none.last_offset;
  if (filtered) {
    throw Error(errc::invalid_config,
                fmt::format("ReplayOptions::group = {} together with a filter: what the filter leaves out would never "
                            "be replayed; leave out one of them",
                            options.group));
  }
}

}  // namespace

DeadLettersReport read_dead_letters(const Config& config, std::string_view topic, const DeadLetterFilter& filter,
                                    const std::function<void(const DeadLetter&)>& each,
                                    const ReadDeadLettersOptions& options) {
  config.validate();
  Scan scan{config, topic, filter, {.stop = options.stop, .patience = options.wait_for_broker}};
  return scan.run(false, each, [](const DeadLetterProblem&) {});
}

ReplayReport replay_dead_letters(const Config& config, std::string_view topic, const DeadLetterFilter& filter,
                                 const ReplayOptions& options) {
  config.validate();
  check(filter, options);
  Scan scan{config, topic, filter, {.group = options.group, .stop = options.stop, .patience = options.wait_for_broker}};
  Replay replay{config, options, scan.reader()};
  DeadLettersReport scanned;
  try {
    scanned = scan.run(
        !options.group.empty(), [&](const DeadLetter& letter) { replay.send(letter); },
        [&](const DeadLetterProblem& position) { replay.pass(position); });
  } catch (...) {
    replay.finish(true);
    throw;
  }
  replay.finish(false);
  return replay.report(std::move(scanned));
}

}  // namespace conveyor
