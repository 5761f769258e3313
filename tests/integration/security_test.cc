// A Kafka that asks who we are: every piece of the library by each way in, and what the refusals say.

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include <array>
#include <atomic>
#include <chrono>
#include <future>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "conveyor/consumer.h"
#include "conveyor/dead_letters.h"
#include "conveyor/producer.h"
#include "conveyor/worker.h"
#include "support/errors.h"
#include "support/running_worker.h"
#include "support/secured_broker.h"
#include "support/token_endpoint.h"
#include "support/waiting.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;
using v1::Image;
using v1::Prediction;
using Operation = KafkaRight::Operation;

constexpr int kScramWorksFrom = 0x020601ff;

Prediction prediction_of(const Message<Image>& message) {
  Prediction prediction;
  prediction.set_frame(message.value().frame());
  return prediction;
}

class WayIn : public testing::Test {
 protected:
  /// Every piece of the library, as this user.
  static void expect_all_pieces_work(Config config, std::string_view user) {
    Stage stage(user);
    stage.let_read();
    stage.let(Operation::kWrite, stage.input.topic());
    stage.let(Operation::kWrite, stage.output.topic());
    stage.let(Operation::kRead, stage.output.topic());
    stage.let(Operation::kRead, stage.dead_letters);
    config.group = stage.group;
    produce(config, stage);
    handle(config, stage);
    consume(config, stage, 9);
    replay(config, stage);
    handle_in_transactions(config, stage);
  }

 private:
  static void produce(const Config& config, const Stage& stage) {
    Producer producer(config);
    producer.wait_until_connected(20s);
    Image image;
    for (int i = 0; i < 10; ++i) {
      image.set_frame(i);
      producer.send(stage.input, image);
    }
    ASSERT_EQ(producer.flush(30s).delivered, 10U);
  }

  static void handle(const Config& config, const Stage& stage) {
    Worker worker(config, {.dead_letter = {.enabled = true}});
    worker.transform(stage.input, stage.output, [](const Message<Image>& message) {
      if (message.value().frame() == 7) throw std::runtime_error("seven");
      return prediction_of(message);
    });
    RunningWorker running(worker);
    ASSERT_TRUE(eventually([&] { return worker.counters().handled == 10; }, 30s));
    EXPECT_EQ(running.stop().dead_lettered, 1U);
  }

  static void consume(Config config, Stage& stage, int count) {
    config.group = unique_name("reader");
    stage.let_use_group(config.group);
    Consumer consumer(config, stage.output);
    for (int i = 0; i < count; ++i) ASSERT_NE(consumer.next(20s), nullptr) << i;
  }

  static void replay(Config config, Stage& stage) {
    const std::string group = unique_name("replay");
    stage.let_use_group(group);
    EXPECT_EQ(read_dead_letters(config, stage.dead_letters, {}, [](const DeadLetter&) {}).matched, 1U);
    EXPECT_EQ(replay_dead_letters(config, stage.dead_letters, {}, {.group = group}).sent, 1U);
    EXPECT_EQ(replay_dead_letters(config, stage.dead_letters, {}, {.group = group}).sent, 0U);
  }

  static void handle_in_transactions(Config config, Stage& stage) {
    config.group = unique_name("transacting");
    stage.let_use_group(config.group);
    Worker worker(config, {.exactly_once = {.enabled = true, .instance = "0"}});
    worker.transform(stage.input, stage.output, prediction_of);
    RunningWorker running(worker);
    ASSERT_TRUE(eventually([&] { return worker.counters().handled == 11; }, 30s));
    running.stop();
    consume(config, stage, 20);
  }
};

TEST_F(WayIn, ByPasswordOverTls) { expect_all_pieces_work(as_alice(), "alice"); }

TEST_F(WayIn, ByCertificateWithAnEncryptedKey) { expect_all_pieces_work(as_client(), SecuredKafka::kClient); }

constexpr std::array kScramMechanisms{"SCRAM-SHA-256", "SCRAM-SHA-512"};

TEST_F(WayIn, ByScramWhereTheClientIsNotTooOld) {
  for (const auto* const mechanism : kScramMechanisms) {
    const Config config = as_alice_by_scram(mechanism);
    if (rd_kafka_version() >= kScramWorksFrom) {
      expect_all_pieces_work(config, "alice");
      continue;
    }
    // The password is right: only the version says why it is refused.
    const Thrown thrown = thrown_by([&] { Producer(config).wait_until_connected(20s); });
    EXPECT_EQ(thrown.code, errc::not_authorized) << thrown.text;
    EXPECT_TRUE(contains(thrown.text, "2.6.1")) << mechanism;
  }
}

