#include "worker/output_failure.h"

#include <fmt/format.h>

namespace conveyor::worker {

Completion::Cause cause_of(std::error_code code) noexcept {
  if (code.category() != error_category()) return Completion::Cause::kRecord;
  switch (static_cast<errc>(code.value())) {
    case errc::fatal:
      return Completion::Cause::kClient;
    case errc::not_authorized:
    case errc::unknown_topic:
    case errc::broker_unreachable:
    case errc::timed_out:
    case errc::queue_full:
    case errc::retryable:
    case errc::possibly_delivered:
    case errc::stopped:
      return Completion::Cause::kChannel;
    default:
      return Completion::Cause::kRecord;
  }
}

Completion::Failure output_failure(std::error_code code, std::string_view text) {
  // Both may pass: the handler chose the partition, and delivery_failed stands for broker errors without a code here.
  const bool may_pass = code == errc::unknown_partition || code == errc::delivery_failed;
  return {.code = code,
          .text = fmt::format("an output was not delivered: {}", text),
          .retryable = may_pass,
          .cause = cause_of(code)};
}

}  // namespace conveyor::worker
