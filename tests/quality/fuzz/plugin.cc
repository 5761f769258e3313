// What a plugin says of itself, and its answers about a batch.
#include <array>
#include <cstring>

#include "conveyor/error.h"
#include "quality/fuzz/input.h"
#include "vision/plugin/plugin_table.h"

namespace {

using conveyor::fuzz::Input;

/// Texts of the input, which end with a zero byte, or none.
class Texts {
 public:
  const char* next(Input& input) {
    const int kind = input.byte();
    if (kind % 8 == 0) return nullptr;
    std::string& text = texts_.at(used_++);
    text = input.rest().substr(0, static_cast<std::size_t>(kind) * 32);
    text = text.c_str();  // up to the first zero byte
    for (std::size_t i = 0; i < text.size(); ++i) input.byte();
    return text.c_str();
  }

 private:
  std::array<std::string, 16> texts_;
  std::size_t used_ = 0;
};

void check_card(Input& input) {
  Texts texts;
  std::array<const char*, 4> labels{};
  for (const char*& label : labels) label = texts.next(input);
  conveyor_card card{};
  card.name = texts.next(input);
  card.version = texts.next(input);
  card.sha256 = texts.next(input);
  card.preprocess = texts.next(input);
  card.labels = labels.data();
  card.label_count = static_cast<std::size_t>(input.byte()) % 5;
  card.struct_size = static_cast<std::uint32_t>(input.byte() % 2 == 0 ? sizeof card : input.word());
  try {
    const auto found = conveyor::vision::card_of_plugin(&card);
    conveyor::fuzz::expect(!found.name.empty() && found.name.size() <= CONVEYOR_PLUGIN_MAX_TEXT, "a card has a name");
  } catch (const conveyor::Error&) {
  }
}

void check_table(Input& input) {
  conveyor_plugin table{};
  table.abi_major = static_cast<std::uint32_t>(input.byte() % 3);
  table.abi_minor = static_cast<std::uint32_t>(input.byte());
  table.struct_size = static_cast<std::uint32_t>(input.byte() % 2 == 0 ? sizeof table : input.word());
  try {
    conveyor::vision::check_plugin_table(&table);
    conveyor::fuzz::expect(false, "a table without functions is refused");
  } catch (const conveyor::Error&) {
  }
}

void answer(Input& input) {
  std::array<conveyor::vision::Outcome, 4> outcomes;
  conveyor::vision::PluginAnswers answers(outcomes);
  const conveyor_answers& table = answers.table();
  while (!input.rest().empty()) {
    const int what = input.byte();
    const auto image = static_cast<std::size_t>(input.byte() % 6);
    const std::string name(input.rest().substr(0, static_cast<std::size_t>(input.byte())));
    std::array<char, sizeof(double)> bytes{};
    for (char& byte : bytes) byte = static_cast<char>(input.byte());
    double score = 0;
    std::memcpy(&score, bytes.data(), sizeof score);
    const auto number = static_cast<float>(score);
    switch (what % 4) {
      case 0:
        table.label(table.context, image, name.data(), name.size(), score, what - 100);
        break;
      case 1:
        table.detection(table.context, image, name.data(), name.size(), score, what - 100, {0, number, number, 1});
        break;
      case 2:
        table.nothing_found(table.context, image);
        break;
      default:
        table.failed(table.context, image, what / 4 % 5, name.data(), name.size());
    }
  }
  for (const auto& outcome : outcomes) {
    conveyor::fuzz::expect(outcome.reason().size() <= CONVEYOR_PLUGIN_MAX_REASON + 256, "reasons are cut");
    conveyor::fuzz::expect(outcome.labels().size() <= CONVEYOR_PLUGIN_MAX_LABELS, "answers are bounded");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  switch (input.byte() % 3) {
    case 0:
      check_card(input);
      break;
    case 1:
      check_table(input);
      break;
    default:
      answer(input);
  }
  return 0;
}