/// alice by tokens, which brokers want anew after kTokenLife.
Config by_token() {
  Config config = as_alice();
  config.sasl = {.mechanism = "OAUTHBEARER"};
  return config;
}

/// Everything that is sent through a few lives of a token is delivered and read.
void expect_work_through_lives_of_tokens(Config config) {
  Stage stage("alice");
  stage.let_read();
  stage.let(Operation::kWrite, stage.input.topic());
  config.group = stage.group;
  std::atomic<int> failed{0};
  int sent = 0;
  Producer producer(config, {.delivery_timeout = 60s});  // a client that came too late waits up to 10 s between tries
  Consumer consumer(config, stage.input);
  int received = 0;
  const auto until = Clock::now() + 3 * SecuredKafka::kTokenLife;
  while (Clock::now() < until) {
    if (sent - received < 10) {
      producer.send(stage.input, Image{}, {}, [&](const Delivery& delivery) { failed += delivery.error ? 1 : 0; });
      ++sent;
    }
    received += consumer.next(20ms) != nullptr ? 1 : 0;
  }
  producer.flush(60s);
  EXPECT_EQ(failed, 0);
  while (received < sent && consumer.next(60s) != nullptr) ++received;
  EXPECT_EQ(received, sent);
}

TEST_F(WayIn, ByTokensOfAnEndpointThatAreAskedForAgain) {
  if (!has_oidc()) GTEST_SKIP() << "this librdkafka was built without OIDC";
  const TokenEndpoint endpoint("alice", SecuredKafka::kTokenLife);
  const Config config = endpoint.used_by(as_alice());
  config.validate();
  EXPECT_EQ(endpoint.given(), 0);  // looking at settings asks nobody
  expect_work_through_lives_of_tokens(config);
  EXPECT_GE(endpoint.given(), 4);  // of each of two clients the first, and others
  expect_all_pieces_work(config, "alice");
}

TEST_F(WayIn, ByTokensWithoutASignatureThatAreMadeAgain) {
  if (rd_kafka_version() < 0x020200ff) GTEST_SKIP() << "tokens without a signature need librdkafka 2.2.0 or newer";
  Config config = by_token();
  config.properties["enable.sasl.oauthbearer.unsecure.jwt"] = "true";
  config.properties["sasl.oauthbearer.config"] =
      "principal=alice lifeSeconds=" + std::to_string(SecuredKafka::kTokenLife.count());
  expect_work_through_lives_of_tokens(config);
}

TEST(Token, IsRefusedWithTheVersionThatIsNeeded) {
  Config config = by_token();
  config.properties["enable.sasl.oauthbearer.unsecure.jwt"] = "true";
  if (rd_kafka_version() < 0x020200ff) {
    EXPECT_TRUE(contains(thrown_by([&] { config.validate(); }).text, "2.2.0"));
  } else {
    config.validate();
  }
}

/// What a client that is not let in is told, and when.
struct Refused {
  std::string name = {};
  Config config = {};
  errc code = errc::not_authorized;
  std::vector<std::string> says = {};
};

const TokenEndpoint& silent_endpoint() {
  static const TokenEndpoint endpoint("alice", 60s, TokenEndpoint::Answer::kNothing);
  return endpoint;
}

const TokenEndpoint& refusing_endpoint() {
  static const TokenEndpoint endpoint("alice", 60s, TokenEndpoint::Answer::kUnauthorized);
  return endpoint;
}

