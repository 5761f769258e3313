#include "cli/output/findings.h"

#include <gtest/gtest.h>

#include <string>

namespace conveyor::cli {
namespace {

TEST(Findings, AreLinesForPeople) {
  Findings findings;
  findings.add("name", "egg");
  findings.add("version", "");
  findings.add("sha256", "a\x1b[2J");
  findings.add("ms_to_load", "1.5 (once)", "1.5");
  EXPECT_EQ(findings.lines(),
            "name            egg\n"
            "version         -\n"
            "sha256          a\\x1b[2J\n"
            "ms_to_load      1.5 (once)\n");
}

TEST(Findings, AreOneObjectForPrograms) {
  Findings findings;
  EXPECT_EQ(findings.object(), "{}\n");
  findings.add("name", "an \"egg\"");
  findings.add("ms_to_load", "1.5 (once)", "1.5");
  findings.add("labels", "2: egg, ...", R"(["egg","no egg"])");
  EXPECT_EQ(findings.object(), R"({"name":"an \"egg\"","ms_to_load":1.5,"labels":["egg","no egg"]})"
                               "\n");
}

TEST(Findings, CutLongTextsForPeopleAlone) {
  Findings findings;
  findings.add("name", std::string(201, 'a'));
  EXPECT_EQ(findings.lines(), "name            " + std::string(200, 'a') + "...\n");
  EXPECT_EQ(findings.object(), "{\"name\":\"" + std::string(201, 'a') + "\"}\n");
}

}  // namespace
}  // namespace conveyor::cli
