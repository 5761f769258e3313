// Frames and what a network sees in them, as two topics that MessageCorps' programs share: a capture, labellers and a
// feed for browsers, each a process of its own. `image_messaging demo` runs them all.

#include <CLI/CLI.hpp>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <string>

#include "capture.h"
#include "conveyor/stop.h"
#include "demo.h"
#include "feed.h"
#include "label.h"
#include "log.h"

namespace {

using namespace image_messaging;

constexpr const char* kFooter =
    "The cluster and all other settings are read from CONVEYOR_* variables, such as\n"
    "CONVEYOR_BOOTSTRAP_SERVERS; --bootstrap wins. The page is for this machine's browsers only.\n"
    "\n"
    "Exit codes: 0 all went well, 1 something failed (also: a frame was not labelled, or could not be\n"
    "read), 2 the command line is wrong.\n"
    "\n"
    "Examples:\n"
    "  image_messaging demo pictures/ --loop\n"
    "  image_messaging label --bootstrap localhost:9092 &\n"
    "  image_messaging feed --bootstrap localhost:9092 --port 8080 &\n"
    "  image_messaging capture --bootstrap localhost:9092 rtsp://camera.local/stream";

struct Options {
  DemoOptions demo = {};
  std::string name = {};  // of a part, in its log lines and messages
  std::string group = {};
  bool no_capture = false;
  int join_patience_ms = 2'000;
};

support::ConfigFor config_of(const Options& options, const LogFile& log, const std::string& part) {
  return log.of_part(support::config_from_environment(options.demo.bootstrap),
                     options.name.empty() ? part : options.name);
}

/// The consumer group of a part: from the command line, the environment, or the usual one.
std::string group_of(const Options& options, const std::string& usual) {
  if (!options.group.empty()) return options.group;
  const std::string group = conveyor::Config::from_env().group;
  return group.empty() ? usual : group;
}

bool run_capture(const Options& options, const std::stop_token& stop) {
  const LogFile log_file(options.demo.log);
  CaptureOptions capture_options = options.demo.capture;
  capture_options.source.stop = stop;
  if (!options.name.empty()) capture_options.name = options.name;
  const support::ConfigFor config_for = config_of(options, log_file, "capture");
  Capture capture(config_for, capture_options);
  capture.run(stop);
  const CaptureReport report = capture.report();
  std::printf("%" PRId64 " frames sent, %" PRId64 " labelled, %" PRId64 " not labelled in time, %" PRId64
              " not delivered, %" PRId64 " dropped to stay live\n",
              report.sent, report.answered, report.unanswered, report.failed, report.dropped);
  return stop.stop_requested() ? report.failed == 0 : report.complete();
}

bool run_label(const Options& options, const std::stop_token& stop) {
  const LogFile log_file(options.demo.log);
  const support::ConfigFor config_for = config_of(options, log_file, "labeller");
  LabelOptions label_options = options.demo.label;
  label_options.group = group_of(options, label_options.group);
  label(config_for, label_options, stop, [&](const std::string& engine) {
    log(config_for, conveyor::Severity::kInfo, "labels frames, by " + engine);
    std::puts("ready");
    std::fflush(stdout);
  });
  return true;
}

bool run_feed(const Options& options, const std::stop_token& stop) {
  const LogFile log_file(options.demo.log);
  FeedOptions feed_options = options.demo.feed;
  feed_options.group = group_of(options, feed_options.group);
  feed_options.join.frame_patience = std::chrono::milliseconds(options.join_patience_ms);
  Feed feed(config_of(options, log_file, "feed"), feed_options);
  feed.run(stop, [&] {
    std::printf("the page is at %s\n", feed.url().c_str());
    std::fflush(stdout);
  });
  return true;
}

void add_capture_options(CLI::App& command, CaptureOptions& capture, bool required) {
  command
      .add_option("source", capture.source.source,
                  "A camera's number, a video file, a stream's URL, or a folder of pictures")
      ->required(required);
  command.add_option("--fps", capture.fps, "Frames a second (0: as many as the source has; a folder: 25)")
      ->check(CLI::Range(0.0, 1000.0))
      ->capture_default_str();
  command.add_option("--width", capture.width, "Scale frames down to so many pixels (0: leave them)")
      ->check(CLI::Range(0, 8192))
      ->capture_default_str();
  command.add_option("--frames", capture.frames, "Stop after so many frames (0: at the end)")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command.add_flag("--loop", capture.source.loop, "Begin again at the end");
  command.add_option("--hold", capture.source.hold, "Frames for which each picture of a folder is shown")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command.add_flag("--live", capture.live, "Drop frames rather than wait for labellers, as cameras always do");
  command.add_option("--ahead", capture.ahead, "Frames without a label, at most")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
}

void add_label_options(CLI::App& command, LabelOptions& label) {
  command.add_option("--classifier", label.classifier,
                     "What labels frames, such as onnx:FILE (default: CONVEYOR_CLASSIFIER, or the network that\n"
                     "cmake/setup.sh models imagenet fetches)");
  command.add_option("--threads", label.threads, "Frames at a time, of one labeller")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
}

void add_feed_options(CLI::App& command, FeedOptions& feed) {
  command.add_option("--port", feed.page.port, "Of the page (0: any free one)")
      ->check(CLI::Range(0, 65'535))
      ->capture_default_str();
  command.add_option("--out", feed.page.out, "Folder for stored pictures")->capture_default_str();
  command.add_option("--change", feed.page.hold_frames, "Frames in a row that must show another label to be a change")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command.add_option("--pictures", feed.page.most_pictures, "Stored pictures, at most; the oldest are deleted")
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str();
}

using Run = std::function<bool(const std::stop_token&)>;

void add_commands(CLI::App& app, Options& options, Run& run) {
  DemoOptions& demo = options.demo;
  const auto add = [&](const char* name, const char* what, Run then) {
    CLI::App* command = app.add_subcommand(name, what);
    command->add_option("--bootstrap", demo.bootstrap, "HOST:PORT of Kafka");
    command->add_option("--log", demo.log, "File for log lines (JSON; default: standard error)");
    command->callback([&run, then = std::move(then)] { run = then; });
    return command;
  };
  const auto add_name = [&](CLI::App* command, const char* what) { command->add_option("--name", options.name, what); };
  const auto add_group = [&](CLI::App* command, const char* what) {
    command->add_option("--group", options.group, what);
  };

  CLI::App* command = add("demo", "Run everything, on an embedded broker unless --bootstrap says otherwise.",
                          [&](const auto& stop) { return run_demo(demo, stop); });
  command->get_option("--log")->description("File for log lines (JSON; default: image_messaging.jsonl in --out)");
  add_capture_options(*command, demo.capture, false);
  add_label_options(*command, demo.label);
  add_feed_options(*command, demo.feed);
  command->add_option("--labellers", demo.labellers, "Labeller processes")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  command->add_flag("--no-capture", options.no_capture, "Frames come from another program");

  command = add("capture", "Send frames on VideoStream.", [&](const auto& stop) { return run_capture(options, stop); });
  add_name(command, "Of this camera: the frames' source (default: camera-1)");
  add_capture_options(*command, demo.capture, true);

  command = add("label", "Label the frames of VideoStream, on Predictions.",
                [&](const auto& stop) { return run_label(options, stop); });
  add_name(command, "Of this labeller");
  add_group(command, "Consumer group: its members share the frames (default: CONVEYOR_GROUP, or labellers)");
  add_label_options(*command, demo.label);

  command = add("feed", "Show frames with their labels in browsers, and store those at which the label changed.",
                [&](const auto& stop) { return run_feed(options, stop); });
  add_name(command, "Of this feed");
  add_feed_options(*command, demo.feed);
  add_group(command,
            "Consumer group; each feed that shall see all frames needs its own (default: CONVEYOR_GROUP, or feed)");
  command->add_option("--patience", options.join_patience_ms, "Milliseconds that a frame waits for its label")
      ->check(CLI::Range(1, 600'000))
      ->capture_default_str();
}

}  // namespace

int main(int argc, char** argv) {
  constexpr int kUsage = 2;
  CLI::App app("Frames and their labels over Kafka, shown in a browser.", "image_messaging");
  app.require_subcommand(1);
  app.footer(kFooter);
  Options options;
  Run run;
  add_commands(app, options, run);
  try {
    app.parse(argc, argv);
    options.demo.capture_here = !options.no_capture;
    if (app.got_subcommand("demo") && options.no_capture == !options.demo.capture.source.source.empty()) {
      throw CLI::ValidationError("demo", "give either a source or --no-capture");
    }
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? EXIT_SUCCESS : kUsage;
  }
  try {
    return run(conveyor::stop_on_signals()) ? EXIT_SUCCESS : EXIT_FAILURE;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "image_messaging: %s\n", error.what());
    return EXIT_FAILURE;
  }
}
