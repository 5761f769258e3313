#include "conveyor/dead_letters.h"

#include <fmt/format.h>

#include <utility>

#include "conveyor/error.h"
#include "dead_letters/replay.h"
#include "dead_letters/scan.h"

namespace conveyor {
namespace {

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
  detail::Scan scan{config, topic, filter, {.stop = options.stop, .patience = options.broker_timeout}};
  return scan.run(false, each, [](const DeadLetterProblem&) {});
}

ReplayReport replay_dead_letters(const Config& config, std::string_view topic, const DeadLetterFilter& filter,
                                 const ReplayOptions& options) {
  config.validate();
  check(filter, options);
  detail::Scan scan{
      config, topic, filter, {.group = options.group, .stop = options.stop, .patience = options.broker_timeout}};
  detail::Replay replay{config, options, scan.reader()};
  DeadLettersReport scanned;
  try {
    scanned = scan.run(
        !options.group.empty(), [&](const DeadLetter& letter) { replay.send(letter); },
        [&](const DeadLetterProblem& position) { replay.pass_over(position); });
  } catch (...) {
    replay.wait_for_deliveries(true);
    throw;
  }
  replay.wait_for_deliveries(false);
  return replay.report(std::move(scanned));
}

}  // namespace conveyor
