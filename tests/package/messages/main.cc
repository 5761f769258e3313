// A project's own messages, compiled by conveyor_add_messages(), beside Conveyor's.
#include <acme/order.pb.h>
#include <acme/photo.pb.h>
#include <conveyor/channel.h>
#include <conveyor/channel_map.h>
#include <conveyor/metadata.h>

#include <cstdio>
#include <cstdlib>

namespace {

constexpr conveyor::Channel<acme::Order> kOrders{"orders"};

void expect(bool good, const char* what) {
  if (good) return;
  std::fprintf(stderr, "FAILED: %s\n", what);
  std::exit(1);
}

}  // namespace

int main() {
  static_assert(conveyor::detail::CarriesMetadata<acme::Order>);
  static_assert(!conveyor::detail::CarriesMetadata<acme::Photo>);

  acme::Photo photo;
  photo.mutable_order()->add_parts()->set_number("4711");
  photo.mutable_image()->set_width(640);
  acme::Photo copy;
  expect(copy.ParseFromString(photo.SerializeAsString()) && copy.order().parts(0).number() == "4711", "a round trip");

  const auto map = conveyor::ChannelMap::from_descriptor_set_file(DESCRIPTOR_SET);
  expect(map.entries().size() == 2, "both channels are declared");
  expect(map.channel<acme::Order>(kOrders.topic()).options().level == 6, "orders");
  expect(map.channel<acme::Photo>("photos").options().codec == conveyor::Codec::kRaw, "photos");
  std::puts("messages: all used");
}
