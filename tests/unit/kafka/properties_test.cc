#include "kafka/properties.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

#include "conveyor/error.h"
#include "support/errors.h"

namespace conveyor::kafka {
namespace {

using tests::contains;
using tests::thrown_by;

tests::Thrown checked(std::string_view name) {
  return thrown_by([&] { check_property_name(name); });
}

PropertyScope scope_of(std::string_view name) {
  const auto found = known_properties().find(name);
  EXPECT_NE(found, known_properties().end()) << name;
  return found != known_properties().end() ? found->second : PropertyScope();
}

TEST(KnownProperties, AreThoseOfLibrdkafka) {
  EXPECT_GT(known_properties().size(), 100U);
  for (const std::string_view name : {"client.id", "linger.ms", "fetch.min.bytes", "ssl.ca.location", "acks"}) {
    EXPECT_TRUE(known_properties().contains(name)) << name;
  }
}

TEST(KnownProperties, AreOnlyThoseThatTextCanSet) {
  for (const auto& [name, scope] : known_properties()) {
    EXPECT_FALSE(name.ends_with("_cb") || name == "opaque") << name << " is a pointer";
    EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._"), std::string::npos) << name;
  }
}

TEST(KnownProperties, SayWhichClientsTheyApplyTo) {
  EXPECT_TRUE(scope_of("client.id").producer && scope_of("client.id").consumer);
  EXPECT_TRUE(scope_of("fetch.min.bytes").consumer);
  EXPECT_FALSE(scope_of("fetch.min.bytes").producer);
  EXPECT_TRUE(scope_of("linger.ms").producer);
  EXPECT_FALSE(scope_of("linger.ms").consumer);
  for (const auto& [name, scope] : known_properties()) EXPECT_TRUE(scope.producer || scope.consumer) << name;
}

TEST(CheckPropertyName, TakesWhatLibrdkafkaKnows) {
  for (const std::string_view name : {"client.id", "linger.ms", "fetch.min.bytes", "acks", "session.timeout.ms"}) {
    EXPECT_NO_THROW(check_property_name(name)) << name;
  }
}

TEST(CheckPropertyName, SaysWhatToSetInsteadOfWhatTheLibraryControls) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"bootstrap.servers", "set Config::bootstrap_servers"},
      {"metadata.broker.list", "set Config::bootstrap_servers"},
      {"group.id", "set Config::group"},
      {"enable.auto.commit", "the library commits after the handler is done"},
      {"auto.commit.enable", "the library commits after the handler is done"},
      {"auto.commit.interval.ms", "set commit_interval in the consumer's or worker's options"},
      {"enable.auto.offset.store", "the library commits after the handler is done"},
      {"auto.offset.reset", "set start_at in the consumer's or worker's options"},
      {"message.max.bytes", "set Config::max_record_bytes"},
      {"queue.buffering.max.messages", "set ProducerOptions::max_queued_messages"},
      {"queue.buffering.max.kbytes", "set ProducerOptions::max_queued_bytes"},
      {"message.timeout.ms", "set ProducerOptions::delivery_timeout"},
      {"delivery.timeout.ms", "set ProducerOptions::delivery_timeout"},
      {"log.queue", "set Config::observer"},
      {"enabled_events", "set Config::observer"},
      {"transactional.id", "set WorkerOptions::exactly_once"},
      {"enable.partition.eof", "the library needs this event itself"},
  };
  for (const auto& [name, instead] : cases) {
    EXPECT_TRUE(known_properties().contains(name)) << name << " would be refused anyway";
    const auto thrown = checked(name);
    EXPECT_EQ(thrown.code, errc::invalid_config) << name;
    EXPECT_EQ(thrown.text,
              "Kafka property " + std::string(name) + " is controlled by Conveyor: " + std::string(instead));
  }
}

TEST(CheckPropertyName, NamesTheClosestOfAnUnknownOne) {
  for (const std::string_view name : {"linger_ms", "lingerms", "linger.mss", "Linger.MS"}) {
    const auto thrown = checked(name);
    EXPECT_EQ(thrown.code, errc::unknown_property) << name;
    EXPECT_TRUE(contains(thrown.text, "unknown Kafka property " + std::string(name) + "; did you mean linger.ms?"));
  }
}

TEST(CheckPropertyName, RefusesCallbacksWhichTextCannotSet) {
  for (const std::string_view name : {"error_cb", "dr_msg_cb", "opaque"}) {
    EXPECT_EQ(checked(name).code, errc::unknown_property) << name;
  }
}

TEST(CheckPropertyName, RefusesNamesThatAreNone) {
  EXPECT_EQ(checked("").code, errc::unknown_property);
  EXPECT_EQ(checked("Property").code, errc::unknown_property) << "the head of librdkafka's table";
  EXPECT_EQ(checked(" client.id").code, errc::unknown_property);
}

TEST(CheckPropertyName, QuotesAnyBytesShortAndReadable) {
  EXPECT_TRUE(contains(checked("a\nb").text, "unknown Kafka property a\\x0ab;"));
  const auto thrown = checked(std::string(100'000, 'x'));
  EXPECT_EQ(thrown.code, errc::unknown_property);
  EXPECT_TRUE(contains(thrown.text, std::string(100, 'x') + "...; did you mean"));
  EXPECT_LT(thrown.text.size(), 400U);
}

}  // namespace
}  // namespace conveyor::kafka
