#include <conveyor/producer.h>
#include <conveyor/v1/image.pb.h>
#include <conveyor/v1/prediction.pb.h>

constexpr conveyor::Channel<conveyor::v1::Image> kImages{"images"};

void use(conveyor::Producer& producer) {
#ifdef CONVEYOR_WRONG
  const conveyor::v1::Prediction message;
#else
  const conveyor::v1::Image message;
#endif
  producer.send(kImages, message);
}
