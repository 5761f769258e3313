// scaling BOOTSTRAP [--quick]: whether a message costs the same among ten thousand and among ten million, and on one
// channel and on a hundred: name<TAB>value<TAB>unit. With --quick only up to a million.
//
// What is measured is the processor time of this process, all threads included.

#include <cstdio>
#include <exception>
#include <string_view>

#include "scaling/channels.h"
#include "scaling/messages.h"
#include "scaling/topics.h"

int main(int count, char** arguments) try {
  const bool quick = count == 3 && std::string_view(arguments[2]) == "--quick";
  if (count != 2 && !quick) {
    std::fprintf(stderr, "usage: scaling BOOTSTRAP [--quick]\n");
    return 2;
  }
  conveyor::bench::Topics topics(arguments[1]);
  conveyor::bench::compare_numbers_of_messages(topics, quick);
  conveyor::bench::compare_numbers_of_channels(topics, quick);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "scaling: %s\n", error.what());
  return 1;
}
