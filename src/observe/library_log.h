#ifndef CONVEYOR_SRC_OBSERVE_LIBRARY_LOG_H_
#define CONVEYOR_SRC_OBSERVE_LIBRARY_LOG_H_

#include <memory>
#include <string_view>

#include "conveyor/export.h"
#include "conveyor/observer.h"

// Exported for Conveyor's other libraries: the libraries that those link write logs too.

namespace conveyor::detail {

/// Takes a log line that another library of the process wrote (libprotobuf, OpenCV, ONNX Runtime). The line goes once
/// to each observer that a live client has, or to standard error while there is no client. LineLimiter bounds the
/// number of lines from each source.
///
/// Thread safety: may be called from any thread. A line that an observer causes while it handles a line is dropped.
/// @param source the library's name, such as "libprotobuf"; becomes LogLine::source
CONVEYOR_EXPORT void log_of_library(Severity severity, std::string_view source, std::string_view text) noexcept;

/// While it lives, its observer receives the log lines of other libraries. The first subscription takes over
/// libprotobuf's log, unless the application has set a handler of its own.
class CONVEYOR_EXPORT LibraryLogSubscription {
 public:
  explicit LibraryLogSubscription(std::shared_ptr<Observer> observer);
  ~LibraryLogSubscription();
  LibraryLogSubscription(const LibraryLogSubscription&) = delete;
  LibraryLogSubscription& operator=(const LibraryLogSubscription&) = delete;

 private:
  const std::shared_ptr<Observer> observer_;
};

/// While it lives, libprotobuf's log lines on this thread are dropped, because our own error says the same and more.
class ProtobufLinesDropped {
 public:
  ProtobufLinesDropped() noexcept { ++depth_; }
  ~ProtobufLinesDropped() { --depth_; }
  ProtobufLinesDropped(const ProtobufLinesDropped&) = delete;
  ProtobufLinesDropped& operator=(const ProtobufLinesDropped&) = delete;

  [[nodiscard]] static bool here() noexcept { return depth() != 0; }

 private:
  static int& depth() noexcept {
    thread_local constinit int depth = 0;
    return depth;
  }

  int& depth_ = depth();  // looked up once
};

/// The observer that is used where Config::observer is not set; one for the process.
[[nodiscard]] const std::shared_ptr<Observer>& default_observer();

}  // namespace conveyor::detail

#endif  // CONVEYOR_SRC_OBSERVE_LIBRARY_LOG_H_
