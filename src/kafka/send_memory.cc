#include "kafka/send_memory.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <mutex>
#include <new>
#include <utility>

namespace conveyor::kafka {
namespace {

constexpr std::size_t kStep = 64;
constexpr std::size_t kSizes = 32;
constexpr std::size_t kBundle = 64;  // blocks that change hands at once
constexpr std::size_t kMostKept = std::size_t{1} << 20;
constexpr std::size_t kWorthGivingBack = 256;

// The address sanitizer shall see what is used after it was given back.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool kKeeps = false;
#else
constexpr bool kKeeps = true;
#endif

// What a block that nobody uses begins with.
struct Block {
  Block* next = nullptr;
  Block* next_bundle = nullptr;  // of the first of a bundle
};

void free_all(Block* block) noexcept {
  while (block != nullptr) std::free(std::exchange(block, block->next));
}

/// Blocks of one size.
struct Shelf {
  Block* first = nullptr;
  std::size_t count = 0;
};
using Shelves = std::array<Shelf, kSizes>;

/// Bundles of all threads.
class Depot {
 public:
  /// @return a bundle, or null
  Block* take(std::size_t index) noexcept {
    const std::lock_guard lock{mutex_};
    Shelf& bundles = bundles_[index];
    if (bundles.first == nullptr) return nullptr;
    --bundles.count;
    return std::exchange(bundles.first, bundles.first->next_bundle);
  }
  void give(std::size_t index, Block* bundle) noexcept {
    {
      const std::lock_guard lock{mutex_};
      Shelf& bundles = bundles_[index];
      if ((bundles.count + 1) * kBundle * (index + 1) * kStep <= kMostKept) {
        bundle->next_bundle = std::exchange(bundles.first, bundle);
        ++bundles.count;
        return;
      }
    }
    free_all(bundle);
  }

 private:
  std::mutex mutex_;
  Shelves bundles_;
};

Depot& depot() {
  static Depot& depot = *new Depot;  // outlives producers that are static
  return depot;
}

// Has no destructor, so that sends may still end on a thread that is ending.
struct OfThisThread {
  Shelves shelves;
  bool ended = false;
};
constinit thread_local OfThisThread of_this_thread;

struct EndOfThread {
  ~EndOfThread() {
    of_this_thread.ended = true;
    for (Shelf& shelf : of_this_thread.shelves) free_all(std::exchange(shelf, {}).first);
  }
};

Shelf* shelf_for(std::size_t index) noexcept {
  if (of_this_thread.ended) return nullptr;
  thread_local EndOfThread end;
  static_cast<void>(end);
  return &of_this_thread.shelves[index];
}

constexpr bool is_kept(std::size_t room) noexcept { return kKeeps && room <= kSizes * kStep; }
constexpr std::size_t index_of(std::size_t room) noexcept { return room / kStep - 1; }

char* take(std::size_t index) noexcept {
  Shelf* shelf = shelf_for(index);
  if (shelf == nullptr) return nullptr;
  if (shelf->first == nullptr) {
    shelf->first = depot().take(index);
    shelf->count = shelf->first != nullptr ? kBundle : 0;
  }
  if (shelf->first == nullptr) return nullptr;
  --shelf->count;
  return reinterpret_cast<char*>(std::exchange(shelf->first, shelf->first->next));
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
  // Not to where it would be taken for one that is kept.
  const std::size_t room = std::max(size, kSizes * kStep + 1);
  if (room >= room_) return;
  if (void* smaller = std::realloc(memory_, room)) {
    memory_ = static_cast<char*>(smaller);
    room_ = room;
  }
}

char* SendMemory::release() noexcept { return std::exchange(memory_, nullptr); }

void SendMemory::give_back(char* memory, std::size_t room) noexcept {
  Shelf* shelf = is_kept(room) ? shelf_for(index_of(room)) : nullptr;
  if (shelf == nullptr) return std::free(memory);
  shelf->first = new (memory) Block{.next = shelf->first};
  if (++shelf->count < kBundle) return;
  depot().give(index_of(room), std::exchange(*shelf, {}).first);
}

}  // namespace conveyor::kafka
