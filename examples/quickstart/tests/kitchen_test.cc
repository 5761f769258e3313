// A worker of the example's channel, in a harness: what becomes of an order that a handler cannot make.

#include <conveyor/testing/worker_harness.h>
#include <conveyor/worker.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "../channels.h"

namespace {

shop::Order order(int number, const std::string& item) {
  shop::Order order;
  order.set_number(number);
  order.set_item(item);
  return order;
}

TEST(Kitchen, MakesWhatItCanAndKeepsTheRest) {
  std::vector<int> made;
  conveyor::Worker worker{{.group = "kitchen"}, {.dead_letter = {.enabled = true}}};
  worker.handle(kOrders, [&](const shop::Order& order, conveyor::Context& context) {
    if (order.item() == "tea") throw std::invalid_argument("coffee only");
    if (order.item() == "espresso" && context.attempt() == 1) throw conveyor::RetryableError("the machine is cold");
    made.push_back(order.number());
  });

  conveyor::testing::WorkerHarness harness{worker};
  const std::vector<shop::Order> orders{order(1, "espresso"), order(2, "tea"), order(3, "lungo")};
  harness.give_all(kOrders, orders, {.key = "table-7"});
  EXPECT_EQ(made, (std::vector<int>{1, 3}));
  ASSERT_EQ(harness.dead_letters().size(), 1U);
  EXPECT_EQ(harness.dead_letters()[0].origin.offset, 1);
  EXPECT_EQ(harness.dead_letters()[0].key, "table-7");
  EXPECT_EQ(harness.committed(kOrders), 3);
}

}  // namespace
