#include "vision/onnx/protobuf_fields.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "unit/vision/expect_error.h"

namespace conveyor::vision {
namespace {

using Type = ProtobufField::Type;
using namespace std::string_view_literals;

std::vector<ProtobufField> fields_of(std::string_view message) {
  std::vector<ProtobufField> fields;
  for_each_field(message, [&](const ProtobufField& field) { fields.push_back(field); });
  return fields;
}

TEST(ProtobufFields, AreReadInTheirOrderWithTheirBytes) {
  const auto message = "\x08\xAC\x02\x12\x02hi\x1D\x01\x00\x00\x80\x21\x01\x00\x00\x00\x00\x00\x00\x80"sv;
  const auto fields = fields_of(message);
  ASSERT_EQ(fields.size(), 4U);
  EXPECT_EQ(fields[0].number, 1);
  EXPECT_EQ(fields[0].type, Type::kVarint);
  EXPECT_EQ(fields[0].value, 300U);
  EXPECT_EQ(fields[1].number, 2);
  EXPECT_EQ(fields[1].bytes, "hi");
  EXPECT_EQ(fields[1].whole, "\x12\x02hi"sv);
  EXPECT_EQ(fields[2].type, Type::kFixed32);
  EXPECT_EQ(fields[2].value, 0x8000'0001U) << "little endian";
  EXPECT_EQ(fields[3].type, Type::kFixed64);
  EXPECT_EQ(fields[3].value, 0x8000'0000'0000'0001U);
  EXPECT_TRUE(fields_of("").empty());
}

TEST(ProtobufFields, RefusesBytesThatAreNoMessage) {
  for (const std::string_view broken :
       {"\x08"sv, "\x08\x80"sv, "\x12\x03hi"sv, "\x1D\x01\x00\x00"sv, "\x21\x01"sv, "\x00\x01"sv, "\x0B\x0C"sv,
        "\x0E\x01"sv, "\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"sv, "\xFF\xFF\xFF\xFF\xFF\x01\x01"sv,
        "\x12\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"sv}) {
    EXPECT_ERROR(errc::invalid_config, "it is not an ONNX model", (void)fields_of(broken));
  }
}

TEST(ProtobufFields, VarintsMayBePacked) {
  const auto numbers = [](std::string_view message) {
    std::vector<std::uint64_t> found;
    for_each_field(message, [&](const ProtobufField& field) {
      for_each_varint(field, [&](std::uint64_t value) { found.push_back(value); });
    });
    return found;
  };
  EXPECT_EQ(numbers("\x08\x01\x08\xAC\x02"sv), (std::vector<std::uint64_t>{1, 300}));
  EXPECT_EQ(numbers("\x0A\x03\x01\xAC\x02"sv), (std::vector<std::uint64_t>{1, 300}));
  EXPECT_EQ(numbers("\x0A\x01\x80"sv), (std::vector<std::uint64_t>{0})) << "cut short: no byte behind it is read";
}

TEST(ProtobufFields, WhatIsAppendedIsReadAgain) {
  std::string message;
  const std::string longer(300, 'x');
  append_field(message, 9, "raw");
  append_field(message, 200, longer);
  const auto fields = fields_of(message);
  ASSERT_EQ(fields.size(), 2U);
  EXPECT_EQ(fields[0].number, 9);
  EXPECT_EQ(fields[0].bytes, "raw");
  EXPECT_EQ(fields[1].number, 200);
  EXPECT_EQ(fields[1].bytes, longer);
}

}  // namespace
}  // namespace conveyor::vision
