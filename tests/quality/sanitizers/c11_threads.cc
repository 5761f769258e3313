// librdkafka starts its threads and takes its locks through C11's <threads.h>, which ThreadSanitizer does not know: a
// thread that it did not see starting crashes in the first function that it checks, and a lock that it did not see makes
// everything behind it a race. These definitions, found before the C library's, do the same through pthreads.

#include <pthread.h>
#include <threads.h>

#include <cerrno>
#include <cstdint>
#include <memory>

namespace {

static_assert(sizeof(mtx_t) >= sizeof(pthread_mutex_t) && sizeof(cnd_t) >= sizeof(pthread_cond_t));

pthread_mutex_t* mutex(mtx_t* lock) { return reinterpret_cast<pthread_mutex_t*>(lock); }
pthread_cond_t* condition(cnd_t* waiters) { return reinterpret_cast<pthread_cond_t*>(waiters); }
int result(int error) { return error == 0 ? thrd_success : error == ETIMEDOUT ? thrd_timedout : thrd_error; }

struct Start {
  thrd_start_t function;
  void* argument;
};

void* run(void* start) {
  const std::unique_ptr<Start> mine(static_cast<Start*>(start));
  return reinterpret_cast<void*>(static_cast<std::intptr_t>(mine->function(mine->argument)));
}

}  // namespace

#pragma GCC visibility push(default)
extern "C" {

int thrd_create(thrd_t* thread, thrd_start_t function, void* argument) {
  auto start = std::make_unique<Start>(Start{function, argument});
  const int error = pthread_create(thread, nullptr, run, start.get());
  if (error == 0) start.release();
  return result(error);
}

int thrd_join(thrd_t thread, int* returned) {
  void* value = nullptr;
  const int error = pthread_join(thread, &value);
  if (returned != nullptr) *returned = static_cast<int>(reinterpret_cast<std::intptr_t>(value));
  return result(error);
}

int mtx_init(mtx_t* lock, int type) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  if ((type & mtx_recursive) != 0) pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
  const int error = pthread_mutex_init(mutex(lock), &attributes);
  pthread_mutexattr_destroy(&attributes);
  return result(error);
}
int mtx_lock(mtx_t* lock) { return result(pthread_mutex_lock(mutex(lock))); }
int mtx_unlock(mtx_t* lock) { return result(pthread_mutex_unlock(mutex(lock))); }
void mtx_destroy(mtx_t* lock) { pthread_mutex_destroy(mutex(lock)); }

int cnd_init(cnd_t* waiters) { return result(pthread_cond_init(condition(waiters), nullptr)); }
int cnd_signal(cnd_t* waiters) { return result(pthread_cond_signal(condition(waiters))); }
int cnd_broadcast(cnd_t* waiters) { return result(pthread_cond_broadcast(condition(waiters))); }
int cnd_wait(cnd_t* waiters, mtx_t* lock) { return result(pthread_cond_wait(condition(waiters), mutex(lock))); }
int cnd_timedwait(cnd_t* waiters, mtx_t* lock, const timespec* until) {
  return result(pthread_cond_timedwait(condition(waiters), mutex(lock), until));
}
void cnd_destroy(cnd_t* waiters) { pthread_cond_destroy(condition(waiters)); }

}  // extern "C"
#pragma GCC visibility pop
