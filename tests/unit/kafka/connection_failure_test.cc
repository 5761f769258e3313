#include "kafka/connection_failure.h"

#include <gtest/gtest.h>

#include <string>

#include "support/errors.h"

namespace conveyor::kafka {
namespace {

using std::chrono::milliseconds;
using tests::contains;

TEST(ConnectionFailure, IsToldFromTheClientsComplaint) {
  struct Case {
    rd_kafka_resp_err_t error;
    std::string_view error_text;
    ConnectionFailure failure;
  };
  const Case cases[] = {
      {RD_KAFKA_RESP_ERR__AUTHENTICATION, "SASL authentication error: Authentication failed", ConnectionFailure::kSasl},
      {RD_KAFKA_RESP_ERR__AUTHENTICATION, "Failed to acquire SASL OAUTHBEARER token: Operation timed out",
       ConnectionFailure::kNoToken},
      {RD_KAFKA_RESP_ERR__AUTHENTICATION, "no OAUTHBEARER token from https://idp.example/token for 5 s",
       ConnectionFailure::kNoToken},
      {RD_KAFKA_RESP_ERR__AUTHENTICATION,
       "OAUTHBEARER cannot log in because there is no token available; last error: (not available)",
       ConnectionFailure::kNoToken},
      {RD_KAFKA_RESP_ERR__SSL, "SSL handshake failed: certificate verify failed", ConnectionFailure::kTls},
      {RD_KAFKA_RESP_ERR__TRANSPORT,
       "ssl/record/rec_layer_s3.c:1586:error:0A000412:SSL routines::sslv3 alert bad certificate: SSL alert number 42",
       ConnectionFailure::kCertificate},
      {RD_KAFKA_RESP_ERR__SSL, "error:0A00045C:SSL routines::tlsv13 alert certificate required",
       ConnectionFailure::kCertificate},
      {RD_KAFKA_RESP_ERR__TRANSPORT, "SSL routines::sslv3 alert certificate expired", ConnectionFailure::kCertificate},
      {RD_KAFKA_RESP_ERR__SSL, "SSL handshake failed: SSL routines::unexpected eof while reading",
       ConnectionFailure::kHungUp},
      {RD_KAFKA_RESP_ERR__TRANSPORT,
       "SSL handshake failed: Disconnected: SSL connection closed by peer: connecting to a PLAINTEXT broker listener?",
       ConnectionFailure::kHungUp},
      {RD_KAFKA_RESP_ERR__TRANSPORT,
       "Disconnected while requesting ApiVersion: might be caused by incorrect security.protocol configuration "
       "(connecting to a SSL listener?) or broker version is < 0.10",
       ConnectionFailure::kNoTls},
      {RD_KAFKA_RESP_ERR__TRANSPORT,
       "verify that security.protocol is correctly configured, broker might require SASL authentication",
       ConnectionFailure::kNoSasl},
      {RD_KAFKA_RESP_ERR__TRANSPORT, "Connect to ipv4#127.0.0.1:1 failed: Connection refused",
       ConnectionFailure::kNone},
      // A connection that broke while a client proved again who it is. Its credentials may well be right.
      {RD_KAFKA_RESP_ERR__AUTHENTICATION,
       "SASL OAUTHBEARER mechanism handshake failed: Local: Broker transport failure: broker's supported mechanisms: "
       "(n/a) (after 0ms in state DOWN)",
       ConnectionFailure::kNone},
      {RD_KAFKA_RESP_ERR__AUTHENTICATION,
       "SASL OAUTHBEARER mechanism handshake failed: Broker: Request not valid in current SASL state: broker's "
       "supported mechanisms:  (after 1ms in state AUTH_HANDSHAKE)",
       ConnectionFailure::kNone},
      {RD_KAFKA_RESP_ERR__AUTHENTICATION,
       "SASL SCRAM-SHA-256 mechanism handshake failed: Broker: Unsupported SASL mechanism: broker's supported "
       "mechanisms: PLAIN",
       ConnectionFailure::kSasl},
      {RD_KAFKA_RESP_ERR_NO_ERROR, "", ConnectionFailure::kNone},
  };
  for (const Case& one : cases)
    EXPECT_EQ(connection_failure_of(one.error, one.error_text), one.failure) << one.error_text;
}

TEST(ConnectionFailure, AdviceNamesTheSettingsToChange) {
  const Security plain;
  const Security tls{.tls = true};
  const Security scram{.sasl = true, .mechanism = "SCRAM-SHA-512"};
  EXPECT_TRUE(contains(advice_for(ConnectionFailure::kSasl, plain, 0x020002ff), "CONVEYOR_SASL_PASSWORD"));
  const Security tokens{.sasl = true, .mechanism = "OAUTHBEARER", .token_endpoint = "https://idp.example/token"};
  EXPECT_TRUE(
      contains(advice_for(ConnectionFailure::kNoToken, tokens, 0x020f01ff), "sasl.oauthbearer.token.endpoint.url"));
  EXPECT_TRUE(contains(advice_for(ConnectionFailure::kNoToken, tokens, 0x020f01ff), "https://idp.example/token"));
  EXPECT_TRUE(contains(advice_for(ConnectionFailure::kSasl, tokens, 0x020f01ff), "the brokers refuse this token"));
  EXPECT_TRUE(contains(advice_for(ConnectionFailure::kTls, tls, 0x020002ff), "CONVEYOR_TLS_CA_FILE"));
  EXPECT_TRUE(contains(advice_for(ConnectionFailure::kCertificate, tls, 0x020002ff), "CONVEYOR_TLS_CERTIFICATE_FILE"));
  EXPECT_TRUE(contains(advice_for(ConnectionFailure::kHungUp, tls, 0x020002ff), "leave out Config::tls"));
  EXPECT_TRUE(contains(advice_for(ConnectionFailure::kNoTls, plain, 0x020002ff), "CONVEYOR_TLS_ENABLED"));
  EXPECT_TRUE(contains(advice_for(ConnectionFailure::kNoSasl, plain, 0x020002ff), "CONVEYOR_SASL_MECHANISM"));
  EXPECT_TRUE(contains(advice_for(ConnectionFailure::kNone, plain, 0x020002ff), "Config::tls.enabled"));
  EXPECT_FALSE(contains(advice_for(ConnectionFailure::kNone, tls, 0x020002ff), "Config::tls"));
  EXPECT_TRUE(contains(advice_for(ConnectionFailure::kSasl, scram, 0x020002ff), "2.6.1"));
  EXPECT_FALSE(contains(advice_for(ConnectionFailure::kSasl, scram, 0x020601ff), "2.6.1"));
  EXPECT_FALSE(contains(advice_for(ConnectionFailure::kSasl, plain, 0x020002ff), "2.6.1"));
}

constexpr ConnectionFailureWatch::Clock::time_point kStart{};

TEST(ConnectionFailureWatch, IsSureAfterASecondRefusalAndFiveSeconds) {
  ConnectionFailureWatch watch;
  EXPECT_FALSE(watch.is_final(kStart + milliseconds(60'000)));
  watch.failed(ConnectionFailure::kSasl, kStart);
  EXPECT_FALSE(watch.is_final(kStart + milliseconds(60'000)));
  watch.failed(ConnectionFailure::kSasl, kStart + milliseconds(200));
  EXPECT_FALSE(watch.is_final(kStart + milliseconds(4'999)));
  EXPECT_TRUE(watch.is_final(kStart + milliseconds(5'000)));
}

TEST(ConnectionFailureWatch, BeginsAnewWhenABrokerOnlyWentAway) {
  ConnectionFailureWatch watch;
  for (int i = 0; i < 2; ++i) watch.failed(ConnectionFailure::kTls, kStart);
  watch.failed(ConnectionFailure::kNone, kStart + milliseconds(1'000));
  EXPECT_FALSE(watch.is_final(kStart + milliseconds(9'000)));
  for (int i = 0; i < 2; ++i) watch.failed(ConnectionFailure::kCertificate, kStart + milliseconds(8'000));
  EXPECT_FALSE(watch.is_final(kStart + milliseconds(9'000)));
  EXPECT_TRUE(watch.is_final(kStart + milliseconds(13'000)));
}

TEST(ConnectionFailureWatch, ForgetsRefusalsThatAClientGotOver) {
  ConnectionFailureWatch watch;
  watch.failed(ConnectionFailure::kSasl, kStart);
  watch.failed(ConnectionFailure::kSasl, kStart + milliseconds(7'000));
  EXPECT_TRUE(watch.is_final(kStart + milliseconds(67'000)));  // a client may be silent about them for 30 seconds
  EXPECT_FALSE(watch.is_final(kStart + milliseconds(67'001)));
  watch.failed(ConnectionFailure::kSasl, kStart + milliseconds(3'600'000));
  EXPECT_FALSE(watch.is_final(kStart + milliseconds(3'606'000)));
  watch.failed(ConnectionFailure::kSasl, kStart + milliseconds(3'605'000));
  EXPECT_TRUE(watch.is_final(kStart + milliseconds(3'606'000)));
}

TEST(ConnectionFailureWatch, TakesNoGuessAndNoSilenceForARefusal) {
  ConnectionFailureWatch watch;
  for (const auto guess : {ConnectionFailure::kNoTls, ConnectionFailure::kNoSasl, ConnectionFailure::kHungUp,
                           ConnectionFailure::kNoToken}) {
    for (int i = 0; i < 9; ++i) watch.failed(guess, kStart);
  }
  EXPECT_FALSE(watch.is_final(kStart + milliseconds(60'000)));
}

}  // namespace
}  // namespace conveyor::kafka
