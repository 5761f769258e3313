#include "vision/read_file.h"

#include <gtest/gtest.h>

#include <string>

#include "unit/vision/expect_error.h"
#include "unit/vision/temporary_folder.h"

namespace conveyor::vision {
namespace {

TEST(ReadFile, GivesEveryByte) {
  const TemporaryFolder folder("read_file_test");
  const std::string bytes("a\0\r\n\xFF", 5);
  EXPECT_EQ(read_file(folder.write("bytes", bytes), 5), bytes);
  EXPECT_EQ(read_file(folder.write("empty", ""), 5), "");
}

TEST(ReadFile, RefusesWhatIsTooLongOrNoFile) {
  const TemporaryFolder folder("read_file_test");
  const auto file = folder.write("bytes", "123456");
  EXPECT_ERROR(errc::invalid_config, "it has 6 bytes; at most 5 are read", (void)read_file(file, 5));
  EXPECT_ERROR(errc::invalid_config, "there is no such file", (void)read_file(folder / "missing", 5));
  EXPECT_ERROR(errc::invalid_config, "there is no such file", (void)read_file(folder / ".", 5));
}

}  // namespace
}  // namespace conveyor::vision
