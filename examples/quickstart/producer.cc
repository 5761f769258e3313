#include <conveyor/producer.h>

#include <chrono>
#include <iostream>

#include "channels.h"

int main() {
  conveyor::Producer producer{conveyor::Config::from_env()};
  for (int number = 1; number <= 10; ++number) {
    shop::Order order;
    order.set_number(number);
    order.set_item("espresso");
    producer.send(kOrders, order, {.key = "table-7"});
  }
  const auto report = producer.flush(std::chrono::seconds(10));
  std::cout << report.delivered << " orders delivered\n";
  return report.ok() ? 0 : 1;
}
