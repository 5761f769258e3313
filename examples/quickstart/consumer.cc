#include <conveyor/consumer.h>

#include <iostream>

#include "channels.h"

int main() {
  conveyor::Config config = conveyor::Config::from_env();
  config.group = "kitchen";  // members of a group share the work; a crash repeats what was not done
  conveyor::Consumer consumer{config, kOrders, {.stop = conveyor::stop_on_signals()}};
  for (const auto& message : consumer) {
    const shop::Order& order = message.value();
    std::cout << "order " << order.number() << ": " << order.item() << ", sent " << message.metadata().iso_date
              << std::endl;
  }
}
