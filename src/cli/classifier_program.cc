#include "cli/classifier_program.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>

#include "cli/command.h"

namespace conveyor::cli {
namespace {

constexpr const char* kProgram = "conveyor-classifier";

}  // namespace

std::vector<std::filesystem::path> classifier_programs(const std::filesystem::path& command) {
  const std::filesystem::path folder = command.parent_path();
  return {folder / kProgram, (folder / CONVEYOR_CLI_LIBEXEC / kProgram).lexically_normal()};
}

int run_classifier_program(char** argv) {
  std::error_code error;
  const std::filesystem::path command = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) {
    fmt::print(stderr, "conveyor: /proc/self/exe, which says where this command is, cannot be read: {}\n",
               error.message());
    return kFailed;
  }
  const auto programs = classifier_programs(command);
  for (const auto& program : programs) {
    if (!std::filesystem::exists(program, error)) continue;
    argv[1] = argv[0];  // "classifier" is part of the program's name
    execv(program.c_str(), argv + 1);
    fmt::print(stderr, "conveyor: {} cannot be run: {}\n", program.string(), std::strerror(errno));
    return kFailed;
  }
  fmt::print(stderr,
             "conveyor: this installation has no classifiers: there is neither {} nor {}. Build Conveyor with "
             "CONVEYOR_VISION=ON, or install the package that has this file.\n",
             programs[0].string(), programs[1].string());
  return kFailed;
}

}  // namespace conveyor::cli
