#include "cli/output/table.h"

#include <gtest/gtest.h>

namespace conveyor::cli {
namespace {

TEST(Table, AlignsItsColumnsByCharacters) {
  Table table({{"NAME"}, {"COUNT", Table::Align::kRight}, {"NOTE"}});
  table.add({"orders", "7", "new"});
  table.add({"küche", "12345678", ""});
  EXPECT_EQ(table.text(false),
            "NAME       COUNT  NOTE\n"
            "orders         7  new\n"
            "küche   12345678\n");
}

TEST(Table, ShowsControlCharactersAsTextAndColoursWhereWanted) {
  Table table({{"NAME"}, {"LAG"}});
  table.add({"a\x1b[2J", {"7", Style::kWarning}});
  EXPECT_EQ(table.text(false),
            "NAME      LAG\n"
            "a\\x1b[2J  7\n");
  EXPECT_EQ(table.text(true),
            "\x1b[1mNAME\x1b[0m      \x1b[1mLAG\x1b[0m\n"
            "a\\x1b[2J  \x1b[33m7\x1b[0m\n");
}

}  // namespace
}  // namespace conveyor::cli
