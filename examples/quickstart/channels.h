#pragma once

#include <conveyor/channel.h>

#include "shop/order.pb.h"

// Which message travels on which topic: another type does not compile.
inline constexpr conveyor::Channel<shop::Order> kOrders{"orders"};
