// A Run without threads of its own: its owner calls begin(), then run_once() repeatedly, then end().

#include <utility>

#include "worker/run.h"

namespace conveyor::worker {

void Run::begin() {
  check_dead_letter_topics();
  handlers_ = make_handlers();
}

bool Run::run_once() {
  bool more = member_.run_once();
  while (auto task = dispatcher_.try_pop(now())) {
    guarded([&] { take_on(*std::move(task), handlers_); });
    take_acknowledgements();
    more = true;
  }
  throw_failure();
  return more;
}

void Run::take_acknowledgements() {
  detail::ProducerCore* made = nullptr;
  {
    const MutexLock lock{mutex_};
    made = producer_.get();
  }
  if (made != nullptr) made->client().run_once();  // outside of the lock: its callbacks may ask for the producer
}

RunReport Run::end() {
  stop_.request_stop();
  take_acknowledgements();
  member_.run(stop_.get_token(), options_.drain_timeout);
  close_producer();
  return report();
}

}  // namespace conveyor::worker
