#include "produce/shared_handle.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "support/fake_producer_handle.h"

namespace conveyor::kafka {
namespace {

using tests::FakeCluster;
using tests::numbered_send;

class SharedHandleTest : public ::testing::Test {
 protected:
  tests::FakeProducerHandle& client() { return *cluster_.clients[0]; }

  FakeCluster cluster_;
  SharedHandle handle_{cluster_.make()};
};

TEST_F(SharedHandleTest, OpensEachTopicOnceWhereverItsNameLies) {
  const std::string one = "orders";
  const std::string same = "orders";
  EXPECT_NE(handle_.topic(one), nullptr);
  EXPECT_EQ(handle_.topic(one), handle_.topic(same));
  EXPECT_EQ(client().opened, std::vector<std::string>{"orders"});
}

TEST_F(SharedHandleTest, IsNotMisledByAnotherNameAtTheSamePlace) {
  std::string name = "orders";
  static_cast<void>(handle_.topic(name));
  name = "images";
  static_cast<void>(handle_.topic(name));
  name = "orders";
  static_cast<void>(handle_.topic(name));
  EXPECT_EQ(client().opened, (std::vector<std::string>{"orders", "images"}));
}

TEST_F(SharedHandleTest, HasNoTopicForANameThatIsNotLegal) {
  EXPECT_EQ(handle_.topic("!"), nullptr);
  EXPECT_EQ(handle_.topic("!"), nullptr);
}

TEST_F(SharedHandleTest, IsVisitedAsLongAsOneVisitorIsThere) {
  EXPECT_FALSE(handle_.visited());
  std::optional<SharedHandle::Visit> first(std::in_place, handle_);
  {
    const SharedHandle::Visit second{handle_};
    EXPECT_TRUE(handle_.visited());
  }
  EXPECT_TRUE(handle_.visited());
  first.reset();
  EXPECT_FALSE(handle_.visited());
}

TEST_F(SharedHandleTest, IsGoneOnlyOnceItsDestructionHasEnded) {
  cluster_.destroys_at_once = false;
  EXPECT_FALSE(handle_.is_gone()) << "it has not begun";
  handle_.begin_destroy();
  EXPECT_FALSE(handle_.is_gone());
  EXPECT_FALSE(handle_.wait_until_gone(std::chrono::milliseconds(1)));
}

TEST_F(SharedHandleTest, IsDestroyedOnce) {
  handle_.begin_destroy();
  handle_.begin_destroy();
  EXPECT_EQ(cluster_.begun_to_destroy, 1);
  EXPECT_TRUE(handle_.is_gone());
}

TEST_F(SharedHandleTest, KeepsWhatTheClientMayStillRead) {
  const auto alive = std::make_shared<int>(1);
  auto send = numbered_send(1, [alive](const Delivery&) {});
  handle_.keep(send->share());
  send.reset();
  EXPECT_EQ(alive.use_count(), 2);
  handle_.begin_destroy();
  EXPECT_EQ(alive.use_count(), 2) << "the client may take long";
  client().kept.reset();
  EXPECT_EQ(alive.use_count(), 1);
}

}  // namespace
}  // namespace conveyor::kafka
