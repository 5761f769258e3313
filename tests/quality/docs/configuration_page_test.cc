// docs/configuration.md has a row for every setting, with its names and its default, and for nothing else.

#include "quality/docs/configuration_page.h"

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <stdlib.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <memory>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "codec/stamp.h"
#include "conveyor/batch.h"
#include "conveyor/channel.h"
#include "conveyor/config.h"
#include "conveyor/consumer.h"
#include "conveyor/dead_letters.h"
#include "conveyor/error.h"
#include "conveyor/handler.h"
#include "conveyor/producer.h"
#include "conveyor/retry.h"
#include "conveyor/send_key.h"
#include "conveyor/testing/embedded_broker.h"
#include "conveyor/worker.h"
#include "kafka/group_consumer.h"
#include "kafka/producer_session.h"
#include "kafka/properties.h"
#include "kafka/wakeup.h"
#include "settings/setting.h"

namespace conveyor {

inline std::string page_value(const SendKey& value) { return page_value(value.view()); }
inline std::string page_value(Environment value) { return "`" + std::string(codec::name_of(value)) + "`"; }
inline std::string page_value(Codec value) { return page_value_of(value, {"kZlib", "kRaw"}); }
inline std::string page_value(WhenFull value) { return page_value_of(value, {"kBlock", "kFail", "kDrop"}); }
inline std::string page_value(StartAt value) { return page_value_of(value, {"kEarliest", "kLatest"}); }
inline std::string page_value(Order value) { return page_value_of(value, {"kPartition", "kKey", "kUnordered"}); }

namespace {

using testing::EmbeddedBrokerOptions;

constexpr std::string_view kImages = "Images";  // the section that configuration_page_vision_test.cc compares

std::vector<Member> members_of_config() {
  return {CONVEYOR_MEMBER(Config, bootstrap_servers), CONVEYOR_MEMBER(Config, group),
          CONVEYOR_MEMBER(Config, service),           CONVEYOR_MEMBER(Config, environment),
          CONVEYOR_MEMBER(Config, topic_prefix),      CONVEYOR_MEMBER(Config, max_record_bytes),
          CONVEYOR_MEMBER(Config, max_message_bytes), CONVEYOR_MEMBER(Config, tls.enabled),
          CONVEYOR_MEMBER(Config, tls.ca_file),       CONVEYOR_MEMBER(Config, tls.certificate_file),
          CONVEYOR_MEMBER(Config, tls.key_file),      CONVEYOR_MEMBER(Config, tls.key_password),
          CONVEYOR_MEMBER(Config, sasl.mechanism),    CONVEYOR_MEMBER(Config, sasl.username),
          CONVEYOR_MEMBER(Config, sasl.password),     CONVEYOR_MEMBER(Config, properties),
          CONVEYOR_MEMBER(Config, observer)};
}

std::vector<Member> members_of_options() {
  return {CONVEYOR_MEMBER(ChannelOptions, codec),
          CONVEYOR_MEMBER(ChannelOptions, level),
          CONVEYOR_MEMBER(ProducerOptions, when_full),
          CONVEYOR_MEMBER(ProducerOptions, block_timeout),
          CONVEYOR_MEMBER(ProducerOptions, max_queued_messages),
          CONVEYOR_MEMBER(ProducerOptions, max_queued_bytes),
          CONVEYOR_MEMBER(ProducerOptions, delivery_timeout),
          CONVEYOR_MEMBER(ProducerOptions, close_timeout),
          CONVEYOR_MEMBER(ProducerOptions, resend),
          CONVEYOR_MEMBER(SendOptions, key),
          CONVEYOR_MEMBER(SendOptions, headers),
          CONVEYOR_MEMBER(SendOptions, partition),
          CONVEYOR_MEMBER(ConsumerOptions, start_at),
          CONVEYOR_MEMBER(ConsumerOptions, stop),
          CONVEYOR_MEMBER(ConsumerOptions, tombstones),
          CONVEYOR_MEMBER(ConsumerOptions, topic_timeout),
          CONVEYOR_MEMBER(ConsumerOptions, commit_interval),
          CONVEYOR_MEMBER(ConsumerOptions, revoke_timeout),
          CONVEYOR_MEMBER(ConsumerOptions, producer),
          CONVEYOR_MEMBER(WorkerOptions, threads),
          CONVEYOR_MEMBER(WorkerOptions, start_at),
          CONVEYOR_MEMBER(WorkerOptions, order),
          CONVEYOR_MEMBER(WorkerOptions, tombstones),
          CONVEYOR_MEMBER(WorkerOptions, topic_timeout),
          CONVEYOR_MEMBER(WorkerOptions, commit_interval),
          CONVEYOR_MEMBER(WorkerOptions, revoke_timeout),
          CONVEYOR_MEMBER(WorkerOptions, drain_timeout),
          CONVEYOR_MEMBER(WorkerOptions, max_in_flight),
          CONVEYOR_MEMBER(WorkerOptions, max_in_flight_bytes),
          CONVEYOR_MEMBER(WorkerOptions, crash_attempts),
          CONVEYOR_MEMBER(WorkerOptions, crash_probation),
          CONVEYOR_MEMBER_OF_ANY_VALUE(WorkerOptions, producer),
          CONVEYOR_MEMBER_OF_ANY_VALUE(WorkerOptions, retry),
          CONVEYOR_MEMBER_OF_ANY_VALUE(WorkerOptions, dead_letter),
          CONVEYOR_MEMBER_OF_ANY_VALUE(WorkerOptions, exactly_once),
          CONVEYOR_MEMBER(BatchOptions, max_batch),
          CONVEYOR_MEMBER(BatchOptions, max_delay),
          CONVEYOR_MEMBER(HandlerOptions, retry),
          CONVEYOR_MEMBER(HandlerOptions, dead_letter),
          CONVEYOR_MEMBER(RetryOptions, attempts),
          CONVEYOR_MEMBER(RetryOptions, initial_backoff),
          CONVEYOR_MEMBER(RetryOptions, max_backoff),
          CONVEYOR_MEMBER(RetryOptions, retry_timeout),
          CONVEYOR_MEMBER(RetryOptions, also),
          CONVEYOR_MEMBER(DeadLetterOptions, enabled),
          CONVEYOR_MEMBER(DeadLetterOptions, topic_suffix),
          CONVEYOR_MEMBER(ReadDeadLettersOptions, stop),
          CONVEYOR_MEMBER(ReadDeadLettersOptions, broker_timeout),
          CONVEYOR_MEMBER(ReplayOptions, dry_run),
          CONVEYOR_MEMBER(ReplayOptions, group),
          CONVEYOR_MEMBER(ReplayOptions, stop),
          CONVEYOR_MEMBER(ReplayOptions, broker_timeout),
          CONVEYOR_MEMBER(ReplayOptions, delivery_timeout),
          CONVEYOR_MEMBER(ReplayOptions, each),
          CONVEYOR_MEMBER(ExactlyOnceOptions, enabled),
          CONVEYOR_MEMBER(ExactlyOnceOptions, instance),
          CONVEYOR_MEMBER(ExactlyOnceOptions, commit_interval),
          CONVEYOR_MEMBER(ExactlyOnceOptions, transaction_timeout),
          CONVEYOR_MEMBER(EmbeddedBrokerOptions, brokers),
          CONVEYOR_MEMBER(EmbeddedBrokerOptions, observer),
          CONVEYOR_MEMBER(EmbeddedBrokerOptions, topics)};
}

TEST(ConfigurationPage, HasEveryMemberWithItsDefault) {
  std::vector<Member> members = members_of_config();
  std::ranges::copy(members_of_options(), std::back_inserter(members));
  expect_rows(members, [](std::string_view section) { return section != kImages; });
}

/// What a variable and a name in a file set, as the page has it.
struct Way {
  std::string variable;  // after CONVEYOR_; as the page has it where it is no such variable
  std::string name;      // empty: none
  std::string member;    // empty: none
};

std::vector<Way> ways_on_page() {
  constexpr std::string_view kPrefix = "CONVEYOR_";
  std::vector<Way> ways;
  for (const PageTable& table : page_tables()) {
    if (table.columns.size() < 4 || table.columns[1] != "environment") continue;
    for (const auto& row : table.rows) {
      const auto only = [&](std::size_t cell) {
        const auto found = code_in(row.cells[cell]);
        return found.empty() ? std::string() : found.front();
      };
      std::string variable = only(1);
      EXPECT_TRUE(variable.starts_with(kPrefix)) << "line " << row.line;
      variable = variable.substr(std::min(kPrefix.size(), variable.size()));
      if (variable != "KAFKA_<PROPERTY>") ways.push_back({variable, only(2), only(0)});
    }
  }
  return ways;
}

TEST(ConfigurationPage, HasEveryVariableAndNameInAFile) {
  std::map<std::string, std::string> on_page;
  for (const Way& way : ways_on_page()) {
    EXPECT_TRUE(on_page.emplace(way.variable, way.name).second) << "a second row for CONVEYOR_" << way.variable;
  }
  for (const Setting& setting : settings()) {
    const auto found = on_page.find(std::string(setting.variable));
    if (found == on_page.end()) {
      ADD_FAILURE() << "docs/configuration.md has no row for CONVEYOR_" << setting.variable << ", " << setting.name;
      continue;
    }
    EXPECT_EQ(found->second, setting.name) << "CONVEYOR_" << setting.variable;
    on_page.erase(found);
  }
  for (const auto& [variable, name] : on_page) {
    ADD_FAILURE() << "docs/configuration.md has CONVEYOR_" << variable << ", " << name << ", which nobody reads";
  }
}

/// All members that can be set from outside, with what they have.
std::map<std::string, std::string> values_of(const Config& config) {
  return {{"Config::bootstrap_servers", config.bootstrap_servers},
          {"Config::group", config.group},
          {"Config::service", config.service},
          {"Config::environment", std::string(codec::name_of(config.environment))},
          {"Config::topic_prefix", config.topic_prefix},
          {"Config::classifier", config.classifier},
          {"Config::max_record_bytes", std::to_string(config.max_record_bytes)},
          {"Config::max_message_bytes", std::to_string(config.max_message_bytes)},
          {"Config::tls.enabled", config.tls.enabled ? "true" : "false"},
          {"Config::tls.ca_file", config.tls.ca_file},
          {"Config::tls.certificate_file", config.tls.certificate_file},
          {"Config::tls.key_file", config.tls.key_file},
          {"Config::tls.key_password", config.tls.key_password},
          {"Config::sasl.mechanism", config.sasl.mechanism},
          {"Config::sasl.username", config.sasl.username},
          {"Config::sasl.password", config.sasl.password}};
}

std::string another_than(const std::string& value) {
  if (value == "false") return "true";
  if (value == codec::name_of(Environment::kDevelopment)) return std::string(codec::name_of(Environment::kStaging));
  const bool is_number = !value.empty() && value.find_first_not_of("0123456789") == value.npos;
  return is_number ? "4242" : "another";
}

TEST(ConfigurationPage, SaysWhichMemberAVariableSets) {
  for (const Way& way : ways_on_page()) {
    const auto setting = std::ranges::find(settings(), way.variable, &Setting::variable);
    if (setting == settings().end() || setting->set == nullptr) continue;  // another test says so
    Config config;
    auto expected = values_of(config);
    ASSERT_TRUE(expected.contains(way.member)) << way.member;
    const std::string other = another_than(expected[way.member]);
    setting->set(config, other);
    expected[way.member] = other;
    EXPECT_EQ(values_of(config), expected) << "CONVEYOR_" << way.variable << "=" << other;
  }
}

TEST(ConfigurationPage, NamesNoVariableThatNobodyReads) {
  const std::string text = page_text();
  const std::regex variable("\\bCONVEYOR_[A-Z_]+\\b(?!<)");
  std::set<std::string> named;
  for (std::sregex_iterator it(text.begin(), text.end(), variable), end; it != end; ++it) named.insert(it->str());
  EXPECT_GE(named.size(), settings().size());
  for (const std::string& name : named) {
    setenv(name.c_str(), "1", 1);
    try {
      (void)Config::from_env();
    } catch (const Error& error) {
      EXPECT_NE(error.code(), errc::unknown_property) << error.what();
    }
    unsetenv(name.c_str());
  }
  for (const Setting& setting : settings()) {
    if (setting.theirs.empty()) continue;
    EXPECT_NE(text.find("`" + std::string(setting.theirs) + "`"), text.npos) << setting.theirs;
  }
}

bool is_controlled(const std::string& property) {
  try {
    kafka::check_property_name(property);
    return false;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), errc::invalid_config) << error.what();
    return true;
  }
}

