#include "vision/plugin/plugin_table.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "unit/vision/expect_error.h"

namespace conveyor::vision {
namespace {

using Kind = Outcome::Kind;

conveyor_plugin whole_table() {
  return {
      CONVEYOR_PLUGIN_ABI_MAJOR,
      CONVEYOR_PLUGIN_ABI_MINOR,
      sizeof(conveyor_plugin),
      [](const char*, char*, std::size_t) -> void* { return nullptr; },
      [](const void*) -> const conveyor_card* { return nullptr; },
      [](const void*, char*, std::size_t) -> void* { return nullptr; },
      [](const void*) -> const conveyor_input* { return nullptr; },
      [](void*, const conveyor_image* const*, std::size_t, const conveyor_answers*, char*, std::size_t) { return 0; },
      [](void*) {},
      [](void*) {}};
}

TEST(PluginTable, TakesOlderAndNewerOnesOfItsAbi) {
  conveyor_plugin table = whole_table();
  check_plugin_table(&table);
  table.abi_minor = 9;
  table.struct_size = sizeof(table) + 400;  // with functions this host knows nothing of
  check_plugin_table(&table);
}

TEST(PluginTable, RefusesAnotherAbi) {
  for (const std::uint32_t major : {0U, 2U, 0xFFFFFFFFU}) {
    conveyor_plugin table = whole_table();
    table.abi_major = major;
    EXPECT_ERROR(errc::invalid_config, "it was built for version " + std::to_string(major) + ".0 of the plugin ABI",
                 check_plugin_table(&table));
  }
}

TEST(PluginTable, RefusesWhatIsTooSmallOrLacksAFunction) {
  EXPECT_ERROR(errc::invalid_config, "gives no table", check_plugin_table(nullptr));
  conveyor_plugin table = whole_table();
  table.struct_size = sizeof(table) - 1;
  EXPECT_ERROR(errc::invalid_config, "its table has 71 bytes; ABI 1.0 has 72", check_plugin_table(&table));
  table = whole_table();
  table.classify = nullptr;
  EXPECT_ERROR(errc::invalid_config, "no function classify", check_plugin_table(&table));
  table = whole_table();
  table.unload = nullptr;
  EXPECT_ERROR(errc::invalid_config, "no function unload", check_plugin_table(&table));
}

conveyor_card card_named(const char* name) {
  conveyor_card card{};
  card.struct_size = sizeof(card);
  card.name = name;
  return card;
}

TEST(PluginCard, IsReadAsItIs) {
  const std::array<const char*, 2> labels{"dark", nullptr};
  const std::string digest(64, 'f');
  const conveyor_card card{sizeof(card), "egg", "2.1", digest.c_str(), "resize(8,8)", labels.data(), 2};
  const ModelCard read = card_of_plugin(&card);
  EXPECT_EQ(read.name, "egg");
  EXPECT_EQ(read.version, "2.1");
  EXPECT_EQ(read.sha256, digest);
  EXPECT_EQ(read.preprocess, "resize(8,8)");
  EXPECT_EQ(read.labels, (std::vector<std::string>{"dark", ""}));
}

TEST(PluginCard, IsRefusedWhenItsTextsCannotBe) {
  EXPECT_ERROR(errc::invalid_config, "it has no card", (void)card_of_plugin(nullptr));
  conveyor_card card = card_named(nullptr);
  EXPECT_ERROR(errc::invalid_config, "no name", (void)card_of_plugin(&card));
  card.struct_size = 8;
  EXPECT_ERROR(errc::invalid_config, "its card has 8 bytes", (void)card_of_plugin(&card));
  card = card_named("\xFF\xFE");
  EXPECT_ERROR(errc::invalid_config, "name is not UTF-8", (void)card_of_plugin(&card));
  const std::string longest(CONVEYOR_PLUGIN_MAX_TEXT, 'x');
  card = card_named(longest.c_str());
  EXPECT_EQ(card_of_plugin(&card).name, longest);
  const std::string too_long = longest + 'x';
  card = card_named(too_long.c_str());
  EXPECT_ERROR(errc::invalid_config, "name has more than 1024 bytes", (void)card_of_plugin(&card));
  card = card_named("egg");
  card.sha256 = "0123";
  EXPECT_ERROR(errc::invalid_config, "sha256 is \"0123\"", (void)card_of_plugin(&card));
  card = card_named("egg");
  card.label_count = 3;
  EXPECT_ERROR(errc::invalid_config, "3 labels and no list", (void)card_of_plugin(&card));
  const char* const label = "egg";
  card.labels = &label;
  card.label_count = std::size_t{1} << 60;
  EXPECT_ERROR(errc::invalid_config, "65536 are the most", (void)card_of_plugin(&card));
}

TEST(PluginInput, IsReadWhenItIsLargeEnough) {
  const conveyor_input input{sizeof(input), 4, 5, 3, CONVEYOR_DEPTH_F32, 6};
  const InputSpec read = input_of_plugin(&input);
  EXPECT_TRUE(read.width == 4 && read.height == 5 && read.channels == 3 && read.depth == 5 && read.max_batch == 6);
  EXPECT_TRUE(read.order == ChannelOrder::kAny && read.white == 0);
  EXPECT_FALSE(names_channel_order(input));
  conveyor_input_pixels pixels{{sizeof(pixels), 4, 5, 3, CONVEYOR_DEPTH_F32, 6}, CONVEYOR_ORDER_RGB, 1};
  const InputSpec more = input_of_plugin(&pixels.input);
  EXPECT_TRUE(more.width == 4 && more.max_batch == 6 && more.order == ChannelOrder::kRgb && more.white == 1);
  EXPECT_TRUE(names_channel_order(pixels.input));
  pixels.order = 3;
  EXPECT_ERROR(errc::invalid_config, "a channel order that is not known, 3", (void)input_of_plugin(&pixels.input));
  const conveyor_input small{20, 4, 5, 3, 0, 6};
  EXPECT_ERROR(errc::invalid_config, "its input has 20 bytes", (void)input_of_plugin(&small));
  EXPECT_ERROR(errc::invalid_config, "no input", (void)input_of_plugin(nullptr));
}

class Answers : public ::testing::Test {
 protected:
  void label(std::size_t image, const char* name, std::size_t size) {
    answers_.table().label(answers_.table().context, image, name, size, 0.5, -1);
  }
  void failed(std::size_t image, int kind, std::string_view reason) {
    answers_.table().failed(answers_.table().context, image, kind, reason.data(), reason.size());
  }

