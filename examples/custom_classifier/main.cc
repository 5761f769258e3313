#include <conveyor/error.h>
#include <conveyor/vision/serve.h>
#include <conveyor/worker.h>

#include <iostream>
#include <string_view>

#include "brightness.h"
#include "invert.h"
#include "service.h"

void serve_brightness(const conveyor::Config& config, std::stop_token stop) {
  conveyor::Worker worker{config, {.threads = 2}};
  conveyor::vision::serve(worker, kImages, kPredictions, conveyor::vision::model_of<Brightness>(),
                          {.preprocess = "color(gray)|resize(64,64)|invert", .steps = steps_with_invert()});
  worker.run(stop);
}

int main(int argc, char** argv) {
  const bool check = argc == 2 && std::string_view(argv[1]) == "--self-check";
  if (argc > 1 && !check) {
    std::cerr << "usage: custom_classifier [--self-check]\n"
                 "Labels the images of VideoStream bright or dark; Kafka is named by CONVEYOR_BOOTSTRAP_SERVERS.\n";
    return 2;
  }
  try {
    if (check) {
#ifdef HAVE_SELF_CHECK
      return self_check() ? 0 : 1;
#else
      std::cerr << "built without Conveyor's component testing\n";
      return 1;
#endif
    }
    conveyor::Config config = conveyor::Config::from_env();
    if (config.group.empty()) config.group = "brightness";
    serve_brightness(config, conveyor::stop_on_signals());
  } catch (const conveyor::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
