// C11 threads on POSIX threads, for thread sanitizer builds only.
//
// Debian's librdkafka calls glibc's C11 thread functions, which g++ 12's thread sanitizer does not know: a thread made
// by thrd_create crashes in it, and what mtx_lock orders looks like a race. The sanitizer does know POSIX threads, and
// glibc's C11 types are those (glibc's nptl/thrd_create.c, mtx_lock.c, cnd_wait.c): these definitions in the program
// win over the C library's.

#include <pthread.h>
#include <threads.h>

#include <cerrno>
#include <cstdint>
#include <memory>

namespace {

int result_of(int error) {
  switch (error) {
    case 0:
      return thrd_success;
    case ENOMEM:
      return thrd_nomem;
    case ETIMEDOUT:
      return thrd_timedout;
    case EBUSY:
      return thrd_busy;
    default:
      return thrd_error;
  }
}

struct Start {
  thrd_start_t function;
  void* argument;
};

void* run(void* given) {
  const std::unique_ptr<Start> start{static_cast<Start*>(given)};
  return reinterpret_cast<void*>(static_cast<std::intptr_t>(start->function(start->argument)));
}

pthread_mutex_t* mutex(mtx_t* given) { return reinterpret_cast<pthread_mutex_t*>(given); }
pthread_cond_t* condition(cnd_t* given) { return reinterpret_cast<pthread_cond_t*>(given); }

}  // namespace

extern "C" {

int thrd_create(thrd_t* thread, thrd_start_t function, void* argument) {
  auto start = std::make_unique<Start>(Start{function, argument});
  const int error = pthread_create(thread, nullptr, &run, start.get());
  if (error == 0) static_cast<void>(start.release());  // run() owns it now
  return result_of(error);
}
int thrd_join(thrd_t thread, int* result) {
  void* value = nullptr;
  const int error = pthread_join(thread, &value);
  if (result != nullptr) *result = static_cast<int>(reinterpret_cast<std::intptr_t>(value));
  return result_of(error);
}
int thrd_detach(thrd_t thread) { return result_of(pthread_detach(thread)); }

int mtx_init(mtx_t* given, int type) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  if ((type & mtx_recursive) != 0) pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
  const int error = pthread_mutex_init(mutex(given), &attributes);
  pthread_mutexattr_destroy(&attributes);
  return result_of(error);
}
int mtx_lock(mtx_t* given) { return result_of(pthread_mutex_lock(mutex(given))); }
int mtx_trylock(mtx_t* given) { return result_of(pthread_mutex_trylock(mutex(given))); }
int mtx_timedlock(mtx_t* given, const timespec* until) {
  return result_of(pthread_mutex_timedlock(mutex(given), until));
}
int mtx_unlock(mtx_t* given) { return result_of(pthread_mutex_unlock(mutex(given))); }
void mtx_destroy(mtx_t* given) { pthread_mutex_destroy(mutex(given)); }

int cnd_init(cnd_t* given) { return result_of(pthread_cond_init(condition(given), nullptr)); }
int cnd_signal(cnd_t* given) { return result_of(pthread_cond_signal(condition(given))); }
int cnd_broadcast(cnd_t* given) { return result_of(pthread_cond_broadcast(condition(given))); }
int cnd_wait(cnd_t* given, mtx_t* with) { return result_of(pthread_cond_wait(condition(given), mutex(with))); }
int cnd_timedwait(cnd_t* given, mtx_t* with, const timespec* until) {
  return result_of(pthread_cond_timedwait(condition(given), mutex(with), until));
}
void cnd_destroy(cnd_t* given) { pthread_cond_destroy(condition(given)); }

}  // extern "C"
