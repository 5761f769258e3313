#ifndef CONVEYOR_TESTS_SUPPORT_SHARED_BY_ALL_TESTS_H_
#define CONVEYOR_TESTS_SUPPORT_SHARED_BY_ALL_TESTS_H_

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <memory>
#include <utility>

namespace conveyor::tests {

/// What all tests of a program share: made before the first one and gone after the last. A global, whose tests do not
/// run when it cannot be made.
template <class T>
class SharedByAllTests {
 public:
  using Make = std::function<std::unique_ptr<T>()>;

  explicit SharedByAllTests(Make make = [] { return std::make_unique<T>(); }) {
    ::testing::AddGlobalTestEnvironment(new Environment(one_, std::move(make)));
  }

  T& operator*() const noexcept { return *one_; }
  T* operator->() const noexcept { return one_.get(); }

 private:
  class Environment final : public ::testing::Environment {
   public:
    Environment(std::unique_ptr<T>& one, Make make) : one_(one), make_(std::move(make)) {}

    void SetUp() override {
      try {
        one_ = make_();
      } catch (const std::exception& error) {
        // The tests have nothing to run against; gtest would start them nevertheless.
        std::fprintf(stderr, "%s\n", error.what());
        std::exit(1);
      }
    }
    void TearDown() override { one_.reset(); }

   private:
    std::unique_ptr<T>& one_;
    const Make make_;
  };

  std::unique_ptr<T> one_;
};

}  // namespace conveyor::tests

#endif  // CONVEYOR_TESTS_SUPPORT_SHARED_BY_ALL_TESTS_H_
