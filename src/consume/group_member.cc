#include "consume/group_member.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <random>
#include <utility>

#include "consume/lookup_thread.h"
#include "consume/member_events.h"
#include "kafka/errors.h"
#include "kafka/group_consumer.h"

namespace conveyor::worker {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

constexpr milliseconds kGiveBackWithin{5'000};
constexpr milliseconds kCloseWithin{5'000};

std::uint64_t new_run() {
  std::random_device random;
  return (std::uint64_t{random()} << 32) | random();
}

double random_part() {
  thread_local std::minstd_rand random{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(random);
}

}  // namespace

MemberEnvironment MemberEnvironment::of(const Config& config, const MemberOptions& options) {
  const auto wakeup = std::make_shared<kafka::Wakeup>();
  return {.clock = std::make_shared<SystemMemberClock>(),
          .wakeup = wakeup,
          .make_client =
              [&config, wakeup,
               group = kafka::GroupOptions{.topics = options.topics,
                                           .start_offsets = {.from_latest = options.start_at == StartAt::kLatest,
                                                             .partitions_in = &topic_began_with},
                                           .start_offsets_within = options.start_offsets_within}] {
                return std::make_shared<kafka::GroupConsumer>(config, group, wakeup);
              },
          .check_client = [&config] { kafka::GroupConsumer::check(config); },
          .make_lookup = [wakeup](const ClientSlot& client) { return std::make_unique<LookupThread>(client, wakeup); },
          .random = &random_part};
}

GroupMember::GroupMember(const Config& config, MemberOptions options, Receiver& receiver)
    : GroupMember(config, options, receiver, {}) {}

GroupMember::GroupMember(const Config& config, MemberOptions options, Receiver& receiver, MemberEnvironment environment)
    : config_(config),
      options_(std::move(options)),
      environment_(environment.clock ? std::move(environment) : MemberEnvironment::of(config_, options_)),
      reporter_(config.observer),
      client_(environment_.make_client),
      context_{.config = config_,
               .options = options_,
               .clock = *environment_.clock,
               .reporter = reporter_,
               .client = client_,
               .partitions = partitions_,
               .counters = counters_,
               .metadata_limit = metadata_limit_,
               .failure = failure_},
      completions_(environment_.wakeup),
      logs_(context_, *environment_.wakeup, [this] { return environment_.make_lookup(client_); }),
      poison_(context_, new_run(), [this] { return environment_.make_lookup(client_); }),
      retention_(context_),
      stalls_(context_, logs_, [this] { return environment_.make_lookup(client_); }),
      topics_(context_, logs_),
      committer_(context_, logs_),
      reader_(context_, {.poison = poison_, .logs = logs_, .retention = retention_, .committer = committer_}, receiver,
              *this),
      rebalance_(context_,
                 {.completions = completions_,
                  .poison = poison_,
                  .logs = logs_,
                  .retention = retention_,
                  .stalls = stalls_,
                  .committer = committer_},
                 receiver, hurry_) {}

GroupMember::~GroupMember() {
  // Other threads may still hold a partition, but its queue must be destroyed before the client.
  rebalance_.let_go_of_all();
  client_->destroy(left_in_time_ ? kCloseWithin : milliseconds(0));
}

void GroupMember::run(const std::stop_token& stop, milliseconds drain) {
  const std::stop_callback wake_up(stop, [this] { wake(); });
  while (!stop.stop_requested() && !failure_) {
    const bool more = run_once();
    if (more || failure_) continue;
    completions_.sleep(context_.clock, sleep_for(context_.clock.now()), reader_.completions_before_reading());
  }
  end(drain);
  if (failure_) throw *failure_;
}

bool GroupMember::run_once() {
  client_->serve(*this);
  const auto round_began = context_.clock.now();
  if (recovery_.due(round_began)) replace_client();
  completions_.apply(counters_);
  committer_.take_result();
  poison_.take_answers(round_began);
  look_at_logs(context_.clock.now());
  const bool more = reader_.read_some(round_began);
  if (reader_.take_progress()) recovery_.progress();
  const auto now = context_.clock.now();
  committer_.commit_when_due(now);
  topics_.check(now);
  if (const auto why = stalls_.check(now)) client_failed(*why);
  retention_.look_at_all(now);
  return more;
}

void GroupMember::look_at_logs(MemberClock::time_point now) {
  const ReplacedLogCheck::Answers answers = logs_.take_answers(now);
  if (answers.any) committer_.soon();
  for (const auto& [partition, position] : answers.seek_back) {
    reader_.drop_ahead(*partition);
    client_->seek(partition->where, position);
  }
  if (const PartitionPtr untold = rebalance_.start_over(answers.replaced)) {
    client_failed(fmt::format("{} [{}]: the group did not tell whether it has a committed offset", untold->where.topic,
                              untold->where.partition));
  }
  logs_.ask(now);
}

void GroupMember::finish(Receipt receipt, std::optional<TransactedOffset> committed) {
  completions_.add({std::move(receipt), true, committed});
}
void GroupMember::give_up(Receipt receipt) { completions_.add({std::move(receipt), false}); }

void GroupMember::on_assigned(std::vector<kafka::Assigned> given) {
  instance_watch_.joined();
  topics_.on_assigned(given);
  rebalance_.take_on(std::move(given));
}

void GroupMember::on_revoked(std::span<const kafka::TopicPartition> gone, bool lost) {
  if (lost) member_events::left_behind(reporter_);
  rebalance_.give_back(gone, lost, options_.revoke_timeout);
}

void GroupMember::on_error(rd_kafka_resp_err_t error, std::string_view text, std::string_view topic) {
  if (error == RD_KAFKA_RESP_ERR__PARTITION_EOF) return;  // of a partition that was revoked meanwhile
  using Action = kafka::GroupErrorMeaning::Action;
  const kafka::GroupErrorMeaning meaning = kafka::meaning_of(error);
  switch (meaning.action) {
    case Action::kRecreate:
      return client_failed(std::string(text));
    case Action::kInstanceInUse:
      if (!instance_watch_.in_use(context_.clock.now())) return client_failed(std::string(text));
      [[fallthrough]];
    case Action::kEnd: {
      const std::string topics =
          meaning.code == errc::not_authorized ? fmt::format(" (topics {})", fmt::join(options_.topics, ", ")) : "";
      failure_.emplace(meaning.code, fmt::format("{}{}; {}", text, topics, meaning.advice));
      return;
    }
    case Action::kTopicMissing:
      return topics_.on_missing(topic, text);
    case Action::kReport:
      // An error without a topic is already reported.
      if (!topic.empty()) member_events::topic_error(reporter_, topic, error, text);
  }
}

void GroupMember::on_partition_error(const Partition& partition, const kafka::ConsumedRecord& error) {
  if (kafka::meaning_of(error.error()).action != kafka::GroupErrorMeaning::Action::kReport) {
    return on_error(error.error(), error.error_text(), partition.where.topic);
  }
  member_events::partition_error(reporter_, partition.where, error.offset(), error.error(), error.error_text());
}

void GroupMember::client_failed(const std::string& why) {
  if (reader_.take_progress()) recovery_.progress();
  if (const auto wait = recovery_.failed(why, context_.clock.now(), environment_.random())) {
    member_events::client_broken(reporter_, why, *wait);
  }
}

// The old client leaves the group, so that its heartbeats do not keep the partitions. It is destroyed with the last
// record that was read from it; nobody waits for that.
void GroupMember::replace_client() {
  const std::string why = recovery_.begin();
  // If the new client cannot be created, for example because a certificate file is missing, everything stays as it is.
  try {
    environment_.check_client();
  } catch (const Error& error) {
    return client_failed(error.what());
  }
  std::vector<kafka::TopicPartition> all;
  for (const auto& partition : partitions_) all.push_back(partition->where);
  // A client that only stopped fetching can still commit. Without the closing metadata the next owner would take this
  // process for dead.
  rebalance_.give_back(all, client_->failed(), kGiveBackWithin);
  client_->leave(milliseconds(0));
  try {
    client_.renew();
  } catch (const Error& error) {
    return client_failed(error.what());
  }
  stalls_.forget_answers();
  logs_.forget();
  grow(counters_.recoveries, 1);
  member_events::client_recreated(reporter_, why);
}

milliseconds GroupMember::sleep_for(MemberClock::time_point now) const {
  auto until = now + Completions::kLongestSleep;
  const auto no_later_than = [&](std::optional<MemberClock::time_point> due) {
    if (due) until = std::min(until, std::max(*due, now));
  };
  no_later_than(topics_.due());
  no_later_than(committer_.next());  // something may be waiting to be committed
  no_later_than(recovery_.at());
  no_later_than(poison_.waits_until());
  return std::max(duration_cast<milliseconds>(until - now), milliseconds(1));
}

void GroupMember::end(milliseconds drain) {
  // A member without the right to read cannot commit either, so whatever is being handled comes again in any case.
  if (failure_ && failure_->code() == errc::not_authorized) hurry_ = true;
  const Rebalance::Left left = rebalance_.give_all_back(drain);
  left_ = left.unfinished;
  all_committed_ = left.all_committed;
  left_in_time_ = client_->leave(kCloseWithin);
  if (!left_in_time_) member_events::leaving_not_confirmed(reporter_);
}

}  // namespace conveyor::worker
