#include "transactions/transactional_id.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <string>

namespace conveyor::worker {
namespace {

TEST(TransactionalId, StaysWhatItWasForPlainNames) {
  EXPECT_EQ(transactional_id("", "egg-classifier", "0"), "egg-classifier-0");
  EXPECT_EQ(transactional_id("", "a.b_c", "pod.7"), "a.b_c-pod.7");
}

TEST(TransactionalId, IsAnotherForAnyOtherPrefixGroupOrInstance) {
  std::map<std::string, std::string> whose;
  const std::array<std::string, 11> names{"a", "b", "a-b", "b-c", "c", "-", "~", "a~2d", "~/", "a~/b", "2d"};
  for (const auto& prefix : names) {
    for (const auto& group : names) {
      for (const auto& instance : names) {
        for (const auto& actual : {std::string(), prefix}) {
          const std::string triple = actual + " | " + group + " | " + instance;
          const auto [known, is_new] = whose.emplace(transactional_id(actual, group, instance), triple);
          EXPECT_EQ(known->second, triple) << known->first;
        }
      }
    }
  }
}

}  // namespace
}  // namespace conveyor::worker
