#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/edit_distance.h"
#include "conveyor/error.h"
#include "conveyor/vision/onnx.h"
#include "conveyor/vision/onnx_detector.h"
#include "vision/onnx/onnx_words.h"
#include "vision/read_file.h"

namespace conveyor::vision {
namespace {

using nlohmann::json;

[[noreturn]] void invalid(const std::string& what) { throw Error(errc::invalid_config, what); }

std::string text(const std::string& key, const json& value) {
  if (!value.is_string()) invalid(fmt::format("{} is no text", key));
  return value.get<std::string>();
}

bool flag(const std::string& key, const json& value) {
  if (!value.is_boolean()) invalid(fmt::format("{} is neither true nor false", key));
  return value.get<bool>();
}

double number(const std::string& key, const json& value) {
  if (!value.is_number()) invalid(fmt::format("{} is no number", key));
  return value.get<double>();
}

int whole(const std::string& key, const json& value) {
  constexpr int kMost = 1 << 24;
  const double read = number(key, value);
  if (read != std::floor(read) || read < 0 || read > kMost) invalid(fmt::format("{} is not from 0 to {}", key, kMost));
  return static_cast<int>(read);
}

std::array<double, 3> three(const std::string& key, const json& value) {
  if (value.is_number()) {
    const double all = number(key, value);
    return {all, all, all};
  }
  if (!value.is_array() || (value.size() != 1 && value.size() != 3)) {
    invalid(fmt::format("{} is neither one number nor a list of one or three", key));
  }
  std::array<double, 3> read{};
  for (std::size_t i = 0; i < read.size(); ++i) read[i] = number(key, value[value.size() == 1 ? 0 : i]);
  return read;
}

std::vector<std::string> texts(const std::string& key, const json& value) {
  if (!value.is_array()) invalid(fmt::format("{} is no list of texts", key));
  std::vector<std::string> read;
  for (const json& each : value) read.push_back(text(key, each));
  return read;
}

using Setter = std::function<void(const std::string& key, const json& value)>;
using Setters = std::map<std::string, Setter, std::less<>>;

void read_object(const std::string& where, const json& object, const Setters& setters) {
  if (!object.is_object()) invalid(fmt::format("{} is no object in braces", where));
  for (const auto& [key, value] : object.items()) {
    const auto found = setters.find(key);
    if (found == setters.end()) {
      std::vector<std::string> known;
      for (const auto& [name, setter] : setters) known.push_back(name);
      invalid(
          fmt::format("it has a key {} that is not known; did you mean {}? Known are: {}; notes for people belong "
                      "in about",
                      key, closest(key, known), fmt::join(known, ", ")));
    }
    found->second(key, value);
  }
}

template <class E, std::size_t N>
E word(const std::string& key, const json& value, const std::array<OnnxWord<E>, N>& words) {
  const auto read = value_of_word(words, text(key, value));
  if (!read) invalid(unknown_word(key, words));
  return *read;
}

Setters detector_setters(OnnxDetectorOptions& read) {
  return {{"head", [&](auto& key, auto& value) { read.head = word(key, value, kHeadWords); }},
          {"box_format", [&](auto& key, auto& value) { read.box_format = word(key, value, kBoxFormatWords); }},
          {"box_units", [&](auto& key, auto& value) { read.box_units = word(key, value, kBoxUnitsWords); }},
          {"background", [&](auto& key, auto& value) { read.background = word(key, value, kBackgroundWords); }},
          {"min_score", [&](auto& key, auto& value) { read.min_score = number(key, value); }},
          {"max_overlap", [&](auto& key, auto& value) { read.max_overlap = number(key, value); }},
          {"multi_label", [&](auto& key, auto& value) { read.multi_label = flag(key, value); }},
          {"max_detections", [&](auto& key, auto& value) { read.max_detections = whole(key, value); }}};
}

OnnxDetectorOptions parse_card(const std::string& bytes) {
  const json card = json::parse(bytes, nullptr, false);
  if (card.is_discarded()) invalid("it is not JSON");
  OnnxDetectorOptions detector;
  OnnxOptions& read = detector.network;
  const Setters input{{"width", [&](auto& key, auto& value) { read.width = whole(key, value); }},
                      {"height", [&](auto& key, auto& value) { read.height = whole(key, value); }},
                      {"rgb", [&](auto& key, auto& value) { read.rgb = flag(key, value); }},
                      {"layout", [&](auto& key, auto& value) { read.layout = word(key, value, kLayoutWords); }},
                      {"scale", [&](auto& key, auto& value) { read.scale = number(key, value); }},
                      {"white", [&](auto& key, auto& value) { read.white = number(key, value); }},
                      {"mean", [&](auto& key, auto& value) { read.mean = three(key, value); }},
                      {"deviation", [&](auto& key, auto& value) { read.deviation = three(key, value); }}};
  read_object("the card", card,
              {{"name", [&](auto& key, auto& value) { read.name = text(key, value); }},
               {"version", [&](auto& key, auto& value) { read.version = text(key, value); }},
               {"sha256", [&](auto& key, auto& value) { read.sha256 = text(key, value); }},
               {"preprocess", [&](auto& key, auto& value) { read.preprocess = text(key, value); }},
               {"labels", [&](auto& key, auto& value) { read.labels = texts(key, value); }},
               {"activation", [&](auto& key, auto& value) { read.activation = word(key, value, kActivationWords); }},
               {"outputs", [&](auto& key, auto& value) { read.outputs = texts(key, value); }},
               {"top", [&](auto& key, auto& value) { read.top = whole(key, value); }},
               {"input", [&](auto& key, auto& value) { read_object(key, value, input); }},
               {"detector", [&](auto& key, auto& value) { read_object(key, value, detector_setters(detector)); }},
               {"about", [](auto&, auto&) {}}});
  return detector;
}

}  // namespace

OnnxOptions read_model_card(const std::filesystem::path& model) { return read_detector_card(model).network; }

OnnxDetectorOptions read_detector_card(const std::filesystem::path& model) {
  std::filesystem::path beside = model;
  beside += ".json";
  std::filesystem::path instead = model;
  instead.replace_extension(".json");
  for (const std::filesystem::path& card : {beside, instead}) {
    if (!std::filesystem::exists(card)) continue;
    try {
      return parse_card(read_file(card, kMaxTextBytes));
    } catch (const Error& error) {
      throw Error(error.code(), fmt::format("model card {} cannot be used: {}", card.string(), error.what()));
    }
  }
  return {};
}

}  // namespace conveyor::vision
