#include "kafka/reporter.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/collecting_observer.h"

namespace conveyor::kafka {
namespace {

constexpr const char* kNoToken = "no OAUTHBEARER token from https://idp.example/token for 5 s";

class ThrowingObserver final : public Observer {
 public:
  void on_log(const LogLine& line) override {
    lines.emplace_back(line.text);
    throw std::runtime_error("its disk is full");
  }
  void on_event(const Event&) override { throw 7; }

  std::vector<std::string> lines;
};

TEST(Reporter, TellsObserversTextsThatAreUtf8) {
  const auto observer = std::make_shared<tests::CollectingObserver>();
  Reporter reporter{observer};
  reporter.report({.kind = Event::Kind::kHandlerFailed, .topic = "t", .text = "caf\xe9"}, Severity::kError);
  reporter.report({.kind = Event::Kind::kHandlerFailed, .topic = "t", .text = "caf\xc3\xa9"}, Severity::kError);
  const auto events = observer->events(Event::Kind::kHandlerFailed);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].text, "caf\xef\xbf\xbd");
  EXPECT_EQ(events[0].topic, "t");
  EXPECT_EQ(events[1].text, "caf\xc3\xa9");
  EXPECT_EQ(observer->lines(), (std::vector<std::string>{"caf\xef\xbf\xbd", "caf\xc3\xa9"}));
}

TEST(Reporter, GoesOnWhenAnObserverThrowsAndLogsThatItDid) {
  const auto observer = std::make_shared<ThrowingObserver>();
  Reporter reporter{observer};
  reporter.report({.kind = Event::Kind::kClientError, .text = "a broker is down"}, Severity::kWarning);
  EXPECT_EQ(observer->lines, (std::vector<std::string>{"the observer threw an exception from on_event; it is ignored",
                                                       "a broker is down"}));
}

TEST(Reporter, KeepsTheComplaintThatSaysMost) {
  Reporter reporter{std::make_shared<tests::CollectingObserver>()};
  EXPECT_EQ(reporter.last_error(), RD_KAFKA_RESP_ERR_NO_ERROR);
  reporter.record_error(RD_KAFKA_RESP_ERR__TRANSPORT, "connect to broker 1 failed");
  reporter.record_error(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, "1/1 brokers are down");
  EXPECT_EQ(reporter.last_error(), RD_KAFKA_RESP_ERR__TRANSPORT);
  EXPECT_EQ(reporter.last_error_text(), "connect to broker 1 failed");
}

TEST(Reporter, ForgetsThatThereWasNoTokenOnceThereIsOne) {
  Reporter reporter{std::make_shared<tests::CollectingObserver>()};
  reporter.record_error(RD_KAFKA_RESP_ERR__AUTHENTICATION, kNoToken);
  reporter.token_given();
  EXPECT_EQ(reporter.last_error(), RD_KAFKA_RESP_ERR_NO_ERROR);
  EXPECT_EQ(reporter.last_error_text(), "");
}

TEST(Reporter, KeepsOtherComplaintsWhenThereIsAToken) {
  Reporter reporter{std::make_shared<tests::CollectingObserver>()};
  reporter.record_error(RD_KAFKA_RESP_ERR__TRANSPORT, "connect to broker 1 failed");
  reporter.token_given();
  EXPECT_EQ(reporter.last_error_text(), "connect to broker 1 failed");
}

TEST(Reporter, IsRejectedByNoSingleComplaint) {
  Reporter reporter{std::make_shared<tests::CollectingObserver>()};
  EXPECT_FALSE(reporter.rejected());
  reporter.record_error(RD_KAFKA_RESP_ERR__AUTHENTICATION, "SASL authentication error: Authentication failed");
  EXPECT_FALSE(reporter.rejected());
}

TEST(Reporter, KeepsNoSecret) {
  Reporter reporter{std::make_shared<tests::CollectingObserver>()};
  reporter.secured_by({.tls = true,
                       .sasl = true,
                       .mechanism = "PLAIN",
                       .token_endpoint = "https://idp.example",
                       .properties = {{"sasl.password", "secret"}}});
  const Security kept = reporter.security();
  EXPECT_TRUE(kept.tls);
  EXPECT_TRUE(kept.sasl);
  EXPECT_EQ(kept.mechanism, "PLAIN");
  EXPECT_EQ(kept.token_endpoint, "https://idp.example");
  EXPECT_TRUE(kept.properties.empty());
}

}  // namespace
}  // namespace conveyor::kafka
