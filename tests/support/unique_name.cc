#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>

#include "support/broker.h"

namespace conveyor::tests {

std::string unique_name(std::string_view what) {
  static std::atomic<int> count{0};
  std::string name(what);
  if (const auto* test = testing::UnitTest::GetInstance()->current_test_info()) {
    name += std::string("-") + test->test_suite_name() + "." + test->name();
  }
  std::ranges::replace(name, '/', '.');  // of a parameterized test; no topic may have one
  return name + "-" + std::to_string(getpid()) + "-" + std::to_string(++count);
}

}  // namespace conveyor::tests
