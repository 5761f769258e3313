#include "vision/onnx/onnx_metadata.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "unit/vision/onnx_writer.h"

namespace conveyor::vision {
namespace {

using Labels = std::vector<std::string>;

/// A file of nothing but a graph and metadata.
template <class F>
auto with(const std::vector<std::pair<std::string, std::string>>& entries, F use) {
  std::string file = onnx_writer::model(onnx_writer::Graph{}.text());
  for (const auto& [key, value] : entries) file += onnx_writer::metadata(key, value);
  return use(read_onnx_model(file));
}
Labels labels(const std::string& key, const std::string& value) { return with({{key, value}}, labels_in); }

TEST(OnnxMetadata, HasTheNamesOfUltralytics) {
  EXPECT_EQ(labels("names", "{0: 'person', 1: 'bicycle', 2: 'car'}"), (Labels{"person", "bicycle", "car"}));
  EXPECT_EQ(labels("names", "{1: 'b', 0: 'a'}"), (Labels{"a", "b"}));
  EXPECT_EQ(labels("names", R"({0: "driver's cab", 1: 'a "b"', 2: 'c\\d', 3: 'it\'s', 4: 'a, {b}: [c]'})"),
            (Labels{"driver's cab", "a \"b\"", "c\\d", "it's", "a, {b}: [c]"}));
  EXPECT_EQ(labels("names", R"({0: 'caf\xe9', 1: '\u5f00', 2: '猫'})"), (Labels{"café", "开", "猫"}));
  EXPECT_EQ(labels("names", "['a', 'b']"), (Labels{"a", "b"}));
}

TEST(OnnxMetadata, HasNamesInJson) {
  EXPECT_EQ(labels("names", "[\"a\",\n \"b\"]"), (Labels{"a", "b"}));
  EXPECT_EQ(labels("names", R"({"0": "a", "1": "b"})"), (Labels{"a", "b"}));
}

TEST(OnnxMetadata, HasTheCharactersOfPaddlePaddle) {
  EXPECT_EQ(labels("character", "0\n90\n180\n270"), (Labels{"0", "90", "180", "270"}));
  EXPECT_EQ(labels("character", "a\r\nb\n"), (Labels{"a", "b"}));
}

TEST(OnnxMetadata, WhatCannotBeReadIsNoLabel) {
  for (const char* names : {"",
                            "{",
                            "[",
                            "{}",
                            "[]",
                            "person",
                            "{0: 'a'",
                            "{0 'a'}",
                            "{0: a}",
                            "{0: 'a' 1: 'b'}",
                            "{1: 'a'}",
                            "{0: 'a', 2: 'b'}",
                            "{0: 'a', 0: 'b'}",
                            "{-1: 'a'}",
                            "{0: 'a'} {",
                            "[,]",
                            "['a' 'b']",
                            "['a",
                            R"(['\q'])",
                            R"(['\x4'])",
                            R"(['\ud83d'])",
                            "['\xff']",
                            "{99999999999999999999999: 'a'}",
                            "{'0: 'a'}"}) {
    EXPECT_TRUE(labels("names", names).empty()) << names;
  }
  EXPECT_TRUE(labels("character", "\xff").empty());
  EXPECT_TRUE(labels("author", "['a']").empty());
  EXPECT_TRUE(with({}, labels_in).empty());
}

TEST(OnnxMetadata, SaysWhatANetworkIsFor) {
  const auto wrong = [](const char* task, bool detector) {
    return with({{"task", task}}, [&](const OnnxModel& model) { return wrong_task(model, detector); });
  };
  for (const char* task : {"pose", "obb", "segment"}) {
    EXPECT_NE(wrong(task, true).find(std::string("task=") + task), std::string::npos);
    EXPECT_NE(wrong(task, false).find(std::string("task=") + task), std::string::npos);
  }
  EXPECT_EQ(wrong("detect", true), "");
  EXPECT_EQ(wrong("classify", false), "");
  EXPECT_NE(wrong("detect", false), "");
  EXPECT_NE(wrong("classify", true), "");
  EXPECT_EQ(wrong("something", true), "");
}

}  // namespace
}  // namespace conveyor::vision
