#ifndef CONVEYOR_SRC_CLI_CLASSIFIER_PROGRAM_H_
#define CONVEYOR_SRC_CLI_CLASSIFIER_PROGRAM_H_

#include <filesystem>
#include <vector>

// `conveyor classifier` is a program of its own, so that no other command loads OpenCV, its codecs and ONNX Runtime:
// more than a hundred libraries. The command becomes that program, so that signals, standard streams and the exit code
// are the program's without anything in between.

namespace conveyor::cli {

inline constexpr const char* kClassifierPurpose = "Check a model or plugin before a service gets it.";

/// Where that program may be, the first that is there counts: beside the command, as in a build folder, or where it is
/// installed relative to the command.
/// @param command the file of the command itself, without symbolic links
[[nodiscard]] std::vector<std::filesystem::path> classifier_programs(const std::filesystem::path& command);

/// Replaces this process by that program. Returns only where it cannot, after saying why on standard error.
/// @param argv the arguments of `conveyor classifier ...`, ended by a null pointer
/// @return the exit code
[[nodiscard]] int run_classifier_program(char** argv);

}  // namespace conveyor::cli

#endif  // CONVEYOR_SRC_CLI_CLASSIFIER_PROGRAM_H_
