#include "codec/header_list.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace conveyor::codec {
namespace {

TEST(HeaderList, KeepsHeadersInTheirOrderHoweverManyThereAre) {
  std::vector<std::string> names;
  for (int i = 0; i < 100; ++i) names.push_back("header " + std::to_string(i));
  HeaderList list;
  EXPECT_TRUE(list.all().empty());
  for (std::size_t count = 1; count <= names.size(); ++count) {
    list.add(names[count - 1], "value");
    ASSERT_EQ(list.all().size(), count);
    for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(list.all()[i].name, names[i]) << count;
  }
}

TEST(HeaderList, TellsAHeaderWithoutAValueFromAnEmptyOne) {
  const Header null{"null", "", true};
  const Header empty{"empty", ""};
  HeaderList list;
  list.add(HeaderView::of(null));
  list.add(HeaderView::of(empty));
  EXPECT_TRUE(list.all()[0].is_null());
  EXPECT_FALSE(list.all()[1].is_null());
}

}  // namespace
}  // namespace conveyor::codec
