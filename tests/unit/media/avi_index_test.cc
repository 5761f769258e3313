#include "media/avi_index.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <sstream>
#include <string>
#include <string_view>

namespace conveyor::media {
namespace {

std::string number(std::uint32_t value) {
  std::string text;
  for (int i = 0; i < 4; ++i) text += static_cast<char>(value >> (8 * i));
  return text;
}

std::string chunk(std::string_view name, const std::string& content) {
  return std::string(name) + number(static_cast<std::uint32_t>(content.size())) + content +
         std::string(content.size() % 2, '\0');
}

std::string list(std::string_view type, const std::string& content) {
  return chunk("LIST", std::string(type) + content);
}

std::string stream(std::string_view type) { return list("strl", chunk("strh", std::string(type) + "MJPG")); }

std::string entry(std::string_view name, std::uint32_t size) {
  return std::string(name) + number(16) + number(4) + number(size);
}

std::string avi(const std::string& streams, const std::string& index) {
  return chunk("RIFF", "AVI " + list("hdrl", chunk("avih", "odd") + streams) + list("movi", std::string(33, 'x')) +
                           chunk("JUNK", "") + index);
}

std::int64_t empty_in(const std::string& bytes) {
  std::istringstream file(bytes);
  return empty_frames(file);
}

TEST(AviIndex, CountsFramesWithoutAPicture) {
  const std::string entries = entry("00dc", 10) + entry("00dc", 0) + entry("00db", 0) + entry("00dc", 5);
  EXPECT_EQ(empty_in(avi(stream("vids"), chunk("idx1", entries))), 2);
  EXPECT_EQ(empty_in(avi(stream("vids"), chunk("idx1", entry("00dc", 10)))), 0);
}

TEST(AviIndex, CountsThoseOfTheFirstVideo) {
  const std::string entries = entry("00wb", 0) + entry("01dc", 0) + entry("01dc", 7) + entry("02dc", 0);
  EXPECT_EQ(empty_in(avi(stream("auds") + stream("vids") + stream("vids"), chunk("idx1", entries))), 1);
  EXPECT_EQ(empty_in(avi(stream("auds"), chunk("idx1", entries))), 0);
}

TEST(AviIndex, IsNotTrusted) {
  EXPECT_EQ(empty_in(""), 0);
  EXPECT_EQ(empty_in(avi(stream("vids"), "")), 0) << "cut short";
  EXPECT_EQ(empty_in("....ftypisom"), 0);
  const std::string whole = avi(stream("vids"), chunk("idx1", entry("00dc", 0) + entry("00dc", 0)));
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_LE(empty_in(whole.substr(0, size)), 1) << size;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const char byte : {'\x00', '\x01', '\x7f', '\xff'}) {
      std::string changed = whole;
      changed[at] = byte;
      EXPECT_LE(empty_in(changed), 2) << at;
    }
  }
}

}  // namespace
}  // namespace conveyor::media
