// The text of a preprocess chain.
#include "conveyor/error.h"
#include "conveyor/vision/preprocess.h"
#include "quality/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const conveyor::vision::StepRegistry steps = conveyor::vision::built_in_steps();
  const conveyor::fuzz::Input input(data, size);
  try {
    const std::string text = steps.parse(input.rest()).text();
    conveyor::fuzz::expect(steps.parse(text).text() == text, "a chain's text is that chain again");
  } catch (const conveyor::Error& error) {
    conveyor::fuzz::expect(error.code() == conveyor::errc::invalid_config, "a wrong chain is invalid_config");
  }
  return 0;
}
