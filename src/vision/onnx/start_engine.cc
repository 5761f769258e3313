#include <fmt/format.h>

#include <string>

#include "conveyor/error.h"
#include "conveyor/observer.h"
#include "observe/library_log.h"
#include "vision/onnx/onnx_network.h"

namespace conveyor::vision {

StartedOnnxEngine start_engine(const std::vector<OnnxEngineKind>& kinds, const OnnxNetwork& network) {
  StartedOnnxEngine started{.card = network.card};
  std::string refusal;  // of the preferred engine
  for (const OnnxEngineKind& kind : kinds) {
    try {
      started.engine = kind.make(network);
      started.make = kind.make;
      started.card.engine = kind.name;
    } catch (const Error& error) {
      if (kinds.size() == 1) throw;
      if (refusal.empty()) refusal = error.what();
      continue;
    }
    if (!refusal.empty()) {
      started.card.engine += fmt::format(", because {}", refusal);
      // Another engine may be several times slower, which nobody would notice by the answers.
      detail::log_of_library(Severity::kWarning, "conveyor",
                             fmt::format("model {} is run by {}", network.card.name, started.card.engine));
    }
    return started;
  }
  throw Error(errc::invalid_config, fmt::format("{}; {} does not run it either", refusal, kinds.back().name));
}

}  // namespace conveyor::vision
