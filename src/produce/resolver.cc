#include "produce/resolver.h"

#include <fmt/format.h>

#include <exception>

namespace conveyor::kafka {

void Resolver::resolve(const std::vector<Resolution>& batch) {
  if (batch.empty()) return;
  std::uint64_t failed = 0;
  const Resolution* first_failure = nullptr;
  for (const auto& one : batch) {
    if (one.code == errc::ok || one.send->expired) continue;
    if (++failed == 1) first_failure = &one;
  }
  if (failed != 0) {
    reporter_.log(Severity::kError, "conveyor",
                  fmt::format("{} sends failed; the first: {}", failed, *first_failure->text));
  }
  for (const auto& one : batch) {
    if (!one.send->expired) report(one);
  }
  {
    const MutexLock lock{state_.mutex};
    for (const auto& one : batch) one.send->prefetch_neighbours();
    for (const auto& one : batch) {
      if (one.send->expired) {  // the client of an expired send has reported at last
        state_.registry.remove_expired(one.send);
      } else {
        state_.registry.resolve(one.send, one.code != errc::ok);
      }
    }
  }
  state_.changed.notify_all();
  for (const auto& one : batch) ProducerRecord::Ptr{one.send}.reset();
}

void Resolver::expire(const std::vector<Resolution>& batch) {
  if (batch.empty()) return;
  for (const auto& one : batch) report(one);
  {
    const MutexLock lock{state_.mutex};
    for (const auto& one : batch) state_.registry.expire(one.send);
  }
  state_.changed.notify_all();
}

void Resolver::report(const Resolution& resolution) noexcept {
  Delivery delivery{.topic = resolution.send->topic(), .partition = resolution.partition, .offset = resolution.offset};
  if (resolution.code != errc::ok) {
    delivery.error = resolution.code;
    delivery.error_text = *resolution.text;
    reporter_.event({.kind = Event::Kind::kDeliveryFailed,
                     .topic = delivery.topic,
                     .partition = delivery.partition,
                     .error = delivery.error,
                     .text = delivery.error_text});
  }
  try {
    resolution.send->resolve(delivery);
  } catch (const std::exception& error) {
    reporter_.log(Severity::kError, "conveyor", error.what());
  } catch (...) {
    reporter_.log(Severity::kError, "conveyor", "a delivery callback threw an exception; it is ignored");
  }
}

}  // namespace conveyor::kafka
