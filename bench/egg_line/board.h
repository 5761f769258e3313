#ifndef CONVEYOR_BENCH_EGG_LINE_BOARD_H_
#define CONVEYOR_BENCH_EGG_LINE_BOARD_H_

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace conveyor::bench {

inline constexpr std::size_t kMostWorkers = 16;

/// Nanoseconds of the machine's steady clock, which all its processes share.
[[nodiscard]] inline std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

/// What became of the scan whose id is its index.
struct Scan {
  std::atomic<std::int64_t> scheduled_ns{0};
  std::atomic<std::int64_t> arrived_ns{0};  ///< when the reader first had its prediction; 0: not yet
  std::atomic<std::int32_t> arrivals{0};
};

/// What one worker process says of itself, since it began.
struct WorkerFigures {
  std::atomic<std::int64_t> partitions{0};
  std::atomic<std::int64_t> predictions{0};
  std::atomic<std::int64_t> dead_letters{0};
  std::atomic<std::int64_t> batches{0};
  std::atomic<std::int64_t> decode_us{0};
  std::atomic<std::int64_t> preprocess_us{0};
  std::atomic<std::int64_t> inference_us{0};
  std::atomic<std::int64_t> encode_us{0};
};

struct BoardHead {
  std::atomic<bool> scanner_ready{false};
  std::atomic<std::int64_t> reader_partitions{0};
  std::array<WorkerFigures, kMostWorkers> workers = {};

  // What the scanner shall do; it begins when `phase` changes, and says so in `phase_done` when it has ended.
  std::atomic<std::int64_t> start_ns{0};
  std::atomic<std::int64_t> end_ns{0};
  std::atomic<std::int64_t> interval_ns{0};  ///< between scans; 0: as many as go
  std::atomic<std::int64_t> window{0};       ///< most scans under way
  std::atomic<std::int64_t> phase{0};
  std::atomic<std::int64_t> phase_done{0};

  std::atomic<std::int64_t> sent{0};  ///< the next scan's id
  std::atomic<std::int64_t> arrived{0};
  std::atomic<std::int64_t> record_bytes{0};  ///< of a scan as it travels, on the average
};

/// Memory that the processes of a line share: what shall be done, and what became of every scan.
///
/// Thread safety: the object is immutable, what it shows is atomic.
class Board {
 public:
  /// A new one. @throws std::system_error
  explicit Board(std::size_t scans);
  /// The one of another process, which must be alive. @throws std::system_error
  explicit Board(const std::string& path);
  ~Board();
  Board(const Board&) = delete;
  Board& operator=(const Board&) = delete;

  /// For the processes that shall share it.
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] BoardHead& head() const noexcept { return *static_cast<BoardHead*>(memory_); }
  [[nodiscard]] std::span<Scan> scans() const noexcept;

 private:
  void map();

  std::string path_;
  int file_ = -1;
  std::size_t bytes_ = 0;
  void* memory_ = nullptr;
};

}  // namespace conveyor::bench

#endif  // CONVEYOR_BENCH_EGG_LINE_BOARD_H_
