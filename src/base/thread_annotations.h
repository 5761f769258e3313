#ifndef CONVEYOR_SRC_BASE_THREAD_ANNOTATIONS_H_
#define CONVEYOR_SRC_BASE_THREAD_ANNOTATIONS_H_

#include <mutex>

// Names for clang's thread safety attributes, which -Wthread-safety checks. Other compilers see nothing.
// https://clang.llvm.org/docs/ThreadSafetyAnalysis.html
#if defined(__clang__)
#define CONVEYOR_THREAD_ANNOTATION(annotation) __attribute__((annotation))
#else
#define CONVEYOR_THREAD_ANNOTATION(annotation)
#endif

#define CONVEYOR_CAPABILITY(name) CONVEYOR_THREAD_ANNOTATION(capability(name))
#define CONVEYOR_SCOPED_CAPABILITY CONVEYOR_THREAD_ANNOTATION(scoped_lockable)
#define CONVEYOR_GUARDED_BY(mutex) CONVEYOR_THREAD_ANNOTATION(guarded_by(mutex))
#define CONVEYOR_PT_GUARDED_BY(mutex) CONVEYOR_THREAD_ANNOTATION(pt_guarded_by(mutex))
#define CONVEYOR_REQUIRES(...) CONVEYOR_THREAD_ANNOTATION(requires_capability(__VA_ARGS__))
#define CONVEYOR_EXCLUDES(...) CONVEYOR_THREAD_ANNOTATION(locks_excluded(__VA_ARGS__))
#define CONVEYOR_ACQUIRE(...) CONVEYOR_THREAD_ANNOTATION(acquire_capability(__VA_ARGS__))
#define CONVEYOR_RELEASE(...) CONVEYOR_THREAD_ANNOTATION(release_capability(__VA_ARGS__))
/// Of a function that is alone for a reason that the analysis cannot see; its comment says which.
#define CONVEYOR_NO_THREAD_ANALYSIS CONVEYOR_THREAD_ANNOTATION(no_thread_safety_analysis)

namespace conveyor {

/// A std::mutex that clang's analysis knows.
class CONVEYOR_CAPABILITY("mutex") Mutex {
 public:
  constexpr Mutex() noexcept = default;

  void lock() CONVEYOR_ACQUIRE() { mutex_.lock(); }
  void unlock() CONVEYOR_RELEASE() { mutex_.unlock(); }
  [[nodiscard]] std::mutex& native() noexcept { return mutex_; }

 private:
  std::mutex mutex_;
};

/// A std::unique_lock that locks on construction and that clang's analysis knows.
class CONVEYOR_SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) CONVEYOR_ACQUIRE(mutex) : lock_(mutex.native()) {}
  ~MutexLock() CONVEYOR_RELEASE() {}
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

  void lock() CONVEYOR_ACQUIRE() { lock_.lock(); }
  void unlock() CONVEYOR_RELEASE() { lock_.unlock(); }
  /// For condition variables, which unlock the mutex while they wait and lock it again.
  [[nodiscard]] std::unique_lock<std::mutex>& native() noexcept { return lock_; }

 private:
  std::unique_lock<std::mutex> lock_;
};

}  // namespace conveyor

#endif  // CONVEYOR_SRC_BASE_THREAD_ANNOTATIONS_H_