/// The table of Kafka properties with this column.
PageTable kafka_table(std::string_view column) {
  for (const PageTable& table : page_tables()) {
    if (table.columns.front() == "Kafka property" && table.columns[1] == column) return table;
  }
  ADD_FAILURE() << "no table of Kafka properties with the column " << column;
  return {};
}

TEST(ConfigurationPage, HasEveryKafkaPropertyThatIsControlled) {
  std::set<std::string> on_page;
  for (const auto& row : kafka_table("instead").rows) {
    for (const std::string& name : code_in(row.cells.front())) on_page.insert(name);
  }
  std::set<std::string> controlled;
  for (const auto& [name, scope] : kafka::known_properties()) {
    if (is_controlled(name)) controlled.insert(name);
  }
  EXPECT_EQ(on_page, controlled);
}

TEST(ConfigurationPage, NamesOnlyWhatIsASettingOrAKafkaProperty) {
  const std::set<std::string> of_brokers{"max.message.bytes", "transaction.max.timeout.ms"};
  const std::regex dotted("[a-z]+(\\.[a-z]+)+");
  const auto is_ours = [](const std::string& name) {
    return std::ranges::any_of(settings(), [&](const Setting& setting) { return setting.name == name; });
  };
  for (const std::string& name : code_in(page_text())) {
    if (!std::regex_match(name, dotted)) continue;
    EXPECT_TRUE(is_ours(name) || of_brokers.contains(name) || kafka::known_properties().contains(name)) << name;
  }
}

