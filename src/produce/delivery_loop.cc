#include "produce/delivery_loop.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "kafka/errors.h"
#include "produce/classify_report.h"

namespace conveyor::kafka {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kIdle{100};
constexpr milliseconds kBusy{10};
constexpr milliseconds kLookEvery{50};
constexpr milliseconds kDestroyWithin{5'000};

}  // namespace

DeliveryLoop::DeliveryLoop(Parts parts, const ProducerRecovery::Settings& recovery)
    : parts_(std::move(parts)), state_(parts_.state), resolver_(state_, parts_.reporter), recovery_(recovery) {
  auto handle = std::make_unique<SharedHandle>(parts_.make_handle());
  handle_ = handle.get();
  const MutexLock lock{state_.mutex};
  state_.handle = std::move(handle);
}

void DeliveryLoop::run_once() {
  reports_.clear();
  (*handle_)->poll(pause_, reports_);
  if (!reports_.empty()) {
    // Ask the client itself, so that its fatal error is noticed before the reports that follow from it.
    if ((*handle_)->fatal_error() != RD_KAFKA_RESP_ERR_NO_ERROR) on_client_failed();
    on_delivery_reports(reports_);
  }
  step();
}

std::size_t DeliveryLoop::with_client() const {
  const MutexLock lock{state_.mutex};
  return state_.registry.with_client();
}

void DeliveryLoop::step() {
  if ((*handle_)->fatal_error() != RD_KAFKA_RESP_ERR_NO_ERROR) on_client_failed();
  const auto now = parts_.clock.now();
  if (closing()) recovery_.close(now);
  const std::size_t left = recovery_.takes_back() ? with_client() : 0;
  pause_ = left != 0 || (recovery_.failed() && !recovery_.ended()) ? kBusy : kIdle;
  const auto next = recovery_.next(now, left);
  switch (next) {
    case ProducerRecovery::Step::kNothing:
      break;
    case ProducerRecovery::Step::kAskForUnsent:
    case ProducerRecovery::Step::kAskForAll:
      (*handle_)->ask_back(next == ProducerRecovery::Step::kAskForAll);
      resolve_ended(true);
      break;
    case ProducerRecovery::Step::kGiveUp:
      give_up_client();
      resolve_ended(true);
      break;
    case ProducerRecovery::Step::kRebuild:
      rebuild();
      break;
    case ProducerRecovery::Step::kSendAgain:
      send_again();
      break;
  }
  resolve_ended(false);
  destroy_old_handles();
}

void DeliveryLoop::on_delivery_reports(const std::vector<SendReport>& reports) {
  std::vector<Resolution> batch;
  batch.reserve(reports.size());
  for (const SendReport& report : reports) {
    Resolution& resolution = batch.emplace_back();
    resolution.send = report.send;
    resolution.offset = report.offset;
    resolution.partition = report.partition;
    if (report.error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      recovery_.delivered();
    } else if (!classify_failure(report, resolution)) {
      batch.pop_back();
    }
  }
  resolver_.resolve(batch);
}

bool DeliveryLoop::classify_failure(const SendReport& report, Resolution& resolution) {
  const bool takes_back = recovery_.takes_back();
  const auto fatal = takes_back ? (*handle_)->fatal_error() : RD_KAFKA_RESP_ERR_NO_ERROR;
  ProducerRecord* const send = report.send;
  if (classify_report(report, takes_back, fatal) == ReportMeaning::kFailed) {
    resolution.offset = -1;
    resolution.code = kafka::errc_of(report.error, errc::delivery_failed);
    resolution.text = std::make_unique<const std::string>(parts_.texts.of_error(report.error, send->topic()));
    return true;
  }
  Fate fate = Fate::kLeave;
  {
    const MutexLock lock{state_.mutex};
    send->pin(report.partition);
    state_.registry.take_back(send, report.possibly_stored);
    fate = recovery_.fate_of(unresolved(*send), parts_.clock.now());
  }
  if (!ends(fate)) return false;
  resolution = resolution_of({send, fate});
  return true;
}

Resolution DeliveryLoop::resolution_of(const EndedSend& ended) const {
  return {.send = ended.send,
          .code = errc_of(ended.fate),
          .text = std::make_unique<const std::string>(
              parts_.texts.of_fate(ended.fate, ended.send->topic(), failure_, closing() || stopped()))};
}

std::vector<Resolution> DeliveryLoop::resolutions_of(const std::vector<EndedSend>& ended) const {
  std::vector<Resolution> resolutions;
  resolutions.reserve(ended.size());
  for (const EndedSend& one : ended) resolutions.push_back(resolution_of(one));
  return resolutions;
}

void DeliveryLoop::on_client_failed() {
  if (recovery_.failed()) return;
  const bool curable = is_curable((*handle_)->fatal_error());
  failure_ = (*handle_)->report_fatal();
  {
    const MutexLock lock{state_.mutex};
    state_.recovering = true;
    if (!curable) state_.no_more = {errc::fatal, failure_};
  }
  state_.changed.notify_all();
  handle_->wait_for_senders();
  recovery_.client_failed(parts_.clock.now(), curable, parts_.random());
}

void DeliveryLoop::give_up_client() {
  {
    const MutexLock lock{state_.mutex};
    state_.registry.give_up_client([this](ProducerRecord* send) { handle_->keep(send->share()); },
                                   [this](ProducerRecord* send) { handle_->keep(ProducerRecord::Ptr{send}); });
  }
  state_.changed.notify_all();
}

void DeliveryLoop::rebuild() {
  std::unique_ptr<SharedHandle> handle;
  try {
    handle = std::make_unique<SharedHandle>(parts_.make_handle());
  } catch (const std::exception& error) {
    parts_.reporter.log(
        Severity::kError, "conveyor",
        fmt::format("the producer's Kafka client cannot be recreated; it is tried again: {}", error.what()));
    recovery_.rebuild_failed(parts_.clock.now(), parts_.random());
    return;
  }
  give_up_client();
  {
    const MutexLock lock{state_.mutex};
    std::swap(state_.handle, handle);
    handle_ = state_.handle.get();
    resend_.begin(state_.registry);
  }
  old_handles_.push_back(std::move(handle));
  recovery_.rebuilt();
  resolve_ended(true);
}

void DeliveryLoop::send_again() {
  bool all_taken = true;
  bool done = false;
  Resend::Batch batch;
  {
    MutexLock lock{state_.mutex};
    batch = resend_.pick(state_.registry, *handle_, recovery_, parts_.clock.now());
    if (batch.last) {
      all_taken = resend_.hand_over(batch, **handle_);
    } else {
      lock.unlock();
      all_taken = resend_.hand_over(batch, **handle_);
      lock.lock();
    }
    done = resend_.complete(state_.registry, batch);
    if (done) state_.recovering = false;
  }
  pause_ = all_taken ? milliseconds(0) : kBusy;
  auto ended = resolutions_of(batch.ended);
  for (const auto& [send, error] : batch.refused) {
    ended.push_back({.send = send,
                     .code = kafka::errc_of(error, errc::delivery_failed),
                     .text = std::make_unique<const std::string>(parts_.texts.of_error(error, send->topic()))});
  }
  resolver_.resolve(ended);
  if (done) on_recovered();
}

void DeliveryLoop::on_recovered() {
  recovery_.all_sent();
  const Resend::Totals totals = resend_.take_totals();
  const std::string text = fmt::format(
      "the producer's Kafka client was recreated; {} sends were sent again, {} of which a broker may have stored "
      "already ({})",
      totals.sent, totals.possibly_doubled, failure_);
  parts_.reporter.report({.kind = Event::Kind::kRecovered, .text = text}, Severity::kWarning);
}

void DeliveryLoop::resolve_ended(bool at_once) {
  const auto now = parts_.clock.now();
  if (!at_once && now < next_look_) return;
  next_look_ = now + kLookEvery;
  EndedSends found;
  {
    const MutexLock lock{state_.mutex};
    found = find_ended_sends(state_.registry, recovery_, now);
  }
  resolver_.resolve(resolutions_of(found.ended));
  resolver_.expire(resolutions_of(found.expired));
}

void DeliveryLoop::destroy_old_handles() {
  for (const auto& handle : old_handles_) {
    if (!handle->visited()) handle->begin_destroy();
  }
  std::erase_if(old_handles_, [](const auto& handle) { return handle->is_gone(); });
}

void DeliveryLoop::end() {
  {
    const MutexLock lock{state_.mutex};
    state_.no_more = {errc::stopped, "the producer is being closed"};
  }
  recovery_.close(parts_.clock.now());
  give_up_client();
  resolve_ended(true);
  {
    const MutexLock lock{state_.mutex};
    old_handles_.push_back(std::move(state_.handle));
  }
  for (const auto& handle : old_handles_) handle->begin_destroy();
  const auto until = parts_.clock.now() + kDestroyWithin;
  for (const auto& handle : old_handles_) {
    const auto left = std::chrono::duration_cast<milliseconds>(until - parts_.clock.now());
    handle->wait_until_gone(std::max(left, milliseconds(0)));
  }
  old_handles_.clear();
}

}  // namespace conveyor::kafka
