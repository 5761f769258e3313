#include "cli/classifier_program.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <vector>

namespace conveyor::cli {
namespace {

TEST(ClassifierProgram, IsLookedForBesideTheCommandAndWhereItIsInstalled) {
  EXPECT_EQ(classifier_programs("/opt/conveyor/bin/conveyor"),
            (std::vector<std::filesystem::path>{"/opt/conveyor/bin/conveyor-classifier",
                                                "/opt/conveyor/libexec/conveyor/conveyor-classifier"}));
}

}  // namespace
}  // namespace conveyor::cli