std::string value_in(const rd_kafka_t* client, const std::string& property) {
  std::array<char, 1'024> value{};
  std::size_t size = value.size();
  const auto result =
      rd_kafka_conf_get(rd_kafka_conf(const_cast<rd_kafka_t*>(client)), property.c_str(), value.data(), &size);
  return result == RD_KAFKA_CONF_OK ? value.data() : "";
}

/// A client as librdkafka makes it, told as much as others follow from. One property of topics has to be named for the
/// others to be shown.
std::shared_ptr<rd_kafka_t> plain_client(rd_kafka_type_t type) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  std::array<char, 512> error{};
  const auto set = [&](const char* name, const char* value) {
    EXPECT_EQ(rd_kafka_conf_set(conf, name, value, error.data(), error.size()), RD_KAFKA_CONF_OK) << error.data();
  };
  if (type == RD_KAFKA_PRODUCER) {
    set("enable.idempotence", "true");
    set("partitioner", "consistent_random");
  } else {
    set("group.id", "group");
    set("auto.offset.reset", "largest");
    set("topic.metadata.refresh.interval.ms", "5000");
  }
  rd_kafka_t* client = rd_kafka_new(type, conf, error.data(), error.size());
  EXPECT_NE(client, nullptr) << error.data();
  return {client, &rd_kafka_destroy};
}

