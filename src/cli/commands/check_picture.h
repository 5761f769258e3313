#ifndef CONVEYOR_SRC_CLI_COMMANDS_CHECK_PICTURE_H_
#define CONVEYOR_SRC_CLI_COMMANDS_CHECK_PICTURE_H_

#include <string>

#include "conveyor/vision/preprocess.h"
#include "conveyor/vision/session.h"

namespace conveyor::cli {

/// Classifies a picture's file, and prints what became of it on the way: decoded, prepared, converted, what reached the
/// network, and the labels and boxes.
/// @param show the file to which the picture is written as the network saw it, with what was found; empty: none. It is
///             also written where the classifier fails
/// @throws Error naming the picture
void check_picture(const std::string& file, const std::string& show, const vision::PreprocessChain& chain,
                   vision::Session& session);

/// Why a picture cannot be written to a file of that name; empty: it can. For CLI11.
[[nodiscard]] std::string check_show(const std::string& file);

}  // namespace conveyor::cli

#endif  // CONVEYOR_SRC_CLI_COMMANDS_CHECK_PICTURE_H_
