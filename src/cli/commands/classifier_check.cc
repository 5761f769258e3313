#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <opencv2/core.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/printable.h"
#include "cli/commands/classifier.h"
#ifdef CONVEYOR_CLI_READS_FILES
#include "cli/commands/check_picture.h"
#endif
#include "cli/output/findings.h"
#include "cli/output/json.h"
#include "conveyor/vision/preprocess.h"
#include "conveyor/vision/session.h"
#include "vision/image/image_shape.h"

namespace conveyor::cli {
namespace {

constexpr std::size_t kLongestText = 200;
constexpr std::size_t kLabelsShown = 5;

constexpr const char* kFooter =
    "Loads the classifier, warms it up and runs it on images of noise, on one thread, as a service does.\n"
    "Prints what it takes and returns, which engine runs a network, and the milliseconds for an image (the\n"
    "median, without decoding and preprocessing). Quote SPEC if it contains an ampersand or a question\n"
    "mark.\n"
    "\n"
    "For an --image, prints the pixels after decoding and after preprocessing (channels, depth, channel\n"
    "order, values of black and white), what they are converted to, and what reached the network: shape,\n"
    "order of channels, type, and each channel's least, mean and greatest value. Then what was found, in\n"
    "pixels of the file. --show writes the picture as the network saw it: after preprocessing, with the\n"
    "network's scale, mean and deviation undone, small ones enlarged, with the boxes that were found, or\n"
    "the labels below it. Values that are no brightness are stretched from black to white.\n"
    "\n"
    "Exit codes: 0 it can be used, 1 it cannot, or not for such an image; standard error says why, 2 the\n"
    "command line is wrong.\n"
    "\n"
    "Examples:\n"
    "  conveyor classifier check plugin:./libbrightness.so\n"
    "  conveyor classifier check hog --image street.jpg --preprocess 'resize(1152,864)'\n"
    "  conveyor classifier check detector:people.onnx --image street.jpg --show seen.png\n"
    "  conveyor classifier check 'onnx:egg.onnx?engine=opencv'    (not ONNX Runtime)\n"
    "  conveyor classifier check onnx:egg.onnx --json    (one JSON object)";

struct Options {
  std::string spec = {};
  std::string preprocess = {};
  std::vector<std::string> images = {};
  std::string show = {};
  int runs = 20;
  bool json = false;
};

double milliseconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

void add_labels(const std::vector<std::string>& labels, Findings& findings) {
  std::string text = std::to_string(labels.size());
  std::string json;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (i < kLabelsShown) text += (i == 0 ? ": " : ", ") + printable(labels[i], kLongestText);
    json += (i == 0 ? "" : ",") + json_string(labels[i]);
  }
  if (labels.size() > kLabelsShown) text += ", ...";
  findings.add("labels", text, "[" + json + "]");
}

void add_input(const vision::InputSpec& input, Findings& findings) {
  const auto or_any = [](int number) { return number == 0 ? "any" : std::to_string(number); };
  constexpr std::array kOrders{"any", "BGR", "RGB"};
  const char* order = kOrders[static_cast<std::size_t>(input.order)];
  const std::string range = input.white == 0 ? "any range" : fmt::format("0 to {:.6g}", input.white);
  const std::string batch = input.max_batch == 0 ? "any number" : fmt::format("at most {}", input.max_batch);
  findings.add(
      "input",
      fmt::format("{} x {}, {} channels, {}, {} a call", or_any(input.width), or_any(input.height),
                  or_any(input.channels), input.depth < 0 ? "any depth" : vision::depth_name(input.depth), batch),
      fmt::format(R"({{"width":{},"height":{},"channels":{},"depth":{},"max_batch":{},"order":"{}","white":{}}})",
                  input.width, input.height, input.channels, input.depth, input.max_batch, order, input.white));
  findings.add("pixels", fmt::format("{} order of channels, {}", order, range));
}

/// An image of noise in a shape that the classifier takes.
cv::Mat picture_for(const vision::InputSpec& input) {
  constexpr int kWidth = 640, kHeight = 480, kChannels = 3;
  cv::Mat picture(input.height != 0 ? input.height : kHeight, input.width != 0 ? input.width : kWidth,
                  CV_8UC(input.channels != 0 ? input.channels : kChannels));
  cv::randu(picture, 0, 255);
  if (input.depth >= 0) picture.convertTo(picture, input.depth, 1.0 / 255);
  return picture;
}

/// Classifies one image several times. Adds the median time and the result of the last run.
void add_time_and_output(vision::Session& session, int runs, Findings& findings) {
  const std::array pictures{picture_for(session.input())};
  std::array<vision::Outcome, 1> outcomes;
  std::vector<double> times;
  for (int run = 0; run < runs; ++run) {
    const auto start = std::chrono::steady_clock::now();
    session.classify(pictures, outcomes);
    times.push_back(milliseconds_since(start));
  }
  std::nth_element(times.begin(), times.begin() + runs / 2, times.end());
  const double median = times[static_cast<std::size_t>(runs) / 2];
  findings.add("ms_per_image", fmt::format("{:.3f} (median of {})", median, runs), fmt::format("{:.3f}", median));
  const vision::Outcome& outcome = outcomes[0];
  if (outcome.kind() == vision::Outcome::Kind::kPrediction) {
    findings.add(
        "output",
        fmt::format("of noise, {}: {} labels, {} detections", vision::describe(pictures[0]), outcome.labels().size(),
                    outcome.detections().size()),
        fmt::format(R"({{"labels":{},"detections":{}}})", outcome.labels().size(), outcome.detections().size()));
  } else {
    findings.add("output", "of noise, none: " + outcome.reason());
  }
}

ExitCode check(const Options& options) {
  cv::setNumThreads(1);  // as serve() does
  auto start = std::chrono::steady_clock::now();
  const std::shared_ptr<const vision::Model> model = all_classifiers().make(options.spec);
  const double loaded = milliseconds_since(start);
  start = std::chrono::steady_clock::now();
  vision::Session session(model);
  const double warmed_up = milliseconds_since(start);

  const vision::ModelCard& card = session.card();
  const std::string chain_text = options.preprocess.empty() ? card.preprocess : options.preprocess;
  const vision::PreprocessChain chain = vision::built_in_steps().parse(chain_text);
  session.check(chain);

  Findings findings;
  findings.add("name", card.name);
  findings.add("version", card.version);
  findings.add("sha256", card.sha256);
  add_labels(card.labels, findings);
  findings.add("preprocess", chain.text());
  add_input(session.input(), findings);
  findings.add("feeds", card.feeds);
  findings.add("engine", card.engine);
  findings.add("ms_to_load", fmt::format("{:.1f}", loaded), fmt::format("{:.1f}", loaded));
  findings.add("ms_to_warm_up", fmt::format("{:.1f}", warmed_up), fmt::format("{:.1f}", warmed_up));
  add_time_and_output(session, options.runs, findings);
  fmt::print("{}", options.json ? findings.object() : findings.lines());

#ifdef CONVEYOR_CLI_READS_FILES
  for (const std::string& image : options.images) check_picture(image, options.show, chain, session);
#endif
  return kOk;
}

}  // namespace

