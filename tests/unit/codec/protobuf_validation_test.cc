#include "codec/protobuf_validation.h"

#include <google/protobuf/message.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/unknown_field_set.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "shapes/old_shapes.pb.h"
#include "shapes/shapes.pb.h"

namespace conveyor::codec {
namespace {

using shapes::Inner;
using shapes::OldShape;
using shapes::Shape;

constexpr const char* kLatin1 = "caf\xe9";
constexpr const char* kUtf8 = "caf\xc3\xa9 \xe2\x98\x95 \xf0\x9f\xa5\x9a";

// What we say, which must be what protobuf's own parser does.
std::string said_of(const google::protobuf::Message& message) {
  const google::protobuf::LogSilencer silence;
  const std::string bytes = message.SerializeAsString();
  const auto why = why_unreadable(bytes, message);
  const std::unique_ptr<google::protobuf::Message> read(message.New());
  EXPECT_EQ(read->ParseFromString(bytes), !why.has_value()) << why.value_or("readable");
  return why.value_or("");
}

struct Place {
  const char* field;
  std::function<void(Shape&, const char*)> put;
};
const std::vector<Place> kPlaces{
    {"shapes.Shape.text", [](Shape& shape, const char* text) { shape.set_text(text); }},
    {"shapes.Inner.text", [](Shape& shape, const char* text) { shape.mutable_inner()->set_text(text); }},
    {"shapes.Shape.texts",
     [](Shape& shape, const char* text) {
       shape.add_texts("good");
       shape.add_texts(text);
     }},
    {"shapes.Shape.ByTextEntry.key", [](Shape& shape, const char* text) { (*shape.mutable_by_text())[text] = 1; }},
    {"shapes.Shape.TextsByNumberEntry.value",
     [](Shape& shape, const char* text) { (*shape.mutable_texts_by_number())[1] = text; }},
    {"shapes.Shape.one", [](Shape& shape, const char* text) { shape.set_one(text); }},
    {"shapes.Inner.text",
     [](Shape& shape, const char* text) {
       shape.add_inners();
       shape.add_inners()->set_text(text);
     }},
    {"shapes.Inner.text", [](Shape& shape, const char* text) { (*shape.mutable_inner_by_number())[3].set_text(text); }},
    {"shapes.Shape.late", [](Shape& shape, const char* text) { shape.set_late(text); }},
    {"shapes.Shape.text", [](Shape& shape, const char* text) { shape.mutable_deeper()->set_text(text); }},
};

TEST(WhyUnreadable, NamesTheFieldWhoseTextIsNotUtf8WhereverItIs) {
  for (const Place& place : kPlaces) {
    Shape shape;
    shape.set_number(-1);
    shape.set_real(1);
    shape.set_fixed(1);
    shape.add_numbers(300);
    place.put(shape, kUtf8);
    EXPECT_EQ(said_of(shape), "");
    place.put(shape, kLatin1);
    EXPECT_EQ(said_of(shape), std::string("the string ") + place.field + " is not UTF-8");
  }
}

TEST(WhyUnreadable, FindsOneBadByteAnywhereInALongText) {
  for (std::size_t at = 0; at < 40; ++at) {
    std::string text(40, 'x');
    text[at] = '\xe9';
    Shape shape;
    shape.set_text(text);
    EXPECT_NE(said_of(shape), "") << at;
  }
}

TEST(WhyUnreadable, LeavesBytesAndWhatLiesInAnAnyAlone) {
  Shape shape;
  shape.set_raw(kLatin1);
  shape.mutable_any()->set_type_url("type.googleapis.com/shapes.Inner");
  shape.mutable_any()->set_value("\x0a\x04" + std::string(kLatin1));
  EXPECT_EQ(said_of(shape), "");
  shape.mutable_any()->set_type_url(kLatin1);
  EXPECT_EQ(said_of(shape), "the string google.protobuf.Any.type_url is not UTF-8");
}

TEST(WhyUnreadable, AsksOfProto2WhatItsParsersAsk) {
  OldShape shape;
  shape.set_text(kLatin1);
  shape.add_part()->set_text(kLatin1);
  shape.SetExtension(shapes::extended_text, kLatin1);
  EXPECT_EQ(said_of(shape), "");
  shape.mutable_part(0)->mutable_inner()->set_text(kLatin1);
  EXPECT_EQ(said_of(shape), "the string shapes.Inner.text is not UTF-8");
  shape.clear_part();
  shape.MutableExtension(shapes::extended_inner)->set_text(kLatin1);
  EXPECT_EQ(said_of(shape), "the string shapes.Inner.text is not UTF-8");
}

TEST(WhyUnreadable, AllowsAHundredLevels) {
  for (const int levels : {1, kDeepest, kDeepest + 1, 10 * kDeepest}) {
    Shape shape;
    Shape* inner = &shape;
    for (int i = 0; i < levels; ++i) inner = inner->mutable_deeper();
    EXPECT_EQ(said_of(shape), levels <= kDeepest ? "" : "shapes.Shape.deeper lies deeper than 100 levels of messages");
  }
}

TEST(WhyUnreadable, CountsGroupsEntriesOfMapsAndUnknownGroupsAsLevels) {
  OldShape groups;
  OldShape* inner = &groups;
  for (int i = 0; i < kDeepest / 2; ++i) inner = inner->add_part()->mutable_deeper();
  EXPECT_EQ(said_of(groups), "");
  inner->add_part();
  EXPECT_EQ(said_of(groups), "shapes.OldShape.part lies deeper than 100 levels of messages");

  Shape with_map;
  Shape* last = &with_map;
  for (int i = 0; i < kDeepest - 2; ++i) last = last->mutable_deeper();
  (*last->mutable_inner_by_number())[1].set_text("x");
  EXPECT_EQ(said_of(with_map), "");
  (*last->mutable_deeper()->mutable_inner_by_number())[1].set_text("x");
  EXPECT_NE(said_of(with_map), "");

  Shape with_unknown;
  auto* unknown = with_unknown.GetReflection()->MutableUnknownFields(&with_unknown);
  for (int i = 0; i < kDeepest; ++i) unknown = unknown->AddGroup(5000);
  EXPECT_EQ(said_of(with_unknown), "");
  unknown->AddGroup(5000);
  EXPECT_EQ(said_of(with_unknown), "a group of an unknown field lies deeper than 100 levels of messages");
}

TEST(WhyUnreadable, SaysNothingOfBytesThatAreNoMessage) {
  for (const std::string_view bytes :
       {std::string_view("\xff"), std::string_view("\x0a\x05x"), std::string_view("\x0c"), std::string_view("\x0b"),
        std::string_view("\x0f"), std::string_view("\x09")}) {
    EXPECT_FALSE(why_unreadable(bytes, Inner()));
  }
  const std::string endless(11, '\xff');
  EXPECT_FALSE(why_unreadable(endless, Inner()));
}

}  // namespace
}  // namespace conveyor::codec
