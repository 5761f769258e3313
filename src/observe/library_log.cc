#include "observe/library_log.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <google/protobuf/stubs/common.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/thread_annotations.h"
#include "observe/line_limiter.h"

// protobuf 22 and newer log through Abseil, whose log sinks belong to the application.
#if GOOGLE_PROTOBUF_VERSION < 4022000
#include <google/protobuf/stubs/logging.h>
#define CONVEYOR_PROTOBUF_HAS_LOG_HANDLER 1
#endif

namespace conveyor::detail {
namespace {

constexpr std::size_t kMostSources = 16;

// Never destroyed: other libraries log until the process ends.
struct Log {
  Mutex mutex;
  // with the number of subscriptions of each
  std::vector<std::pair<std::shared_ptr<Observer>, int>> observers CONVEYOR_GUARDED_BY(mutex);
  std::map<std::string, LineLimiter, std::less<>> limiters CONVEYOR_GUARDED_BY(mutex);  // by source
  bool protobuf_taken CONVEYOR_GUARDED_BY(mutex) = false;
};
Log& log() {
  static Log& log = *new Log;
  return log;
}

void report(const std::vector<std::shared_ptr<Observer>>& observers, const LogLine& line) noexcept {
  for (const auto& observer : observers) {
    try {
      observer->on_log(line);
    } catch (...) {
      continue;  // an observer must not stop the library
    }
  }
}

#ifdef CONVEYOR_PROTOBUF_HAS_LOG_HANDLER
using google::protobuf::LogLevel;

Severity severity_of(LogLevel level) noexcept {
  switch (level) {
    case google::protobuf::LOGLEVEL_INFO:
      return Severity::kInfo;
    case google::protobuf::LOGLEVEL_WARNING:
      return Severity::kWarning;
    default:
      return Severity::kError;
  }
}

void on_protobuf_line(LogLevel level, const char*, int, const std::string& text) {
  if (ProtobufLinesDropped::here() && level != google::protobuf::LOGLEVEL_FATAL) return;
  log_of_library(severity_of(level), "libprotobuf", text);
}

// libprotobuf does not tell whose handler is set. Its own default handler lies in the same shared object as its other
// functions.
bool is_protobufs_own(google::protobuf::LogHandler* handler) {
  Dl_info of_handler{};
  Dl_info of_library{};
  Dl_info of_program{};
  const auto look_up = [](auto* function, Dl_info& info) {
    return dladdr(reinterpret_cast<const void*>(function), &info) != 0;
  };
  if (handler == nullptr || !look_up(handler, of_handler) ||
      !look_up(&google::protobuf::internal::VersionString, of_library)) {
    return false;
  }
  // In a static build both handlers lie in the program, so this comparison cannot tell them apart.
  return of_handler.dli_fbase == of_library.dli_fbase &&
         !(look_up(&on_protobuf_line, of_program) && of_program.dli_fbase == of_library.dli_fbase);
}

void take_protobufs_log() {
  auto* before = google::protobuf::SetLogHandler(&on_protobuf_line);
  if (!is_protobufs_own(before)) google::protobuf::SetLogHandler(before);
}
#else
void take_protobufs_log() {}
#endif

}  // namespace

void log_of_library(Severity severity, std::string_view source, std::string_view text) noexcept {
  thread_local constinit bool telling = false;
  if (telling) return;
  telling = true;
  try {
    LineLimiter::Verdict verdict;
    std::vector<std::shared_ptr<Observer>> observers;
    {
      Log& log = detail::log();
      const MutexLock lock{log.mutex};
      auto limiter = log.limiters.find(source);
      if (limiter == log.limiters.end()) {
        limiter = log.limiters.size() < kMostSources ? log.limiters.emplace(source, LineLimiter{}).first
                                                     : log.limiters.begin();
      }
      verdict = limiter->second.line(LineLimiter::Clock::now());
      for (const auto& [observer, count] : log.observers) observers.push_back(observer);
    }
    if (observers.empty()) observers.push_back(default_observer());
    if (verdict.left_out_before != 0) {
      report(observers,
             {Severity::kWarning, source,
              fmt::format("{} lines of this library were dropped since the last notice", verdict.left_out_before)});
    }
    if (verdict.passes) report(observers, {severity, source, text});
    if (verdict.first_left_out) {
      report(observers, {Severity::kWarning, source,
                         fmt::format("further lines of this library are dropped: at most {} are logged in {} s",
                                     LineLimiter::kLinesInAPeriod, LineLimiter::kPeriod.count())});
    }
  } catch (...) {
    telling = false;  // out of memory: drop the log line
    return;
  }
  telling = false;
}

LibraryLogSubscription::LibraryLogSubscription(std::shared_ptr<Observer> observer) : observer_(std::move(observer)) {
  Log& log = detail::log();
  const MutexLock lock{log.mutex};
  const auto known = std::ranges::find(log.observers, observer_, [](const auto& one) { return one.first; });
  if (known != log.observers.end()) {
    ++known->second;
  } else {
    log.observers.emplace_back(observer_, 1);
  }
  if (!std::exchange(log.protobuf_taken, true)) take_protobufs_log();
}

LibraryLogSubscription::~LibraryLogSubscription() {
  Log& log = detail::log();
  const MutexLock lock{log.mutex};
  const auto known = std::ranges::find(log.observers, observer_, [](const auto& one) { return one.first; });
  if (--known->second == 0) log.observers.erase(known);
}

}  // namespace conveyor::detail