/// What differs is on the page, and what is on the page is so.
void expect_defaults(std::string_view of, const rd_kafka_t* ours, const rd_kafka_t* plain) {
  std::map<std::string, std::string> on_page;
  for (const auto& row : kafka_table("of").rows) {
    if (row.cells[1] == of) on_page.emplace(code_in(row.cells[0]).at(0), row.cells[2]);
  }
  for (const auto& [name, value] : on_page) EXPECT_EQ(value_in(ours, name), value) << name << " of a " << of;
  for (const auto& [name, scope] : kafka::known_properties()) {
    const bool is_theirs = of == "producer" ? scope.producer : scope.consumer;
    const bool is_pointer = name == "default_topic_conf";
    if (!is_theirs || is_pointer || on_page.contains(name) || is_controlled(name)) continue;
    EXPECT_EQ(value_in(ours, name), value_in(plain, name)) << name << " of a " << of << " is not librdkafka's default";
  }
}

TEST(ConfigurationPage, HasEveryDefaultOfAKafkaPropertyThatIsNotLibrdkafkas) {
  Config config{.bootstrap_servers = "127.0.0.1:1", .group = "group"};
  config.observer = std::make_shared<Observer>();
  const kafka::ProducerSession producer(config, {}, nullptr);
  expect_defaults("producer", producer.handle(), plain_client(RD_KAFKA_PRODUCER).get());
  const auto consumer = std::make_shared<kafka::GroupConsumer>(config, kafka::GroupOptions{.topics = {"topic"}},
                                                               std::make_shared<kafka::Wakeup>());
  expect_defaults("consumer", consumer->handle(), plain_client(RD_KAFKA_CONSUMER).get());
}

}  // namespace
}  // namespace conveyor
