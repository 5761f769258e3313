#include "support/picture_store.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace support {
namespace {

class Pictures : public ::testing::Test {
 protected:
  Pictures() { std::filesystem::remove_all(folder_); }
  ~Pictures() override { std::filesystem::remove_all(folder_); }

  static StoredPicture picture(std::int64_t frame, int count, std::string source = "gate") {
    return {.source = std::move(source),
            .frame = frame,
            .captured_us = frame * 1'000'000,
            .count = count,
            .labels = {count > 0 ? "person" : "nobody"},
            .details = {{"best", 0.5}}};
  }
  static std::vector<std::int64_t> frames(const std::vector<StoredPicture>& pictures) {
    std::vector<std::int64_t> numbers;
    for (const auto& each : pictures) numbers.push_back(each.frame);
    return numbers;
  }
  std::size_t files() const {
    std::size_t count = 0;
    for (const auto& file : std::filesystem::directory_iterator(folder_)) count += file.path().extension() == ".jpg";
    return count;
  }

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("picture_store_test." + std::to_string(getpid()));
};

using Frames = std::vector<std::int64_t>;

TEST_F(Pictures, AreFoundNewestFirstByTimeCountLabelAndSource) {
  PictureStore store(folder_);
  store.add(picture(1, 0), "one");
  store.add(picture(2, 3), "two");
  store.add(picture(3, 5, "yard"), "three");
  EXPECT_EQ(frames(store.find({})), (Frames{3, 2, 1}));
  EXPECT_EQ(frames(store.find({.limit = 2})), (Frames{3, 2}));
  EXPECT_EQ(frames(store.find({.from_us = 2'000'000})), (Frames{3, 2}));
  EXPECT_EQ(frames(store.find({.to_us = 2'000'000})), (Frames{2, 1}));
  EXPECT_EQ(frames(store.find({.least = 3, .most = 4})), (Frames{2}));
  EXPECT_EQ(frames(store.find({.label = "nobody"})), (Frames{1}));
  EXPECT_EQ(frames(store.find({.source = "yard"})), (Frames{3}));
}

TEST_F(Pictures, AreThereAgainAfterARestart) {
  PictureStore(folder_).add(picture(7, 2), "seven");
  const PictureStore store(folder_);
  const auto found = store.find({});
  ASSERT_EQ(frames(found), (Frames{7}));
  EXPECT_EQ(to_json(found[0]), to_json({.source = "gate",
                                        .frame = 7,
                                        .captured_us = 7'000'000,
                                        .count = 2,
                                        .labels = {"person"},
                                        .details = {{"best", 0.5}},
                                        .file = found[0].file}));
  EXPECT_EQ(store.jpeg(found[0].file), "seven");
}

TEST_F(Pictures, WhoseEntryWasCutShortAreLeftOut) {
  {
    PictureStore store(folder_);
    store.add(picture(1, 1), "one");
    store.add(picture(2, 1), "two");
  }
  const auto index = folder_ / "index.jsonl";
  std::filesystem::resize_file(index, std::filesystem::file_size(index) - 10);
  {
    PictureStore store(folder_);
    EXPECT_EQ(frames(store.find({})), (Frames{1}));
    store.add(picture(3, 1), "three");
  }
  EXPECT_EQ(frames(PictureStore(folder_).find({})), (Frames{3, 1}));
}

TEST_F(Pictures, OldestAreDeletedWhenThereAreTooMany) {
  {
    PictureStore store(folder_, 3);
    for (int frame = 0; frame < 20; ++frame) store.add(picture(frame, 1), "picture");
    EXPECT_EQ(frames(store.find({})), (Frames{19, 18, 17}));
    EXPECT_EQ(files(), 3U);
  }
  std::ifstream index(folder_ / "index.jsonl");
  int lines = 0;
  for (std::string line; std::getline(index, line);) ++lines;
  EXPECT_LE(lines, 8);  // it is written anew when most of it is gone
  EXPECT_EQ(frames(PictureStore(folder_, 2).find({})), (Frames{19, 18}));
}

TEST_F(Pictures, AreGivenOnlyByNamesOfTheIndex) {
  PictureStore store(folder_);
  const std::string file = store.add(picture(1, 1, "../up"), "one");
  EXPECT_EQ(store.find({})[0].file, file);
  EXPECT_EQ(std::filesystem::path(file).filename(), file);
  EXPECT_EQ(store.jpeg(file), "one");
  EXPECT_EQ(store.jpeg("index.jsonl"), std::nullopt);
  EXPECT_EQ(store.jpeg("../" + file), std::nullopt);
}

TEST_F(Pictures, OfAnIndexThatLeadsOutOfItsFolderAreLeftOut) {
  std::filesystem::create_directories(folder_);
  std::ofstream(folder_ / "index.jsonl")
      << R"({"source":"a","frame":1,"captured_us":1,"count":1,"labels":[],"details":null,"file":"../index.jsonl"})"
      << '\n';
  EXPECT_EQ(PictureStore(folder_).size(), 0U);
}

TEST_F(Pictures, AreStoredByOneProcessAtATime) {
  const PictureStore first(folder_);
  EXPECT_THROW(PictureStore second(folder_), std::runtime_error);
}

TEST_F(Pictures, ThatCannotBeWrittenAreAnErrorThatNamesTheFolder) {
  std::ofstream(folder_.string()) << "a file";
  try {
    PictureStore store(folder_);
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find(folder_.string()), std::string::npos) << error.what();
  }
}

std::string refusal(const std::map<std::string, std::string>& parameters) {
  try {
    (void)parse_query(parameters);
    return "taken";
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

TEST(PictureQuery, ReadsParameters) {
  const PictureQuery query = parse_query({{"from", "1970-01-01T00:00:01Z"},
                                          {"to", "1970-01-01T00:00:02.5Z"},
                                          {"least", "2"},
                                          {"most", "4"},
                                          {"label", "person"},
                                          {"source", "gate"},
                                          {"limit", "7"}});
  EXPECT_EQ(query.from_us, 1'000'000);
  EXPECT_EQ(query.to_us, 2'500'000);
  EXPECT_EQ(query.least, 2);
  EXPECT_EQ(query.most, 4);
  EXPECT_EQ(query.label, "person");
  EXPECT_EQ(query.source, "gate");
  EXPECT_EQ(query.limit, 7U);
  EXPECT_EQ(parse_query({{"from", ""}, {"least", ""}}).least, std::nullopt);
}

TEST(PictureQuery, NamesTheParameterThatIsWrong) {
  EXPECT_EQ(refusal({{"from", "noon"}}), "from must be a time in UTC, such as 2026-11-29T10:00:00Z");
  EXPECT_EQ(refusal({{"least", "2x"}}), "least must be a whole number");
  EXPECT_EQ(refusal({{"limit", "0"}}), "limit must be from 1 to 500");
  EXPECT_EQ(refusal({{"limit", "-1"}}), "limit must be a whole number");
  EXPECT_EQ(refusal({{"lest", "2"}}),
            "there is no parameter lest; there are from, to, least, most, label, source and limit");
}

}  // namespace
}  // namespace support
