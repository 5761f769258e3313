#include "web/url.h"

#include <gtest/gtest.h>

namespace web {
namespace {

using Query = std::map<std::string, std::string>;

TEST(Target, IsTakenApartAndDecoded) {
  const auto target = parse_target("/pictures/a%20b.jpg?from=2026-11-29T10%3A00&label=a+b&empty=&flag");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/pictures/a b.jpg");
  EXPECT_EQ(target->query, (Query{{"from", "2026-11-29T10:00"}, {"label", "a b"}, {"empty", ""}, {"flag", ""}}));
  EXPECT_EQ(parse_target("/")->path, "/");
  EXPECT_EQ(parse_target("/a+b")->path, "/a+b");
  EXPECT_TRUE(parse_target("/?&&=x")->query.empty());
}

TEST(Target, ThatIsNotWholeIsRefused) {
  for (const char* text : {"", "x", "http://other/", "/%", "/%4", "/%zz", "/?a=%f"}) {
    EXPECT_FALSE(parse_target(text)) << text;
  }
}

TEST(Local, AreTheNamesOfTheLoopbackInterfaceWithOurPort) {
  EXPECT_TRUE(is_local("127.0.0.1:8080", {}, 8080));
  EXPECT_TRUE(is_local("localhost:8080", "http://localhost:8080", 8080));
  EXPECT_TRUE(is_local("localhost", {}, 80));
  EXPECT_FALSE(is_local("127.0.0.1:8081", {}, 8080));
  EXPECT_FALSE(is_local("127.0.0.1", {}, 8080));
  EXPECT_FALSE(is_local("example.org:8080", {}, 8080));
  EXPECT_FALSE(is_local("", {}, 8080));
  EXPECT_FALSE(is_local("127.0.0.1:8080", "http://example.org", 8080));
  EXPECT_FALSE(is_local("127.0.0.1:8080", "null", 8080));
}

}  // namespace
}  // namespace web
