// A camera, detectors and subscribers that work together through Kafka: each is a process of its own, and there may be
// any number of each. `smart_camera demo` runs them all.

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "alerts.h"
#include "camera_name.h"
#include "cameras.h"
#include "conveyor/stop.h"
#include "demo.h"
#include "demo_report.h"
#include "detector.h"
#include "detector_choice.h"
#include "evaluate.h"
#include "own_group.h"
#include "page.h"
#include "page_program.h"
#include "store.h"
#include "view.h"

namespace {

using namespace smart_camera;
using support::config_from_environment;

constexpr const char* kFooter =
    "The cluster and all other settings are read from CONVEYOR_* variables, such as\n"
    "CONVEYOR_BOOTSTRAP_SERVERS; --bootstrap wins.\n"
    "\n"
    "Exit codes: 0 all went well, 1 something failed (also: a frame was not processed, or the\n"
    "video is not whole), 2 the command line is wrong.\n"
    "\n"
    "Examples:\n"
    "  smart_camera demo vtest.avi\n"
    "  smart_camera demo --live --loop vtest.avi --camera yard=rtsp://camera.local/stream\n"
    "  smart_camera detector --bootstrap localhost:9092 --detector centernet &\n"
    "  smart_camera page --bootstrap localhost:9092 --port 8080 &\n"
    "  smart_camera camera --bootstrap localhost:9092 --name yard rtsp://camera.local/stream";

/// What the command line says. All commands share it: an option means the same in each.
struct Options {
  DemoOptions demo = {};
  EvaluateOptions evaluate = {};
  CameraOptions camera = {};  // what the cameras have in common
  std::vector<std::string> sources = {};
  std::vector<std::string> named = {};
  std::optional<int> every = {};
  int away_after = 5;  // seconds
  bool record = false;
  bool no_record = false;
  bool all = false;
  bool of_demo = false;
};

/// The cameras, with the defaults that depend on other options.
std::vector<CameraOptions> cameras_of(const Options& options, const std::vector<NamedSource>& sources) {
  const std::string& detector = options.demo.detector.detector;
  const bool slow = (detector.empty() ? default_detector() : detector) == "hog";
  std::vector<CameraOptions> cameras;
  for (const NamedSource& source : sources) {
    CameraOptions camera = options.camera;
    camera.name = source.name;
    camera.reader.source = source.source;
    camera.reader.away_after = std::chrono::seconds(options.away_after);
    constexpr int kThird = 3;
    camera.reader.every = options.every.value_or(slow && !options.all ? kThird : 1);
    if (options.all) camera.width = 0;
    cameras.push_back(camera);
  }
  return cameras;
}

bool demo_command(Options& options, const std::stop_token& stop) {
  DemoOptions& demo = options.demo;
  (void)make_detector(demo.detector.detector.empty() ? default_detector() : demo.detector.detector);
  demo.cameras = cameras_of(options, name_cameras(options.sources, options.named));
  if (options.record || options.no_record) demo.record = options.record;
  return run_demo(demo, stop);
}

bool camera_command(Options& options, const std::stop_token& stop) {
  const ConfigFor config_for = config_from_environment(options.demo.bootstrap);
  if (!legal_camera_name(options.camera.name)) {
    throw conveyor::Error(conveyor::errc::invalid_config,
                          "--name " + options.camera.name + ": it has up to 40 letters, digits, '.', '_' and '-'");
  }
  Cameras cameras(cameras_of(options, {{options.camera.name, options.sources.front()}}));
  cameras.connect(config_for, options.camera.name);
  cameras.run(config_for, stop);
  const CameraReport report = cameras.reports().front();
  std::printf(
      "%lld frames sent, %lld processed, %lld dropped; of the video %lld not decoded, %lld missing at its end\n",
      static_cast<long long>(report.sent), static_cast<long long>(report.processed),
      static_cast<long long>(report.dropped), static_cast<long long>(report.undecoded),
      static_cast<long long>(report.cut_off));
  return report.complete();
}

bool detector_command(const Options& options, const std::stop_token& stop) {
  // Ctrl-C is for the demo, which ends its detectors itself when their last frames are done.
  if (options.of_demo) setpgid(0, 0);
  detect(config_from_environment(options.demo.bootstrap), options.demo.detector, stop);
  return true;
}

bool run_subscriber(const Options& options, const char* group, Subscriber& subscriber, const std::stop_token& stop) {
  std::atomic<std::int64_t> seen{0};
  subscribe(config_from_environment(options.demo.bootstrap)(group), subscriber, stop, seen);
  std::printf("%s: %s\n", group, subscriber.summary().c_str());
  return true;
}

bool view_command(const Options& options, const std::stop_token& stop) {
  constexpr double kFramesASecond = 10;
  View view(options.demo.out, kFramesASecond);
  return run_subscriber(options, "view", view, stop);
}

bool store_command(const Options& options, const std::stop_token& stop) {
  support::PictureStore pictures(options.demo.out / "store");
  Store store(pictures, options.demo.steady);
  return run_subscriber(options, "store", store, stop);
}

bool alert_command(const Options& options, const std::stop_token& stop) {
  AlertCounts counts;
  send_alerts(config_from_environment(options.demo.bootstrap), options.demo.crowd, stop, counts);
  std::printf("alert: %lld sent, after %lld frames\n", static_cast<long long>(counts.sent),
              static_cast<long long>(counts.frames));
  return true;
}

bool alerts_command(const Options& options, const std::stop_token& stop) {
  read_alerts(config_from_environment(options.demo.bootstrap)(own_group("alerts")), conveyor::StartAt::kEarliest, stop,
              [](const Alert& alert) {
                std::printf("%s\n", alert_text(alert).c_str());
                std::fflush(stdout);
              });
  return true;
}

bool page_command(const Options& options, const std::stop_token& stop) {
  run_page(config_from_environment(options.demo.bootstrap),
           {.port = options.demo.port, .out = options.demo.out, .steady = options.demo.steady}, stop);
  return true;
}

void add_frame_options(CLI::App& command, Options& options) {
  CameraOptions& camera = options.camera;
  command.add_option("--every", options.every, "Send every Nth frame (default: all; with HOG every third)")
      ->check(CLI::Range(1, 1000));
  command.add_option("--width", camera.width, "Scale frames down to so many pixels (0: leave them)")
      ->check(CLI::Range(0, 8192))
      ->capture_default_str();
  command.add_option("--frames", camera.frames, "Stop after so many frames (0: at the end)")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command.add_option("--ahead", camera.ahead, "Frames sent and not yet processed, at most (default: 8, live 3)")
      ->check(CLI::Range(1, 1000));
  command.add_flag("--all", options.all, "Every frame, as large as it is");
  command.add_flag("--live", camera.reader.live,
                   "Play a file as a live camera: at its pace, dropping what is too much");
  command.add_option("--fps", camera.reader.fps, "Frames a second of a live file (0: as the file says)")
      ->check(CLI::Range(0.0, 1000.0))
      ->capture_default_str();
  command.add_option("--away-after", options.away_after, "Seconds without a frame until a live camera counts as away")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
  command.add_flag("--loop", camera.reader.loop, "Play a file again and again");
}

void add_detector_options(CLI::App& command, Options& options) {
  command.add_option("--detector", options.demo.detector.detector,
                     "hog, ssdlite, centernet, or any classifier's text (default: ssdlite where its model is there)");
  command.add_option("--threads", options.demo.detector.threads, "Frames at a time of each detector")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
}

void add_out(CLI::App& command, Options& options) {
  command.add_option("--out", options.demo.out, "Folder for what is written")->capture_default_str();
}
void add_crowd(CLI::App& command, Options& options) {
  command.add_option("--crowd", options.demo.crowd, "People that cause an alert")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
}
void add_steady(CLI::App& command, Options& options) {
  command.add_option("--steady", options.demo.steady, "Store a picture when a new count held for so many frames")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
}
void add_port(CLI::App& command, Options& options) {
  command.add_option("--port", options.demo.port, "Of the page, on this machine only (0: any free one)")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
}

void add_evaluate_options(CLI::App& command, EvaluateOptions& options) {
  command.add_option("video", options.video, "A video file")->required();
  command.add_option("truth", options.truth, "Where people are on some of its frames: FRAME X,Y,WIDTH,HEIGHT ...")
      ->required();
  command.add_option("--detector", options.detector, "hog, ssdlite, centernet, or a classifier: detector:FILE.onnx")
      ->capture_default_str();
}

using Command = std::function<bool(const std::stop_token&)>;

/// All commands, and their options. @param run becomes what the command line asks for
void add_commands(CLI::App& app, Options& options, Command& run) {
  const auto add = [&](const char* name, const char* what, auto then) -> CLI::App& {
    CLI::App* command = app.add_subcommand(name, what);
    command->add_option("--bootstrap", options.demo.bootstrap, "HOST:PORT of Kafka");
    command->callback(
        [&run, &options, then] { run = [&options, then](const auto& stop) { return then(options, stop); }; });
    return *command;
  };
  CLI::App& demo =
      add("demo", "Run everything, on an embedded broker unless --bootstrap says otherwise.", demo_command);
  demo.add_option("source", options.sources, "Video files, cameras' numbers, or streams' URLs");
  demo.add_option("--camera", options.named, "NAME=SOURCE: a camera with a name; may be given several times");
  add_frame_options(demo, options);
  add_detector_options(demo, options);
  demo.add_option("--detectors", options.demo.detectors, "Detector processes (default: 2, live 1)")
      ->check(CLI::Range(1, DetectorPool::kMost));
  add_crowd(demo, options);
  add_steady(demo, options);
  CLI::Option* record =
      demo.add_flag("--record", options.record, "Write annotated.avi and sheet.png of a live camera, too");
  demo.add_flag("--no-record", options.no_record, "Do not write them of a file")->excludes(record);
  add_port(demo, options);
  add_out(demo, options);

  CLI::App& camera = add("camera", "Send the frames of a camera.", camera_command);
  camera.add_option("source", options.sources, "A video file, a camera's number, or a stream's URL")
      ->required()
      ->expected(1);
  camera.add_option("--name", options.camera.name, "Of this camera")->capture_default_str();
  add_frame_options(camera, options);

  CLI::App& detector = add("detector", "Find people and other things in frames.", detector_command);
  detector.add_option("--name", options.demo.detector.name, "Of this detector")->capture_default_str();
  detector.add_flag("--of-demo", options.of_demo)->group("");
  add_detector_options(detector, options);

  CLI::App& page = add("page", "Show cameras and alerts in the browser, and store and show pictures.", page_command);
  add_port(page, options);
  add_steady(page, options);
  add_out(page, options);

  add_out(add("view", "Make an annotated video and a contact sheet of each camera.", view_command), options);
  CLI::App& store = add("store", "Store the frames on which the number of people changed.", store_command);
  add_steady(store, options);
  add_out(store, options);
  add_crowd(add("alert", "Send an alert when many people are there.", alert_command), options);
  add("alerts", "Print the alerts that are sent.", alerts_command);
  CLI::App* evaluate = app.add_subcommand("evaluate", "Compare what a detector finds with the people who are there.");
  evaluate->callback([&] { run = [&](const auto& stop) { return run_evaluate(options.evaluate, stop); }; });
  add_evaluate_options(*evaluate, options.evaluate);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Finds people in videos that travel through Kafka.", "smart_camera");
  app.require_subcommand(1);
  app.footer(kFooter);
  Options options;
  Command run;
  add_commands(app, options, run);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    constexpr int kUsage = 2;
    return app.exit(error) == 0 ? EXIT_SUCCESS : kUsage;
  }
  try {
    return run(conveyor::stop_on_signals()) ? EXIT_SUCCESS : EXIT_FAILURE;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "smart_camera: %s\n", error.what());
    return EXIT_FAILURE;
  }
}
