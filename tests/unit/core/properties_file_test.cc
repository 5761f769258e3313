#include "settings/properties_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "conveyor/error.h"
#include "support/errors.h"

namespace conveyor {
namespace {

using tests::contains;
using tests::thrown_by;
using namespace std::string_literals;

std::string name_and_value(const PropertyLine& line) { return line.name + "=" + line.value; }

/// What a file with one setting says.
std::string read_one(std::string_view text) {
  const auto lines = parse_properties(text, "f");
  EXPECT_EQ(lines.size(), 1U) << text;
  return lines.empty() ? std::string() : name_and_value(lines.front());
}

TEST(PropertiesFile, ReadsTheFormatOfJava) {
  EXPECT_EQ(read_one("a=b"), "a=b");
  EXPECT_EQ(read_one("  a = b \r\n"), "a=b");
  EXPECT_EQ(read_one("a:b"), "a=b");
  EXPECT_EQ(read_one("a b"), "a=b");
  EXPECT_EQ(read_one("a\t:  b=c"), "a=b=c");
  EXPECT_EQ(read_one("sasl.password: Secret8888="), "sasl.password=Secret8888=");
  EXPECT_EQ(read_one("sasl.password Secret8888="), "sasl.password=Secret8888=");
  EXPECT_EQ(read_one("a="), "a=");
  EXPECT_EQ(read_one("a"), "a=");
  EXPECT_EQ(read_one("# c\n ! c\n\n\ra=b\n#"), "a=b");
  EXPECT_EQ(read_one("a=b # c"), "a=b # c");
  EXPECT_EQ(read_one("a=b,\\\n   c\\\r\n\td"), "a=b,cd");
  EXPECT_EQ(read_one("a\\\n  b=c"), "ab=c");
  EXPECT_EQ(read_one("# a comment is not continued \\\na=b"), "a=b");
  EXPECT_EQ(read_one("a=b\\"), "a=b");
  EXPECT_EQ(read_one("a=\\t\\n\\r\\f\\\\\\=\\:\\#\\x"), "a=\t\n\r\f\\=:#x");
  EXPECT_EQ(read_one("a\\=b\\:c\\ d=e"), "a=b:c d=e");
  EXPECT_EQ(read_one("a=\\u00e9\\u20AC\\uD83D\\ude00"), "a=\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
  EXPECT_EQ(read_one("a=caf\xC3\xA9"), "a=caf\xC3\xA9");
}

TEST(PropertiesFile, KeepsEscapedBlanksAroundAValue) {
  EXPECT_EQ(read_one("a=\\ secret\\ "), "a= secret ");
  EXPECT_EQ(read_one("a=\\  secret \\  \t"), "a=  secret  ");
  EXPECT_EQ(read_one("a=\\u0020secret\\u0020"), "a= secret ");
}

TEST(PropertiesFile, PassesOverTheMarkOfUtf8) {
  EXPECT_EQ(read_one("\xEF\xBB\xBF"
                     "a=b"),
            "a=b");
}

TEST(PropertiesFile, NumbersLinesAsEditorsDo) {
  const auto lines = parse_properties("a=1\r\n\nb=2\\\n3\rc=4", "f");
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0].line, 1);
  EXPECT_EQ(lines[1].line, 3);
  EXPECT_EQ(name_and_value(lines[1]), "b=23");
  EXPECT_EQ(lines[2].line, 5);
}

TEST(PropertiesFile, TellsASettingFromASentence) {
  EXPECT_FALSE(parse_properties("a=b", "f")[0].by_blank);
  EXPECT_FALSE(parse_properties("a : b", "f")[0].by_blank);
  EXPECT_TRUE(parse_properties("a b=c", "f")[0].by_blank);
}

TEST(PropertiesFile, RefusesWhatCannotBeMeantNamingTheLine) {
  struct Case {
    std::string text;
    std::string_view says;
  };
  const Case cases[] = {
      {"a=b\nc=Abc\0Tail"s, "f:2: a NUL byte"},
      {"a\0b=c"s, "f:1: a NUL byte"},
      {"a=\\\0"s, "f:1: a NUL byte"},
      {"a=\\u0000", "NUL"},
      {"a=\\u12", "four hexadecimal digits"},
      {"a=\\uD83Dx", "surrogate"},
      {"a=\\ude00", "surrogate"},
      {"=b", "not of the form name=value"},
      {"\xFF\xFE"
       "a\0=\0"s,
       "UTF-16"},
      {"\xFE\xFF\0a\0="s, "UTF-16"},
      {"a\0=\0b\0"s, "UTF-16"},
      {"\n" + std::string(256, 'n') + "=v", "f:2: a name is longer than 255 bytes"},
  };
  for (const Case& one : cases) {
    const auto thrown = thrown_by([&] { (void)parse_properties(one.text, "f"); });
    EXPECT_EQ(thrown.code, errc::invalid_config) << one.says;
    EXPECT_TRUE(contains(thrown.text, one.says));
  }
}

TEST(PropertiesFile, MustBeAFileOfASensibleSize) {
  const auto folder = std::filesystem::temp_directory_path();
  EXPECT_TRUE(contains(thrown_by([&] { (void)read_properties_file(folder); }).text, folder.string()));
  EXPECT_TRUE(contains(thrown_by([] { (void)read_properties_file("/no/such/file"); }).text, "No such file"));
  const auto endless = thrown_by([] { (void)read_properties_file("/dev/zero"); });
  EXPECT_EQ(endless.code, errc::invalid_config);
  EXPECT_TRUE(contains(endless.text, "larger than 1048576 bytes"));
}

}  // namespace
}  // namespace conveyor
