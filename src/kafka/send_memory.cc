#include "kafka/send_memory.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <new>
#include <utility>

#include "base/sanitizer.h"
#include "base/thread_annotations.h"

namespace conveyor::kafka {
namespace {

constexpr std::size_t kStep = 64;
constexpr std::size_t kSizes = 32;
constexpr std::size_t kBatch = 64;  // blocks that move between a thread and the central list at once
constexpr std::size_t kMostKept = std::size_t{1} << 20;
constexpr std::size_t kWorthGivingBack = 256;

// Under AddressSanitizer no block is kept, so that it detects a use after a block was freed.
constexpr bool kKeeps = !kAddressSanitizer;

// The beginning of a free block.
struct Block {
  Block* next = nullptr;
  Block* next_batch = nullptr;  // in the first block of a batch
};

void free_all(Block* block) noexcept {
  while (block != nullptr) std::free(std::exchange(block, block->next));
}

/// The free blocks of one size.
struct FreeList {
  Block* first = nullptr;
  std::size_t count = 0;
};
using FreeLists = std::array<FreeList, kSizes>;

/// The batches of free blocks of all threads.
class CentralFreeList {
 public:
  /// @return a batch, or null
  Block* take(std::size_t index) noexcept {
    const MutexLock lock{mutex_};
    FreeList& batches = batches_[index];
    if (batches.first == nullptr) return nullptr;
    --batches.count;
    return std::exchange(batches.first, batches.first->next_batch);
  }
  void give(std::size_t index, Block* batch) noexcept {
    {
      const MutexLock lock{mutex_};
      FreeList& batches = batches_[index];
      if ((batches.count + 1) * kBatch * (index + 1) * kStep <= kMostKept) {
        batch->next_batch = std::exchange(batches.first, batch);
        ++batches.count;
        return;
      }
    }
    free_all(batch);
  }

 private:
  Mutex mutex_;
  FreeLists batches_ CONVEYOR_GUARDED_BY(mutex_);
};

CentralFreeList& central_free_list() {
  static CentralFreeList& list = *new CentralFreeList;  // never destroyed: static producers may end later
  return list;
}

// It has no destructor, so that sends may still be freed on a thread that is ending.
struct ThreadCache {
  FreeLists lists;
  bool ended = false;
};
constinit thread_local ThreadCache thread_cache;

struct EndOfThread {
  ~EndOfThread() {
    thread_cache.ended = true;
    for (FreeList& list : thread_cache.lists) free_all(std::exchange(list, {}).first);
  }
};

FreeList* list_for(std::size_t index) noexcept {
  if (thread_cache.ended) return nullptr;
  thread_local EndOfThread end;
  static_cast<void>(end);
  return &thread_cache.lists[index];
}

constexpr bool is_kept(std::size_t room) noexcept { return kKeeps && room <= kSizes * kStep; }
constexpr std::size_t index_of(std::size_t room) noexcept { return room / kStep - 1; }

char* take(std::size_t index) noexcept {
  FreeList* list = list_for(index);
  if (list == nullptr) return nullptr;
  if (list->first == nullptr) {
    list->first = central_free_list().take(index);
    list->count = list->first != nullptr ? kBatch : 0;
  }
  if (list->first == nullptr) return nullptr;
  --list->count;
  return reinterpret_cast<char*>(std::exchange(list->first, list->first->next));
}

}  // namespace

SendMemory::SendMemory(std::size_t size) : room_(size) {
  if (is_kept(size)) {
    room_ = (std::max<std::size_t>(size, 1) + kStep - 1) / kStep * kStep;
    memory_ = take(index_of(room_));
  }
  if (memory_ == nullptr) memory_ = static_cast<char*>(std::malloc(room_));
  if (memory_ == nullptr) throw std::bad_alloc();
}

SendMemory::~SendMemory() {
  if (memory_ != nullptr) give_back(memory_, room_);
}

void SendMemory::shrink(std::size_t size) noexcept {
  if (is_kept(room_) || room_ - size < kWorthGivingBack) return;
  // Do not shrink to a size that would be taken for a kept block's.
  const std::size_t room = std::max(size, kSizes * kStep + 1);
  if (room >= room_) return;
  if (void* smaller = std::realloc(memory_, room)) {
    memory_ = static_cast<char*>(smaller);
    room_ = room;
  }
}

char* SendMemory::release() noexcept { return std::exchange(memory_, nullptr); }

void SendMemory::give_back(char* memory, std::size_t room) noexcept {
  FreeList* list = is_kept(room) ? list_for(index_of(room)) : nullptr;
  if (list == nullptr) return std::free(memory);
  list->first = new (memory) Block{.next = list->first};
  if (++list->count < kBatch) return;
  central_free_list().give(index_of(room), std::exchange(*list, {}).first);
}

}  // namespace conveyor::kafka
