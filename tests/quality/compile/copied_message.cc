#include <conveyor/message.h>
#include <conveyor/v1/image.pb.h>

#include <utility>

using Message = conveyor::Message<conveyor::v1::Image>;

Message use(Message& message) {
#ifdef CONVEYOR_WRONG
  return message;
#else
  return std::move(message);
#endif
}
