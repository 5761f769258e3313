#include "egg_line/board.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace conveyor::bench {

// All bits zero is a board on which nothing has happened: that is what the kernel gives.
static_assert(std::atomic<std::int64_t>::is_always_lock_free && std::atomic<std::int32_t>::is_always_lock_free &&
              std::atomic<bool>::is_always_lock_free);

namespace {

[[noreturn]] void fail(const std::string& what) { throw std::system_error(errno, std::generic_category(), what); }

}  // namespace

Board::Board(std::size_t scans) : bytes_(sizeof(BoardHead) + scans * sizeof(Scan)) {
  // Not a file of the disk, whose writing back would make a stage wait.
  file_ = memfd_create("egg_line", MFD_CLOEXEC);
  if (file_ < 0 || ftruncate(file_, static_cast<off_t>(bytes_)) != 0) fail("cannot make the shared memory");
  path_ = "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(file_);
  map();
}

Board::Board(const std::string& path) : path_(path), file_(open(path.c_str(), O_RDWR | O_CLOEXEC)) {
  struct stat facts {};
  if (file_ < 0 || fstat(file_, &facts) != 0) fail("cannot open the shared memory " + path);
  bytes_ = static_cast<std::size_t>(facts.st_size);
  map();
}

Board::~Board() {
  munmap(memory_, bytes_);
  close(file_);
}

void Board::map() {
  memory_ = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED, file_, 0);
  if (memory_ == MAP_FAILED) fail("cannot map the shared memory " + path_);
}

std::span<Scan> Board::scans() const noexcept {
  auto* const first = reinterpret_cast<Scan*>(static_cast<std::byte*>(memory_) + sizeof(BoardHead));
  return {first, (bytes_ - sizeof(BoardHead)) / sizeof(Scan)};
}

}  // namespace conveyor::bench
