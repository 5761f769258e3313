#include "cli/repeat.h"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <optional>
#include <string_view>

#include "cli/output/terminal.h"
#include "cli/output/time.h"
#include "conveyor/error.h"

namespace conveyor::cli {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kEvery{2'000};
constexpr int kMostSeconds = 3'600;

std::optional<milliseconds> parse_seconds(std::string_view text) {
  if (text.empty()) return kEvery;  // --watch without a number
  double seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  if (!(seconds >= 0.1 && seconds <= kMostSeconds)) return {};
  return milliseconds(static_cast<std::int64_t>(seconds * 1e3));
}

// @return an error text, empty when the text is valid
std::string check_seconds(const std::string& text) {
  return parse_seconds(text) ? "" : fmt::format("{}: expected 0.1 to {} seconds", text, kMostSeconds);
}

}  // namespace

milliseconds Watch::every() const { return seconds.empty() ? kEvery : *parse_seconds(seconds.front()); }

void add_watch(CLI::App& command, Watch& watch) {
  command
      .add_option("--watch", watch.seconds,
                  "Look again every so many seconds (default 2), until Ctrl-C, and show what has changed")
      ->type_name("[SECONDS]")
      ->expected(0, 1)
      ->check(CLI::Validator(check_seconds, ""));
}

ExitCode repeat(const Watch& watch, const std::stop_token& stop, bool for_people,
                const std::function<ExitCode()>& look) {
  if (!watch.asked_for()) return look();
  std::mutex mutex;
  std::condition_variable_any changed;
  ExitCode result = kOk;
  while (!stop.stop_requested()) {
    const auto next = std::chrono::steady_clock::now() + watch.every();
    if (for_people) {
      constexpr std::string_view kNewScreen = "\x1b[H\x1b[2J";
      fmt::print("{}{}\n", is_terminal() ? kNewScreen : "", format_time(std::chrono::system_clock::now()));
    }
    try {
      result = look();
    } catch (const Error& error) {
      if (error.code() == errc::stopped && stop.stop_requested()) return kOk;
      throw;
    }
    if (for_people && !is_terminal()) fmt::print("\n");
    if (std::fflush(stdout) != 0) break;  // whoever read it is gone; the command says so at its end
    std::unique_lock lock{mutex};
    changed.wait_until(lock, stop, next, [] { return false; });
  }
  return stop.stop_requested() ? kOk : result;
}

}  // namespace conveyor::cli