  std::array<Outcome, 3> outcomes_;
  PluginAnswers answers_{outcomes_};
};

TEST_F(Answers, BecomeTheOutcomesOfTheirImages) {
  label(0, "egg", 3);
  answers_.table().detection(answers_.table().context, 0, "yolk", 4, 0.25, 7, {1, 2, 3, 4});
  answers_.table().nothing_found(answers_.table().context, 1);
  EXPECT_EQ(outcomes_[0].labels().at(0).name, "egg");
  EXPECT_EQ(outcomes_[0].detections().at(0).label.index, 7);
  EXPECT_EQ(outcomes_[0].detections().at(0).box, (Box{1, 2, 3, 4}));
  EXPECT_EQ(outcomes_[1].kind(), Kind::kPrediction);
  EXPECT_EQ(outcomes_[2].kind(), Kind::kUnset);
  EXPECT_EQ(answers_.broken_rule(), "");
}

TEST_F(Answers, SayWhyAnImageFailed) {
  failed(0, CONVEYOR_BAD_INPUT, "too dark");
  failed(1, CONVEYOR_RETRY, std::string(10'000, 'x') + "y");
  failed(2, 99, "\xFFwhy");
  EXPECT_EQ(outcomes_[0].kind(), Kind::kBadInput);
  EXPECT_EQ(outcomes_[0].reason(), "too dark");
  EXPECT_EQ(outcomes_[1].kind(), Kind::kRetryable);
  EXPECT_EQ(outcomes_[1].reason().size(), std::size_t{CONVEYOR_PLUGIN_MAX_REASON});
  EXPECT_EQ(outcomes_[2].kind(), Kind::kFault);
  EXPECT_EQ(outcomes_[2].reason(), "it failed in a way that is not known, 99: \xEF\xBF\xBDwhy");
}

TEST_F(Answers, AboutAnImageOutsideTheBatchFailTheBatch) {
  label(3, "egg", 3);
  EXPECT_EQ(answers_.broken_rule(), "it answered about image 3 of 3, counted from 0");
  for (const Outcome& outcome : outcomes_) EXPECT_EQ(outcome.kind(), Kind::kUnset);
}

TEST_F(Answers, WithoutANameOrWithALongOneAreFaults) {
  label(0, nullptr, 5);
  label(1, "x", std::size_t{1} << 40);  // must not be read
  label(2, nullptr, 0);
  EXPECT_EQ(outcomes_[0].reason(), "it gave a label without a name");
  EXPECT_EQ(outcomes_[1].reason(), "it gave a label of 1099511627776 bytes; 1024 are the most");
  EXPECT_EQ(outcomes_[2].kind(), Kind::kPrediction);
}

TEST_F(Answers, AreNotTakenWithoutEnd) {
  for (int i = 0; i <= CONVEYOR_PLUGIN_MAX_LABELS; ++i) label(0, "egg", 3);
  EXPECT_EQ(outcomes_[0].kind(), Kind::kFault);
  EXPECT_EQ(outcomes_[0].reason(), "it gave more than 65536 answers about one image");
}

}  // namespace
}  // namespace conveyor::vision
