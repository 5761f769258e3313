#ifndef SUPPORT_READABLE_H_
#define SUPPORT_READABLE_H_

#include "conveyor/consumer.h"

namespace support {

/// Calls back with each message. A record that cannot be read is passed over: anybody may write to the topics, and one
/// such record shall end nobody who only watches. The library has logged it.
template <class T, class Use>
void for_each_readable(conveyor::Consumer<T>& consumer, Use use) {
  for (const auto& message : consumer) {
    if (message.has_value()) {
      use(message);
    } else {
      consumer.skip();
    }
  }
}

}  // namespace support

#endif  // SUPPORT_READABLE_H_
