#ifndef CONVEYOR_SRC_KAFKA_SEND_MEMORY_H_
#define CONVEYOR_SRC_KAFKA_SEND_MEMORY_H_

#include <cstddef>

namespace conveyor::kafka {

/// Memory for sends. One thread allocates it, and another, which takes the delivery reports, frees it. malloc keeps
/// only a few blocks for the thread that freed them and takes a lock for the others. Here small blocks go back in
/// batches. The memory that is kept is bounded (kMostKept bytes for each of 32 sizes); larger blocks come from malloc.
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
  /// Frees the memory beyond `size`, if that is worth it. The block may move, with its content.
  void shrink(std::size_t size) noexcept;
  /// Gives up the ownership, until a later give_back().
  [[nodiscard]] char* release() noexcept;
  [[nodiscard]] std::size_t room() const noexcept { return room_; }
  /// @param memory the block that was released
  /// @param room its size when it was released
  static void give_back(char* memory, std::size_t room) noexcept;

 private:
  char* memory_ = nullptr;
  std::size_t room_ = 0;
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_SEND_MEMORY_H_