std::vector<Refused> refusals() {
  std::vector<Refused> cases;
  const auto add = [&](std::string name, errc code, std::vector<std::string> says) -> Config& {
    return cases.emplace_back(Refused{std::move(name), as_alice(), code, std::move(says)}).config;
  };
  add("wrong password", errc::not_authorized, {"CONVEYOR_SASL_PASSWORD", "refused the credentials"}).sasl.password =
      "wrong one";
  add("unknown user", errc::not_authorized, {"CONVEYOR_SASL_USERNAME", "refused the credentials"}).sasl.username =
      "bob";
  add("another authority", errc::not_authorized, {"CONVEYOR_TLS_CA_FILE"}).tls.ca_file =
      secured_kafka().file("other-ca.pem");
  for (const auto& [name, servers] : {std::pair{"another host", secured_kafka().of_another_host()},
                                      std::pair{"an expired certificate", secured_kafka().expired()}}) {
    Config& config = add(name, errc::not_authorized, {"Config::tls", "name the hosts", "not expired"});
    config.bootstrap_servers = servers;
    config.sasl = {};
  }
  Config& without = add("no certificate", errc::not_authorized, {"CONVEYOR_TLS_CERTIFICATE_FILE"});
  without = as_client();
  without.tls = {.enabled = true, .ca_file = secured_kafka().file("ca.pem")};
  Config& expired = add("an expired certificate of ours", errc::not_authorized, {"CONVEYOR_TLS_CERTIFICATE_FILE"});
  expired = as_client();
  expired.tls = {.enabled = true,
                 .ca_file = secured_kafka().file("ca.pem"),
                 .certificate_file = secured_kafka().file("expired-client.crt"),
                 .key_file = secured_kafka().file("expired-client.key")};
  Config& to_plaintext = add("TLS to a listener without", errc::broker_unreachable, {"Config::tls"});
  to_plaintext.bootstrap_servers = secured_kafka().sasl_plaintext();
  Config& plaintext = add("no TLS", errc::broker_unreachable, {"Config::tls.enabled"});
  plaintext.tls = {};
  plaintext.sasl = {};
  for (const std::string mechanism : kScramMechanisms) {
    Config& scram =
        add("wrong password of " + mechanism, errc::not_authorized, {"refused the credentials", "Config::sasl"});
    scram = as_alice_by_scram(mechanism);
    scram.sasl.password = SecuredKafka::kPassword;
  }
  if (has_oidc()) {
    for (const auto& [name, endpoint] : {std::pair{"a silent endpoint of tokens", &silent_endpoint()},
                                         std::pair{"an endpoint that gives no token", &refusing_endpoint()}}) {
      Config& config = add(name, errc::not_authorized, {"sasl.oauthbearer.token.endpoint.url", endpoint->url()});
      config = endpoint->used_by(config);
    }
  }
  for (Refused& each : cases) each.config.group = "refused";
  return cases;
}

/// Starts one client for each case, all at the same time, and looks at what they are told.
template <class Start>
void expect_refusals(Start start) {
  const auto cases = refusals();
  std::vector<std::future<std::pair<Thrown, std::chrono::milliseconds>>> results;
  for (const Refused& each : cases) {
    results.push_back(std::async(std::launch::async, [&each, &start] {
      Thrown thrown;
      const auto took = time_of([&] { thrown = thrown_by([&] { start(each.config); }); });
      return std::pair{thrown, took};
    }));
  }
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto [thrown, took] = results[i].get();
    EXPECT_EQ(thrown.code, cases[i].code) << cases[i].name << ": " << thrown.text;
    for (const auto& part : cases[i].says) EXPECT_TRUE(contains(thrown.text, part)) << cases[i].name;
    EXPECT_LT(took, 15s) << cases[i].name;
  }
}

constexpr auto kPatience = 8s;  // for those that nothing but silence tells of

TEST(Refusal, OfAProducerNamesWhatToChange) {
  expect_refusals([](const Config& config) { Producer(config).wait_until_connected(kPatience); });
}

TEST(Refusal, OfAConsumerNamesWhatToChange) {
  expect_refusals([](const Config& config) {
    Consumer consumer(config, Channel<Image>::named("any"), {.topic_timeout = kPatience});
    for (const auto& message : consumer) static_cast<void>(message);
  });
}

TEST(Refusal, OfAWorkerInTransactionsNamesWhatToChange) {
  expect_refusals([](const Config& config) {
    Worker worker(config, {.topic_timeout = kPatience, .exactly_once = {.enabled = true, .instance = "0"}});
    worker.handle(Channel<Image>::named("any"), [](const Message<Image>&) {});
    worker.run({});
  });
}

TEST(Refusal, OfReadingDeadLettersNamesWhatToChange) {
  expect_refusals([](const Config& config) {
    static_cast<void>(
        read_dead_letters(config, "any-dlt", {}, [](const DeadLetter&) {}, {.broker_timeout = kPatience}));
  });
}

TEST(Refusal, OfAWrongKeyPasswordIsToldWhenTheClientIsMade) {
  Config config = as_client();
  config.tls.key_password = "of another key";
  const Thrown thrown = thrown_by([&] { config.validate(); });
  EXPECT_EQ(thrown.code, errc::invalid_config);
  EXPECT_TRUE(contains(thrown.text, "CONVEYOR_TLS_KEY_PASSWORD"));
  EXPECT_FALSE(contains(thrown.text, "of another key"));
  config = as_client();
  config.tls.certificate_file = secured_kafka().file("server.crt");
  EXPECT_EQ(thrown_by([&] { config.validate(); }).code, errc::invalid_config);  // not of this key
}

}  // namespace
}  // namespace conveyor::tests