void add_classifier_check(CLI::App& classifier, Run& run) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = classifier.add_subcommand("check", "Load a classifier, try it, and print its properties.");
  command->add_option("spec", options->spec, "The classifier")->type_name("SPEC")->required();
  command->add_option("--preprocess", options->preprocess, "A preprocessing chain instead of the one in its card")
      ->type_name("CHAIN");
  auto* json = command->add_flag("--json", options->json, "One JSON object");
  command->add_option("--runs", options->runs, "How often the image of noise is classified")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
#ifdef CONVEYOR_CLI_READS_FILES
  auto* images = command
                     ->add_option("--image", options->images,
                                  "A PNG, JPEG or (if built with DICOM) DICOM file to classify too; may be repeated")
                     ->type_name("FILE")
                     ->allow_extra_args(false)
                     ->excludes(json);
  command
      ->add_option("--show", options->show,
                   "The PNG or JPEG file to write: the --image as the network saw it, with what was found")
      ->type_name("FILE")
      ->check(CLI::Validator(check_show, ""))
      ->needs(images);
#else
  (void)json;
#endif
  command->footer(kFooter);
  command->callback([options, &run] {
    if (!options->show.empty() && options->images.size() != 1) {
      throw CLI::ValidationError("--show", "needs one --image, not several");
    }
    run = [options] { return check(*options); };
  });
}

}  // namespace conveyor::cli
