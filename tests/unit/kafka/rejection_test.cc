#include "kafka/rejection.h"

#include <gtest/gtest.h>

#include <string>

#include "support/errors.h"

namespace conveyor::kafka {
namespace {

using std::chrono::milliseconds;
using tests::contains;

TEST(Rejection, IsToldFromTheClientsComplaint) {
  struct Case {
    rd_kafka_resp_err_t error;
    std::string_view complaint;
    Rejection rejection;
  };
  const Case cases[] = {
      {RD_KAFKA_RESP_ERR__AUTHENTICATION, "SASL authentication error: Authentication failed", Rejection::kSasl},
      {RD_KAFKA_RESP_ERR__AUTHENTICATION, "Failed to acquire SASL OAUTHBEARER token: Operation timed out",
       Rejection::kNoToken},
      {RD_KAFKA_RESP_ERR__AUTHENTICATION, "no OAUTHBEARER token from https://idp.example/token for 5 s",
       Rejection::kNoToken},
      {RD_KAFKA_RESP_ERR__AUTHENTICATION,
       "OAUTHBEARER cannot log in because there is no token available; last error: (not available)",
       Rejection::kNoToken},
      {RD_KAFKA_RESP_ERR__SSL, "SSL handshake failed: certificate verify failed", Rejection::kTls},
      {RD_KAFKA_RESP_ERR__TRANSPORT,
       "ssl/record/rec_layer_s3.c:1586:error:0A000412:SSL routines::sslv3 alert bad certificate: SSL alert number 42",
       Rejection::kCertificate},
      {RD_KAFKA_RESP_ERR__SSL, "error:0A00045C:SSL routines::tlsv13 alert certificate required",
       Rejection::kCertificate},
      {RD_KAFKA_RESP_ERR__TRANSPORT, "SSL routines::sslv3 alert certificate expired", Rejection::kCertificate},
      {RD_KAFKA_RESP_ERR__SSL, "SSL handshake failed: SSL routines::unexpected eof while reading", Rejection::kHungUp},
      {RD_KAFKA_RESP_ERR__TRANSPORT,
       "SSL handshake failed: Disconnected: SSL connection closed by peer: connecting to a PLAINTEXT broker listener?",
       Rejection::kHungUp},
      {RD_KAFKA_RESP_ERR__TRANSPORT,
       "Disconnected while requesting ApiVersion: might be caused by incorrect security.protocol configuration "
       "(connecting to a SSL listener?) or broker version is < 0.10",
       Rejection::kNoTls},
      {RD_KAFKA_RESP_ERR__TRANSPORT,
       "verify that security.protocol is correctly configured, broker might require SASL authentication",
       Rejection::kNoSasl},
      {RD_KAFKA_RESP_ERR__TRANSPORT, "Connect to ipv4#127.0.0.1:1 failed: Connection refused", Rejection::kNone},
      // A connection that broke while a client proved again who it is. Its credentials may well be right.
      {RD_KAFKA_RESP_ERR__AUTHENTICATION,
       "SASL OAUTHBEARER mechanism handshake failed: Local: Broker transport failure: broker's supported mechanisms: "
       "(n/a) (after 0ms in state DOWN)",
       Rejection::kNone},
      {RD_KAFKA_RESP_ERR__AUTHENTICATION,
       "SASL OAUTHBEARER mechanism handshake failed: Broker: Request not valid in current SASL state: broker's "
       "supported mechanisms:  (after 1ms in state AUTH_HANDSHAKE)",
       Rejection::kNone},
      {RD_KAFKA_RESP_ERR__AUTHENTICATION,
       "SASL SCRAM-SHA-256 mechanism handshake failed: Broker: Unsupported SASL mechanism: broker's supported "
       "mechanisms: PLAIN",
       Rejection::kSasl},
      {RD_KAFKA_RESP_ERR_NO_ERROR, "", Rejection::kNone},
  };
  for (const Case& one : cases) EXPECT_EQ(rejection_of(one.error, one.complaint), one.rejection) << one.complaint;
}

TEST(Rejection, AdviceNamesTheSettingsToChange) {
  const Security plain;
  const Security tls{.tls = true};
  const Security scram{.sasl = true, .mechanism = "SCRAM-SHA-512"};
  EXPECT_TRUE(contains(advice_for(Rejection::kSasl, plain, 0x020002ff), "CONVEYOR_SASL_PASSWORD"));
  const Security tokens{.sasl = true, .mechanism = "OAUTHBEARER", .token_endpoint = "https://idp.example/token"};
  EXPECT_TRUE(contains(advice_for(Rejection::kNoToken, tokens, 0x020f01ff), "sasl.oauthbearer.token.endpoint.url"));
  EXPECT_TRUE(contains(advice_for(Rejection::kNoToken, tokens, 0x020f01ff), "https://idp.example/token"));
  EXPECT_TRUE(contains(advice_for(Rejection::kSasl, tokens, 0x020f01ff), "the brokers refuse this token"));
  EXPECT_TRUE(contains(advice_for(Rejection::kTls, tls, 0x020002ff), "CONVEYOR_TLS_CA_FILE"));
  EXPECT_TRUE(contains(advice_for(Rejection::kCertificate, tls, 0x020002ff), "CONVEYOR_TLS_CERTIFICATE_FILE"));
  EXPECT_TRUE(contains(advice_for(Rejection::kHungUp, tls, 0x020002ff), "leave out Config::tls"));
  EXPECT_TRUE(contains(advice_for(Rejection::kNoTls, plain, 0x020002ff), "CONVEYOR_TLS_ENABLED"));
  EXPECT_TRUE(contains(advice_for(Rejection::kNoSasl, plain, 0x020002ff), "CONVEYOR_SASL_MECHANISM"));
  EXPECT_TRUE(contains(advice_for(Rejection::kNone, plain, 0x020002ff), "Config::tls.enabled"));
  EXPECT_FALSE(contains(advice_for(Rejection::kNone, tls, 0x020002ff), "Config::tls"));
  EXPECT_TRUE(contains(advice_for(Rejection::kSasl, scram, 0x020002ff), "2.6.1"));
  EXPECT_FALSE(contains(advice_for(Rejection::kSasl, scram, 0x020601ff), "2.6.1"));
  EXPECT_FALSE(contains(advice_for(Rejection::kSasl, plain, 0x020002ff), "2.6.1"));
}

constexpr RejectionWatch::Clock::time_point kStart{};

TEST(RejectionWatch, IsSureAfterASecondRefusalAndFiveSeconds) {
  RejectionWatch watch;
  EXPECT_FALSE(watch.is_final(kStart + milliseconds(60'000)));
  watch.complaint(Rejection::kSasl, kStart);
  EXPECT_FALSE(watch.is_final(kStart + milliseconds(60'000)));
  watch.complaint(Rejection::kSasl, kStart + milliseconds(200));
  EXPECT_FALSE(watch.is_final(kStart + milliseconds(4'999)));
  EXPECT_TRUE(watch.is_final(kStart + milliseconds(5'000)));
}

TEST(RejectionWatch, BeginsAnewWhenABrokerOnlyWentAway) {
  RejectionWatch watch;
  for (int i = 0; i < 2; ++i) watch.complaint(Rejection::kTls, kStart);
  watch.complaint(Rejection::kNone, kStart + milliseconds(1'000));
  EXPECT_FALSE(watch.is_final(kStart + milliseconds(9'000)));
  for (int i = 0; i < 2; ++i) watch.complaint(Rejection::kCertificate, kStart + milliseconds(8'000));
  EXPECT_FALSE(watch.is_final(kStart + milliseconds(9'000)));
  EXPECT_TRUE(watch.is_final(kStart + milliseconds(13'000)));
}

TEST(RejectionWatch, ForgetsRefusalsThatAClientGotOver) {
  RejectionWatch watch;
  watch.complaint(Rejection::kSasl, kStart);
  watch.complaint(Rejection::kSasl, kStart + milliseconds(7'000));
  EXPECT_TRUE(watch.is_final(kStart + milliseconds(67'000)));  // a client may be silent about them for 30 seconds
  EXPECT_FALSE(watch.is_final(kStart + milliseconds(67'001)));
  watch.complaint(Rejection::kSasl, kStart + milliseconds(3'600'000));
  EXPECT_FALSE(watch.is_final(kStart + milliseconds(3'606'000)));
  watch.complaint(Rejection::kSasl, kStart + milliseconds(3'605'000));
  EXPECT_TRUE(watch.is_final(kStart + milliseconds(3'606'000)));
}

TEST(RejectionWatch, TakesNoGuessAndNoSilenceForARefusal) {
  RejectionWatch watch;
  for (const auto guess : {Rejection::kNoTls, Rejection::kNoSasl, Rejection::kHungUp, Rejection::kNoToken}) {
    for (int i = 0; i < 9; ++i) watch.complaint(guess, kStart);
  }
  EXPECT_FALSE(watch.is_final(kStart + milliseconds(60'000)));
}

}  // namespace
}  // namespace conveyor::kafka
