// A camera, detectors and subscribers that work together through Kafka: each is a process of its own, and there may be
// any number of detectors. `smart_camera demo` runs them all.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <string>

#include "alarm.h"
#include "camera.h"
#include "conveyor/stop.h"
#include "demo.h"
#include "detector.h"
#include "evaluate.h"
#include "store.h"
#include "support/cluster.h"
#include "view.h"

namespace {

using namespace smart_camera;
using support::config_from_environment;

constexpr const char* kFooter =
    "The cluster and all other settings are read from CONVEYOR_* variables, such as\n"
    "CONVEYOR_BOOTSTRAP_SERVERS; --bootstrap wins.\n"
    "\n"
    "Exit codes: 0 all went well, 1 something failed (also: a frame was not processed, or the\n"
    "video is not whole),\n"
    "2 the command line is wrong.\n"
    "\n"
    "Examples:\n"
    "  smart_camera demo vtest.avi\n"
    "  smart_camera detector --bootstrap localhost:9092 &\n"
    "  smart_camera store --bootstrap localhost:9092 --out pictures &\n"
    "  smart_camera camera --bootstrap localhost:9092 rtsp://camera.local/stream";

struct Options {
  DemoOptions demo = {};
  DetectorOptions detector = {};
  EvaluateOptions evaluate = {};
  bool all = false;
};

bool run_camera(const Options& options, const std::stop_token& stop) {
  Camera camera(config_from_environment(options.demo.bootstrap), options.demo.camera);
  camera.run(stop);
  const CameraReport report = camera.report();
  std::printf(
      "%lld frames sent, %lld processed, %lld dropped; of the video %lld not decoded, %lld missing at its end\n",
      static_cast<long long>(report.sent), static_cast<long long>(report.processed),
      static_cast<long long>(report.dropped), static_cast<long long>(report.undecoded),
      static_cast<long long>(report.cut_off));
  return report.complete();
}

bool run_subscriber(const Options& options, const char* group, Subscriber& subscriber, const std::stop_token& stop) {
  std::atomic<std::int64_t> seen{0};
  subscribe(config_from_environment(options.demo.bootstrap)(group), subscriber, stop, seen);
  std::printf("%s: %s\n", group, subscriber.summary().c_str());
  return true;
}

void add_camera_options(CLI::App& command, Options& options) {
  CameraOptions& camera = options.demo.camera;
  command.add_option("source", camera.source, "A video file, a camera's number, or a stream's URL")->required();
  command.add_option("--every", camera.every, "Send every Nth frame")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command.add_option("--width", camera.width, "Scale frames down to so many pixels (0: leave them)")
      ->check(CLI::Range(0, 8192))
      ->capture_default_str();
  command.add_option("--frames", camera.frames, "Stop after so many frames (0: at the end)")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command.add_option("--ahead", camera.ahead, "Frames sent and not yet processed, at most")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command.add_flag("--all", options.all, "Every frame, as large as it is");
}

CLI::App* add_evaluate(CLI::App& app, EvaluateOptions& options) {
  CLI::App* command = app.add_subcommand("evaluate", "Compare what a detector finds with the people who are there.");
  command->add_option("video", options.video, "A video file")->required();
  command->add_option("truth", options.truth, "Where people are on some of its frames: FRAME X,Y,WIDTH,HEIGHT ...")
      ->required();
  command->add_option("--detector", options.detector, "hog, ssdlite, centernet, or a classifier: detector:FILE.onnx")
      ->capture_default_str();
  return command;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Finds people in a video that travels through Kafka.", "smart_camera");
  app.require_subcommand(1);
  app.footer(kFooter);
  Options options;
  DemoOptions& demo = options.demo;
  std::function<bool(const std::stop_token&)> run;

  const auto add = [&](const char* name, const char* what, std::function<bool(const std::stop_token&)> then) {
    CLI::App* command = app.add_subcommand(name, what);
    command->add_option("--bootstrap", demo.bootstrap, "HOST:PORT of Kafka");
    command->callback([&run, then = std::move(then)] { run = then; });
    return command;
  };
  const auto add_out = [&](CLI::App* command) {
    command->add_option("--out", demo.out, "Folder for what is written")->capture_default_str();
  };
  const auto add_crowd = [&](CLI::App* command) {
    command->add_option("--crowd", demo.crowd, "People that cause an alert")->capture_default_str();
  };

  CLI::App* command = add("demo", "Run everything, on an embedded broker unless --bootstrap says otherwise.",
                          [&](const auto& stop) { return run_demo(demo, stop); });
  demo.camera.every = 3;
  add_camera_options(*command, options);
  add_out(command);
  add_crowd(command);
  command->add_option("--detectors", demo.detectors, "Detector processes")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();

  command = add("camera", "Send the frames of a video.", [&](const auto& stop) { return run_camera(options, stop); });
  command->add_option("--name", demo.camera.name, "Of this camera")->capture_default_str();
  add_camera_options(*command, options);

  command = add("detector", "Find people in frames.", [&](const auto& stop) {
    detect(config_from_environment(demo.bootstrap), options.detector, stop);
    return true;
  });
  command->add_option("--name", options.detector.name, "Of this detector")->capture_default_str();
  command->add_option("--threads", options.detector.threads, "Frames at a time")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();

  command = add("view", "Make an annotated video and a contact sheet.", [&](const auto& stop) {
    constexpr double kFramesASecond = 10;
    View view(demo.out, kFramesASecond);
    return run_subscriber(options, "view", view, stop);
  });
  add_out(command);
  command = add("store", "Store the frames on which the number of people changed.", [&](const auto& stop) {
    Store store(demo.out / "store");
    return run_subscriber(options, "store", store, stop);
  });
  add_out(command);
  command = add("alert", "Print a line when many people are there.", [&](const auto& stop) {
    Alarm alarm(demo.crowd);
    return run_subscriber(options, "alert", alarm, stop);
  });
  add_crowd(command);
  add_evaluate(app, options.evaluate)->callback([&] {
    run = [&](const auto& stop) { return run_evaluate(options.evaluate, stop); };
  });

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    constexpr int kUsage = 2;
    return app.exit(error) == 0 ? EXIT_SUCCESS : kUsage;
  }
  if (options.all) {
    demo.camera.every = 1;
    demo.camera.width = 0;
  }
  try {
    return run(conveyor::stop_on_signals()) ? EXIT_SUCCESS : EXIT_FAILURE;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "smart_camera: %s\n", error.what());
    return EXIT_FAILURE;
  }
}
