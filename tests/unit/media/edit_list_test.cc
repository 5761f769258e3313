#include "media/edit_list.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>

namespace conveyor::media {
namespace {

std::string number(std::uint64_t value, int bytes = 4) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) text += static_cast<char>(value >> (8 * i));
  return text;
}

std::string box(std::string_view type, const std::string& content) {
  return number(content.size() + 8) + std::string(type) + content;
}

std::string header(std::string_view type, std::uint64_t scale, std::uint64_t duration) {
  return box(type, number(0) + number(0, 8) + number(scale) + number(duration));
}

std::string track(std::string_view handler, std::uint64_t scale, std::uint64_t duration, const std::string& edits) {
  return box("trak", box("edts", edits) + box("mdia", header("mdhd", scale, duration) +
                                                          box("hdlr", number(0, 8) + std::string(handler))));
}

std::string edit(std::uint64_t duration, std::uint64_t media_time) {
  return number(duration) + number(media_time) + number(0x10000);
}

std::string movie(const std::string& tracks) {
  return box("ftyp", "isom") + box("mdat", std::string(100, 'x')) + box("moov", header("mvhd", 1'000, 0) + tracks);
}

std::optional<double> share_of(const std::string& bytes) {
  std::istringstream file(bytes);
  return shown_share(file);
}

// Four seconds of a media time of 12,800 a second, in a movie of 1000 a second.
std::string with_edits(const std::string& edits) {
  return movie(track("vide", 12'800, 51'200, box("elst", number(0) + edits)));
}

TEST(EditList, SaysWhichShareIsShown) {
  EXPECT_EQ(share_of(with_edits(number(1) + edit(4'000, 1'024))), 1);
  EXPECT_EQ(share_of(with_edits(number(1) + edit(1'000, 17'664))), 0.25);
  EXPECT_EQ(share_of(with_edits(number(2) + edit(1'000, 0) + edit(2'000, 25'600))), 0.75);
  EXPECT_EQ(share_of(with_edits(number(2) + edit(3'000, 0xFFFFFFFF) + edit(2'000, 0))), 0.5) << "three empty seconds";
  EXPECT_EQ(share_of(with_edits(number(1) + edit(9'000, 0))), 1) << "no more than there is";
}

TEST(EditList, IsReadInItsLongForm) {
  const std::string long_edits = number(0x01000000) + number(1) + number(2'000, 8) + number(0, 8) + number(0x10000);
  EXPECT_EQ(share_of(movie(track("vide", 12'800, 51'200, box("elst", long_edits)))), 0.5);
  const std::string media =
      box("mdhd", number(0x01000000) + std::string(16, '\0') + number(12'800) + number(51'200, 8)) +
      box("hdlr", number(0, 8) + "vide");
  const std::string edits = box("edts", box("elst", number(0) + number(1) + edit(1'000, 0)));
  EXPECT_EQ(share_of(movie(box("trak", edits + box("mdia", media)))), 0.25);
  const std::string moov = header("mvhd", 1'000, 0) + box("trak", edits + box("mdia", media));
  EXPECT_EQ(share_of(number(1) + "moov" + number(moov.size() + 16, 8) + moov), 0.25);
  EXPECT_EQ(share_of(number(0) + "moov" + moov), 0.25) << "to the end of the file";
}

TEST(EditList, IsThatOfTheVideo) {
  const auto edits = [](std::uint64_t duration) { return box("elst", number(0) + number(1) + edit(duration, 0)); };
  EXPECT_EQ(share_of(movie(track("soun", 12'800, 51'200, edits(1'000)) + track("vide", 12'800, 51'200, edits(2'000)))),
            0.5);
  EXPECT_EQ(share_of(movie(track("soun", 12'800, 51'200, edits(1'000)))), std::nullopt);
}

TEST(EditList, SaysNothingWhereItIsNotThereOrNotWhole) {
  EXPECT_EQ(share_of(""), std::nullopt);
  EXPECT_EQ(share_of("RIFF....AVI "), std::nullopt);
  EXPECT_EQ(share_of(movie(track("vide", 12'800, 51'200, ""))), std::nullopt);
  EXPECT_EQ(share_of(with_edits(number(1) + edit(0, 0))), std::nullopt) << "of a movie in fragments";
  EXPECT_EQ(share_of(with_edits(number(2) + edit(1'000, 0))), std::nullopt);
  EXPECT_EQ(share_of(with_edits(number(0xFFFFFFFF) + edit(1'000, 0))), std::nullopt);
  EXPECT_EQ(share_of(movie(track("vide", 0, 51'200, box("elst", number(0) + number(1) + edit(1'000, 0))))),
            std::nullopt);
  EXPECT_EQ(share_of(movie(track("vide", 12'800, 0xFFFFFFFF, box("elst", number(0) + number(1) + edit(1'000, 0))))),
            std::nullopt);
}

// Wherever it is cut or changed, it is read to an end.
TEST(EditList, IsNotTrusted) {
  const std::string whole = with_edits(number(1) + edit(1'000, 17'664));
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_EQ(share_of(whole.substr(0, size)), std::nullopt);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const char byte : {'\x00', '\x01', '\x7f', '\xff'}) {
      std::string changed = whole;
      changed[at] = byte;
      const auto share = share_of(changed);
      EXPECT_TRUE(!share || (*share > 0 && *share <= 1)) << at;
    }
  }
}

}  // namespace
}  // namespace conveyor::media
