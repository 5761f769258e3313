#include "kafka/consumed_record.h"

#include <gtest/gtest.h>

#include <chrono>

namespace conveyor::kafka {
namespace {

using namespace std::chrono_literals;

Record record_with_all() {
  Record record;
  record.partition = 3;
  record.offset = 17;
  record.timestamp = std::chrono::system_clock::time_point(1'700'000'000s);
  record.key = "key";
  record.headers = {{.name = "a", .value = "1"}, {.name = "b", .is_null = true}};
  return record;
}

TEST(ConsumedRecord, MadeFromARecordShowsIt) {
  const ConsumedRecord received = ConsumedRecord::made_from(record_with_all(), "value");
  ASSERT_TRUE(received);
  EXPECT_EQ(received.error(), RD_KAFKA_RESP_ERR_NO_ERROR);
  EXPECT_EQ(received.offset(), 17);
  EXPECT_EQ(received.value(), "value");
  EXPECT_FALSE(received.is_tombstone());
  EXPECT_EQ(received.key(), "key");
  EXPECT_EQ(received.bytes(), 8U);
}

TEST(ConsumedRecord, MadeFromARecordFillsOne) {
  const ConsumedRecord received = ConsumedRecord::made_from(record_with_all(), "value");
  Record described;
  described.error_text = "of the record before";
  received.fill_record("topic", described);
  EXPECT_EQ(described.topic, "topic");
  EXPECT_EQ(described.partition, 3);
  EXPECT_EQ(described.offset, 17);
  EXPECT_EQ(described.timestamp, std::chrono::system_clock::time_point(1'700'000'000s));
  EXPECT_EQ(described.key, "key");
  EXPECT_TRUE(described.error_text.empty());
  ASSERT_EQ(described.headers.all().size(), 2U);
  EXPECT_EQ(described.headers.all()[0].value, "1");
  EXPECT_TRUE(described.headers.all()[1].is_null);
}

TEST(ConsumedRecord, MadeWithoutAValueIsATombstone) {
  const ConsumedRecord received = ConsumedRecord::made_from(record_with_all(), std::nullopt);
  EXPECT_TRUE(received.is_tombstone());
  EXPECT_EQ(received.bytes(), 3U);
}

TEST(ConsumedRecord, MadeWithAnEmptyValueIsNone) {
  EXPECT_FALSE(ConsumedRecord::made_from(record_with_all(), "").is_tombstone());
}

TEST(ConsumedRecord, MadeWithoutAKeyHasNone) {
  Record record = record_with_all();
  record.key.reset();
  const ConsumedRecord received = ConsumedRecord::made_from(record, "value");
  EXPECT_EQ(received.key(), std::nullopt);
  Record described = record_with_all();
  received.fill_record("topic", described);
  EXPECT_EQ(described.key, std::nullopt) << "that of the record before";
}

TEST(ConsumedRecord, MadeWithAnEmptyKeyHasOne) {
  Record record = record_with_all();
  record.key = "";
  EXPECT_EQ(ConsumedRecord::made_from(record, "value").key(), "");
}

TEST(ConsumedRecord, MadeFromAnErrorSaysIt) {
  const ConsumedRecord error = ConsumedRecord::made_from(RD_KAFKA_RESP_ERR__BAD_MSG, 3, 17, "bad batch");
  EXPECT_EQ(error.error(), RD_KAFKA_RESP_ERR__BAD_MSG);
  EXPECT_EQ(error.error_text(), "bad batch");
  EXPECT_EQ(error.offset(), 17);
  const ConsumedRecord end = ConsumedRecord::made_from(RD_KAFKA_RESP_ERR__PARTITION_EOF, 3, 17);
  EXPECT_EQ(end.error(), RD_KAFKA_RESP_ERR__PARTITION_EOF);
  EXPECT_FALSE(end.error_text().empty());
}

TEST(ConsumedRecord, IsMovedAndDropped) {
  ConsumedRecord first = ConsumedRecord::made_from(record_with_all(), "value");
  ConsumedRecord second = std::move(first);
  EXPECT_FALSE(first);  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(second.value(), "value");
  second = {};
  EXPECT_FALSE(second);
}

}  // namespace
}  // namespace conveyor::kafka
