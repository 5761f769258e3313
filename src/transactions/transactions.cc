#include "transactions/transactions.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/reminder.h"
#include "kafka/client.h"
#include "kafka/errors.h"
#include "transactions/offset_question.h"

namespace conveyor::worker {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kSlice{500};  // of a call that may have to be given up
constexpr milliseconds kPatience{20};
constexpr milliseconds kLogsKnownFor{1'000};  // as README.md says
constexpr milliseconds kLookAgainAfter{50};
constexpr milliseconds kLongestPatience{1'000};
constexpr milliseconds kCommittedWithin{5'000};
constexpr milliseconds kTroubledFor{60'000};
constexpr std::size_t kManyInputs = 100;  // worth a transaction at once
constexpr const char* kGivenBack = "a partition was given back";
constexpr milliseconds kSayWhyAfter{10'000};
constexpr milliseconds kSayWhyAgainAfter{30'000};

// Another client of the same id would be refused too.
bool for_good(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
    case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
      return true;
    default:
      return false;
  }
}

bool may_not(const kafka::TransactionClient::Outcome& outcome) {
  return kafka::errc_of(outcome.error, errc::retryable) == errc::not_authorized;
}

// Whether an outcome speaks of brokers that may lag behind what we know. What this worker found itself does not. Nor
// does UNKNOWN_SERVER_ERROR: brokers answer so to the commit of a producer that another one is fencing at that moment.
bool is_trouble(const kafka::TransactionClient::Outcome& outcome) {
  return outcome.error != RD_KAFKA_RESP_ERR_NO_ERROR && outcome.error != RD_KAFKA_RESP_ERR_UNKNOWN;
}

// '~' and what ends a part of an id are told apart by a '~' before their hexadecimal code.
std::string escaped(std::string_view text, std::string_view ends) {
  std::string escaped;
  for (const char c : text) {
    if (c == '~' || ends.find(c) != std::string_view::npos) {
      escaped += fmt::format("~{:02x}", static_cast<unsigned char>(c));
    } else {
      escaped += c;
    }
  }
  return escaped;
}

}  // namespace

std::string transactional_id(std::string_view topic_prefix, std::string_view group, std::string_view instance) {
  std::string id = topic_prefix.empty() ? std::string() : escaped(topic_prefix, {}) + "~/";
  return id + escaped(group, {}) + "-" + escaped(instance, "-");
}

Transactions::Transactions(const Config& config, const ExactlyOnceOptions& options, std::size_t most_kept,
                           GroupMember& reader, Owner& owner)
    : config_(config),
      options_(options),
      id_(transactional_id(config.topic_prefix, config.group, options.instance)),
      reader_(reader),
      owner_(owner),
      kept_(most_kept) {
  client_ = std::make_unique<kafka::TransactionClient>(
      config_, kafka::TransactionOptions{.id = id_, .timeout = options_.transaction_timeout});
}

Transactions::~Transactions() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Transactions::start(milliseconds within, const std::stop_token& stop) {
  const auto deadline = Clock::now() + std::min(within, milliseconds(std::chrono::hours(24 * 365)));
  while (true) {
    const Outcome outcome = client_->init(kSlice);
    if (outcome.result == Result::kOk) break;
    if (stop.stop_requested()) throw Error(errc::stopped, "stopped before transactions could be begun");
    if (outcome.result != Result::kAgain) {
      throw cannot_begin(outcome);
    }
    if (Clock::now() >= deadline || client_->reporter().rejected()) {
      throw kafka::unreachable(client_->reporter(), config_.bootstrap_servers, within);
    }
  }
  thread_ = std::thread([this] { run(); });
}

Error Transactions::cannot_begin(const Outcome& outcome) const {
  return {kafka::errc_of(outcome.error, errc::fatal),
          fmt::format("transactions as \"{}\" cannot be begun: {}", id_, outcome.text)};
}

void Transactions::begin(const PartitionPtr& partition, std::int64_t offset) {
  const std::lock_guard lock{mutex_};
  book_.begin(partition, offset);
}

void Transactions::finish(Task task, Outputs outputs) {
  FinishedInput input{std::move(task), kept_.keep(std::move(outputs))};
  std::optional<FinishedInput> hopeless;
  {
    const std::lock_guard lock{mutex_};
    hopeless = dead_ ? std::optional(std::move(input)) : book_.finish(std::move(input));
    if (book_.ready() > 0 && ready_since_ == Clock::time_point::max()) ready_since_ = Clock::now();
  }
  if (hopeless) {
    owner_.uncommitted(*std::move(hopeless));
  } else {
    changed_.notify_all();
  }
}

void Transactions::wait_for_room(const Partition& partition) {
  if (!kept_.full()) return;
  std::unique_lock lock{mutex_};
  // Nothing to be committed: what is kept waits for records before it, of which this may be one.
  const auto may_go_on = [&] {
    return !kept_.full() || (book_.ready() == 0 && in_transaction_.empty()) || partition.leaving() || stopping_ ||
           dead_;
  };
  while (!changed_.wait_for(lock, kLookAgainAfter, may_go_on)) {
  }
}

void Transactions::block(const Partition& partition, std::int64_t offset) {
  Batch hopeless;
  {
    const std::lock_guard lock{mutex_};
    hopeless = book_.block(partition, offset);
  }
  changed_.notify_all();
  for (auto& input : hopeless) owner_.uncommitted(std::move(input));
}

bool Transactions::release(std::span<const PartitionPtr> partitions, milliseconds within) {
  std::unique_lock lock{mutex_};
  for (const auto& partition : partitions) {
    partition->released = true;
    static_cast<void>(book_.drop(*partition));
  }
  ++releasing_;
  changed_.notify_all();
  const bool released = changed_.wait_for(lock, within, [&] {
    // One that is not asked to commit leaves them out before it is.
    return !asked_to_commit_ || std::ranges::none_of(partitions, [&](const auto& partition) {
      return in_transaction_.contains(partition.get());
    });
  });
  --releasing_;
  return released;
}

bool Transactions::due(Clock::time_point now) const {
  if (book_.ready() == 0) return false;
  return stopping_ || book_.nothing_else() || book_.ready() >= kManyInputs || kept_.many() ||
         now >= ready_since_ + options_.commit_every;
}

void Transactions::run() {
  std::unique_lock lock{mutex_};
  while (true) {
    const auto now = Clock::now();
    if (!due(now)) {
      if (stopping_) return;
      if (book_.ready() > 0) {
        changed_.wait_until(lock, ready_since_ + options_.commit_every);
      } else {
        changed_.wait(lock);
      }
      continue;
    }
    Batch batch = book_.take(most_inputs_);
    ready_since_ = book_.ready() > 0 ? now : Clock::time_point::max();
    for (const auto& input : batch) in_transaction_.insert(input.task.incoming.partition.get());
    lock.unlock();
    transact_guarded(std::move(batch));
    lock.lock();
    in_transaction_.clear();
    if (book_.ready() > 0 && ready_since_ == Clock::time_point::max()) ready_since_ = Clock::now();
    changed_.notify_all();
  }
}

void Transactions::transact_guarded(Batch batch) noexcept {
  try {
    transact(std::move(batch));
  } catch (const std::exception& error) {
    broke(error.what());
  } catch (...) {
    broke("something that is not an exception");
  }
}

void Transactions::broke(const char* what) noexcept {
  dead_ = true;
  {
    const std::lock_guard lock{mutex_};
    for (Partition* partition : in_transaction_) partition->in_doubt = true;
  }
  owner_.transactions_broke(what);
}

void Transactions::transact(Batch batch) {
  milliseconds patience = kPatience;
  while (!batch.empty()) {
    if (dead_) return give_up(std::move(batch), "the worker ends");
    begun_at_ = Clock::now();
    const std::vector<Offset> offsets = offsets_of(batch);
    Outcome outcome = attempt(batch, offsets);
    if (outcome.result == Result::kOk) {
      most_inputs_ = std::min(most_inputs_ * 2, kMostInputs);
      ever_committed_ = true;
      return settle(batch, offsets);
    }
    if (outcome.result == Result::kAgain) return give_up(std::move(batch), outcome.text);  // no time left
    if (outcome.result != Result::kFenced && !any_released(batch) && is_trouble(outcome)) {
      troubled_until_ = Clock::now() + kTroubledFor;
    }
    if (outcome.error == RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE) reader_.shorten_notes();
    if (outcome.result == Result::kAbort) {
      client_->reporter().log(Severity::kWarning, "conveyor",
                              fmt::format("a transaction of {} inputs is done again: {}", batch.size(), outcome.text));
      const Outcome why = std::exchange(outcome, abort());
      if (outcome.result == Result::kOk && may_not(why)) {
        static_cast<void>(client_->take_failed());  // of no input in particular
        if (!ever_committed_) return end_for_missing_right(std::move(batch), why.text);
        report_waiting(batch, why);
        leave_out_released(batch);
        wait(patience);
        patience = std::min(patience * 2, kLongestPatience);
        continue;
      }
    }
    if (outcome.result == Result::kFenced && !may_be_ours()) {
      dead_ = true;
      owner_.transactions_failed(
          Error(errc::fatal, fmt::format("another worker transacts as \"{}\" now; give each its own "
                                         "ExactlyOnceOptions::instance ({})",
                                         id_, outcome.text)));
      return give_up(std::move(batch), outcome.text);
    }
    if (outcome.result == Result::kOk) {
      if (hand_back_failed(batch)) return;
    } else if (!rebuild(batch)) {
      return give_up(std::move(batch), outcome.text);
    } else {
      report_recovered(outcome.text);
    }
    leave_out_released(batch);
    wait(patience);
    patience = std::min(patience * 2, kLongestPatience);
  }
}

// Being fenced is the work of another instance, as a rule. But the brokers also end a transaction that takes too long;
// and one that was frozen while a transaction was aborted takes the client's newer epoch for a wrong one, by what it
// knew before. Another instance of the same name is told by its fencing us without any trouble, or still after it.
bool Transactions::may_be_ours() const {
  const auto now = Clock::now();
  return now - begun_at_ >= options_.transaction_timeout || now < troubled_until_;
}

template <class Call>
Transactions::Outcome Transactions::insist(std::string_view doing, Call call) {
  Reminder reminder(Clock::now() + kSayWhyAfter, kSayWhyAgainAfter);
  while (true) {
    const Outcome outcome = call();
    if (outcome.result != Result::kAgain || dead_) return outcome;
    {
      const std::lock_guard lock{mutex_};
      if (stopping_) return outcome;
    }
    if (reminder.due(Clock::now())) say_why(fmt::format("{} takes long: {}", doing, outcome.text));
    wait(kPatience);
  }
}

Transactions::Outcome Transactions::attempt(const Batch& batch, const std::vector<Offset>& offsets) {
  set_asked_to_commit(false);
  if (Outcome outcome = client_->begin(); outcome.result != Result::kOk) return outcome;
  // The brokers count a transaction's time from its first output on: it is not spent on waiting for an answer.
  if (Outcome outcome = ask_about_logs(batch, offsets); outcome.result != Result::kOk) return outcome;
  begun_at_ = Clock::now();
  if (Outcome outcome = produce(batch); outcome.result != Result::kOk) return outcome;
  std::vector<kafka::OffsetToCommit> to_commit;
  for (const Offset& each : offsets) to_commit.push_back(each.sent);
  // First the metadata, then the question whether the partitions are still ours: once they are not, the brokers refuse
  // the older metadata.
  const kafka::GroupMetadata group = reader_.group_metadata();
  if (any_released(batch)) return {Result::kAbort, kGivenBack};
  if (Outcome outcome = ask_again_if_old(offsets); outcome.result != Result::kOk) return outcome;
  if (!group) return {Result::kAbort, "the consumer has left its group"};
  Outcome outcome =
      insist("adding offsets to a transaction", [&] { return client_->send_offsets(to_commit, group.get(), kSlice); });
  if (outcome.result != Result::kOk) return outcome;
  if (!may_ask_to_commit(batch)) return {Result::kAbort, kGivenBack};
  return insist("committing a transaction", [&] { return client_->commit(kSlice); });
}

bool Transactions::any_released(const Batch& batch) {
  return std::ranges::any_of(batch,
                             [](const FinishedInput& input) { return input.task.incoming.partition->released.load(); });
}

void Transactions::set_asked_to_commit(bool asked) {
  const std::lock_guard lock{mutex_};
  asked_to_commit_ = asked;
}

// A partition is either released before, and not committed, or after, and waited for.
bool Transactions::may_ask_to_commit(const Batch& batch) {
  const std::lock_guard lock{mutex_};
  asked_to_commit_ = !any_released(batch);
  return asked_to_commit_;
}

// Offsets that are committed for a topic that was made anew would pass over its records: see LogWatch.
Transactions::Outcome Transactions::ask_about_logs(const Batch& batch, const std::vector<Offset>& offsets) {
  const auto committed = partitions_of(offsets);
  const auto asked = partitions_to_ask_about(committed, partitions_begun(), Clock::now());
  logs_known_at_ = Clock::now();
  if (asked.empty()) return {};
  AnswerLimit limit;
  return insist("asking what is committed", [&]() -> Outcome {
    if (any_released(batch)) return {Result::kAbort, kGivenBack};
    return ask_until_told(committed, asked, limit);
  });
}

// Sending the outputs may have taken long. Then one more question must do, which takes no more than a part of the time
// that a transaction has.
Transactions::Outcome Transactions::ask_again_if_old(const std::vector<Offset>& offsets) {
  if (Clock::now() - logs_known_at_ < kLogsKnownFor) return {};
  const auto committed = partitions_of(offsets);
  const auto asked = partitions_to_ask_about(committed, {}, Clock::now());
  if (asked.empty()) return {};
  const auto within = std::min<milliseconds>(options_.transaction_timeout / 4, AnswerLimit::kLongest);
  Answer answer = ask(committed, asked, within);
  if (answer.outcome.result != Result::kOk || answer.all_told) return std::move(answer.outcome);
  return {Result::kAbort,
          fmt::format("the coordinator of group {} does not say in time what is committed", config_.group)};
}

Transactions::Outcome Transactions::ask_until_told(std::span<const PartitionPtr> committed,
                                                   std::span<const PartitionPtr> asked, AnswerLimit& limit) {
  const auto asked_at = Clock::now();
  Answer answer = ask(committed, asked, limit.within());
  if (answer.outcome.result != Result::kOk) return std::move(answer.outcome);
  const auto now = Clock::now();
  logs_known_at_ = answer.all_told ? asked_at : now;  // where the limit lets it go on without an answer, from then on
  if (limit.answered(answer.all_told, asked_at, now)) return {};
  return {Result::kAgain, fmt::format("the coordinator of group {} does not say it in time", config_.group)};
}

Transactions::Answer Transactions::ask(std::span<const PartitionPtr> committed, std::span<const PartitionPtr> asked,
                                       milliseconds within) {
  const auto asked_at = Clock::now();
  std::vector<kafka::TopicPartition> places;
  for (const auto& partition : asked) places.push_back(partition->where);
  const auto told = reader_.committed(places, within);
  for (const auto& stored : told) {
    const auto& each = *std::ranges::find(asked, stored.where, [](const auto& partition) { return partition->where; });
    if (stored.next >= 0) {
      each->stored_offset.found(asked_at);
      continue;
    }
    each->stored_offset.dropped();
    each->dropped_by_group = true;
    reader_.wake();
  }
  if (std::ranges::any_of(committed, [](const auto& each) { return each->stored_offset.is_dropped(); })) {
    return {.outcome = {Result::kAbort, "a topic was made anew"}};
  }
  const bool all_told = std::ranges::all_of(committed, [&](const PartitionPtr& each) {
    return std::ranges::find(asked, each) == asked.end() ||
           std::ranges::find(told, each->where, &kafka::OffsetToCommit::where) != told.end();
  });
  return {.all_told = all_told};
}

std::vector<PartitionPtr> Transactions::partitions_of(const std::vector<Offset>& offsets) {
  std::vector<PartitionPtr> partitions;
  for (const Offset& each : offsets) partitions.push_back(each.partition);
  return partitions;
}

std::vector<PartitionPtr> Transactions::partitions_begun() const {
  const std::lock_guard lock{mutex_};
  return book_.partitions();
}

Transactions::Outcome Transactions::produce(const Batch& batch) {
  for (const auto& input : batch) {
    client_->keep(input.outputs);
    for (const auto& send : *input.outputs) {
      Outcome outcome = insist("sending outputs", [&] { return client_->produce(*send); });
      if (outcome.result != Result::kOk) return outcome;
    }
  }
  return {};
}

Transactions::Outcome Transactions::abort() {
  return insist("aborting a transaction", [&] { return client_->abort(kSlice); });
}

std::vector<Transactions::Offset> Transactions::offsets_of(const Batch& batch) const {
  std::map<PartitionPtr, std::int64_t> next;
  for (const auto& input : batch) next[input.task.incoming.partition] = input.task.incoming.offset + 1;
  std::vector<Offset> offsets;
  for (const auto& [partition, offset] : next) {
    CommitNote note = partition->marks ? partition->marks->plain_note(offset, offset) : CommitNote();
    note.topic_began_with = partition->topic_began_with;
    offsets.push_back(
        {partition,
         {.offset = offset, .lease_end = note.lease_end},
         {partition->where, offset, partition->marks ? encode(note, reader_.largest_note()) : std::string()}});
  }
  return offsets;
}

void Transactions::settle(const Batch& batch, const std::vector<Offset>& offsets) {
  for (const Offset& each : offsets) each.partition->stored_offset.committed(Clock::now());
  for (const auto& input : batch) {
    owner_.committed(input);
    const Incoming& incoming = input.task.incoming;
    std::optional<TransactedOffset> stored;
    for (const Offset& each : offsets) {
      if (each.partition == incoming.partition && each.stored.offset == incoming.offset + 1) stored = each.stored;
    }
    reader_.finish(receipt_for(incoming), stored);
  }
}

// As for every other right that is missing when the worker starts.
void Transactions::end_for_missing_right(Batch batch, const std::string& why) {
  dead_ = true;
  owner_.transactions_failed(Error(
      errc::not_authorized, fmt::format("transactions as \"{}\" are not allowed: {}; check the rights of this user "
                                        "to write the topics of its outputs",
                                        id_, why)));
  give_up(std::move(batch), why);
}

void Transactions::report_waiting(const Batch& batch, const Outcome& why) {
  const Incoming& first = batch.front().task.incoming;
  const std::string text =
      fmt::format("{} inputs wait, and nothing past them is committed: {}", batch.size(), why.text);
  client_->reporter().report({.kind = Event::Kind::kOutputFailed,
                              .topic = first.partition->where.topic,
                              .partition = first.partition->where.partition,
                              .offset = first.offset,
                              .error = kafka::errc_of(why.error, errc::retryable),
                              .text = text},
                             Severity::kError);
}

// @return whether the batch is in other hands now
bool Transactions::hand_back_failed(Batch& batch) {
  const auto failed = client_->take_failed();
  if (failed.empty()) return false;
  // The brokers refuse a whole batch of records for one of them: it is found by halving.
  if (batch.size() > 1) {
    const std::lock_guard lock{mutex_};
    most_inputs_ = batch.size() / 2;
    leave_out_released_already_locked(batch);
    book_.put_back(std::exchange(batch, {}));
    return true;
  }
  struct Failed {
    Task task;
    std::error_code code;
    std::string text;
  };
  std::vector<Failed> tasks;
  {
    const std::lock_guard lock{mutex_};
    std::map<const kafka::PendingSend*, const kafka::TransactionClient::Failed*> by_send;
    for (const auto& each : failed) by_send.emplace(each.send, &each);
    leave_out_released_already_locked(batch);
    std::vector<std::tuple<const Partition*, std::int64_t, const kafka::TransactionClient::Failed*>> found;
    for (const auto& input : batch) {
      for (const auto& send : *input.outputs) {
        const auto why = by_send.find(send.get());
        if (why == by_send.end()) continue;
        found.emplace_back(input.task.incoming.partition.get(), input.task.incoming.offset, why->second);
        break;
      }
    }
    book_.put_back(std::exchange(batch, {}));
    for (const auto& [partition, offset, why] : found) {
      if (auto task = book_.reopen(*partition, offset)) tasks.push_back({*std::move(task), why->code, why->text});
    }
  }
  for (auto& [task, code, text] : tasks) owner_.output_failed(std::move(task), code, text);
  return true;
}

void Transactions::leave_out_released_already_locked(Batch& batch) {
  std::erase_if(batch, [](const FinishedInput& input) { return input.task.incoming.partition->released.load(); });
  // Who waits for a partition to leave need not wait for the others' transaction.
  in_transaction_.clear();
  for (const auto& input : batch) in_transaction_.insert(input.task.incoming.partition.get());
  changed_.notify_all();
}

void Transactions::leave_out_released(Batch& batch) {
  const std::lock_guard lock{mutex_};
  leave_out_released_already_locked(batch);
}

void Transactions::doubt_released(const Batch& batch) {
  for (const auto& input : batch) {
    Partition& partition = *input.task.incoming.partition;
    if (partition.released) partition.in_doubt = true;
  }
}

// A client that cannot go on, or a transaction whose end is not known: a new client of the same id ends it. Whether it
// was committed, where that was asked for, is told by what the group has committed; where it was not, there is no need
// to ask, and to wait for, a coordinator that may be frozen, or know only what was so before it was.
bool Transactions::rebuild(Batch& batch) {
  milliseconds patience = kPatience;
  while (true) {
    client_->destroy();
    client_ = std::make_unique<kafka::TransactionClient>(
        config_, kafka::TransactionOptions{.id = id_, .timeout = options_.transaction_timeout});
    const Outcome outcome = insist("fencing the transaction before", [&] { return client_->init(kSlice); });
    if (outcome.result == Result::kOk) break;
    {
      const std::lock_guard lock{mutex_};
      if (stopping_ || dead_) return false;
    }
    if (for_good(outcome.error)) {
      dead_ = true;
      owner_.transactions_failed(cannot_begin(outcome));
      return false;
    }
    client_->reporter().log(Severity::kWarning, "conveyor", outcome.text);
    wait(patience);
    patience = std::min(patience * 2, kLongestPatience);
  }
  if (asked_to_commit_) {
    if (!leave_out_committed(batch)) return false;
    doubt_released(batch);
  }
  leave_out_released(batch);
  return true;
}

bool Transactions::leave_out_committed(Batch& batch) {
  std::set<const Partition*> partitions;
  for (const auto& input : batch) partitions.insert(input.task.incoming.partition.get());
  std::vector<kafka::TopicPartition> asked;
  for (const Partition* partition : partitions) asked.push_back(partition->where);
  Reminder reminder({}, kSayWhyAgainAfter);
  while (!asked.empty()) {
    if (const auto offsets = reader_.committed(asked, kCommittedWithin); offsets.size() == asked.size()) {
      Batch done;
      Batch open;
      for (auto& input : batch) {
        const auto found =
            std::ranges::find(offsets, input.task.incoming.partition->where, &kafka::OffsetToCommit::where);
        const bool committed = found != offsets.end() && found->next > input.task.incoming.offset;
        (committed ? done : open).push_back(std::move(input));
      }
      settle(done, {});
      batch = std::move(open);
      return true;
    }
    {
      const std::lock_guard lock{mutex_};
      if (stopping_ || dead_) return false;
    }
    if (reminder.due(Clock::now())) {
      say_why(
          fmt::format("it is not known whether a transaction of {} inputs was committed: the coordinator of group "
                      "{} does not say what is, or another transaction of the group is still open",
                      batch.size(), config_.group));
    }
    wait(kLongestPatience);
  }
  return true;
}

void Transactions::give_up(Batch batch, const std::string& why) {
  client_->reporter().log(Severity::kWarning, "conveyor",
                          fmt::format("{} handled inputs were not committed and come again: {}", batch.size(), why));
  for (auto& input : batch) {
    input.task.incoming.partition->in_doubt = true;
    owner_.uncommitted(std::move(input));
  }
}

void Transactions::say_why(const std::string& text) {
  client_->reporter().report({.kind = Event::Kind::kClientError,
                              .error = errc::retryable,
                              .text = fmt::format("the transactional producer \"{}\" waits: {}", id_, text)},
                             Severity::kWarning);
}

void Transactions::report_recovered(std::string_view why) {
  const std::string text = fmt::format("the transactional producer \"{}\" was made anew: {}", id_, why);
  client_->reporter().report({.kind = Event::Kind::kRecovered, .text = text}, Severity::kWarning);
}

// Ended by stop, not by what is finished meanwhile.
void Transactions::wait(milliseconds time) {
  std::unique_lock lock{mutex_};
  changed_.wait_for(lock, time, [&] { return stopping_ || releasing_ > 0; });
}

}  // namespace conveyor::worker
