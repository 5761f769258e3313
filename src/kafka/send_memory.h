#ifndef CONVEYOR_SRC_KAFKA_SEND_MEMORY_H_
#define CONVEYOR_SRC_KAFKA_SEND_MEMORY_H_

#include <cstddef>

namespace conveyor::kafka {

/// Memory for sends. One thread takes it and another, on which deliveries are reported, gives it back: malloc keeps
/// only a few blocks for the thread that freed them and goes through a lock for the rest. Here small blocks go back in
/// batches. What is kept is bounded (kMostKept bytes for each of 32 sizes); larger blocks are malloc's own.
///
/// Thread safety: all functions may be called from any thread.
class SendMemory {
 public:
  /// @throws std::bad_alloc
  explicit SendMemory(std::size_t size);
  ~SendMemory();
  SendMemory(const SendMemory&) = delete;
  SendMemory& operator=(const SendMemory&) = delete;

  [[nodiscard]] char* get() const noexcept { return memory_; }
  /// Gives back what lies beyond `size`, where that is worth it. It may move, with what it contains.
  void shrink(std::size_t size) noexcept;
  /// Lets go of it, for a later give_back().
  [[nodiscard]] char* release() noexcept;
  [[nodiscard]] std::size_t room() const noexcept { return room_; }
  /// @param memory that was released @param room what it had then
  static void give_back(char* memory, std::size_t room) noexcept;

 private:
  char* memory_ = nullptr;
  std::size_t room_ = 0;
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_SEND_MEMORY_H_
