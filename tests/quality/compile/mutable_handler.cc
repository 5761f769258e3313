// A plain handler is shared by the worker's threads: only one that can be called while const is accepted.
#include <conveyor/v1/image.pb.h>
#include <conveyor/worker.h>

constexpr conveyor::Channel<conveyor::v1::Image> kImages{"images"};

struct Counting {
#ifdef CONVEYOR_WRONG
  void operator()(const conveyor::Message<conveyor::v1::Image>&) { ++count; }
#else
  void operator()(const conveyor::Message<conveyor::v1::Image>&) const {}
#endif
  int count = 0;
};

void use(conveyor::Worker& worker) { worker.handle(kImages, Counting()); }
