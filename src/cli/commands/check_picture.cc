#include "cli/commands/check_picture.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <opencv2/core.hpp>
#include <string_view>
#include <vector>

#include "base/printable.h"
#include "cli/output/network_input_text.h"
#include "cli/output/seen_picture.h"
#include "conveyor/error.h"
#include "conveyor/media/image_codec.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/vision/network_input.h"
#include "vision/image/image_shape.h"
#ifdef CONVEYOR_CLI_READS_DICOM
#include "conveyor/dicom/decode.h"
#endif

namespace conveyor::cli {
namespace {

constexpr std::size_t kLongestText = 200;

v1::Image read_image(const std::string& path) {
  constexpr std::string_view kPng = "\x89PNG\r\n\x1A\n", kJpeg = "\xFF\xD8\xFF";
#ifdef CONVEYOR_CLI_READS_DICOM
  constexpr std::string_view kDicom = "DICM", kRefusal = "it is neither PNG, JPEG nor DICOM";
  constexpr std::size_t kDicomMark = 128;  // bytes of any content before the mark
#else
  constexpr std::string_view kRefusal = "it is neither PNG nor JPEG";
#endif
  std::ifstream file(path, std::ios::binary);
  v1::Image image;
  image.set_image_data(std::string(std::istreambuf_iterator<char>(file), {}));
  if (!file) throw Error(errc::invalid_config, "the file cannot be read");
  if (image.image_data().starts_with(kPng)) {
    image.set_encoding(v1::IMAGE_ENCODING_PNG);
  } else if (image.image_data().starts_with(kJpeg)) {
    image.set_encoding(v1::IMAGE_ENCODING_JPEG);
#ifdef CONVEYOR_CLI_READS_DICOM
  } else if (image.image_data().substr(0, kDicomMark + kDicom.size()).ends_with(kDicom)) {
    image.set_encoding(v1::IMAGE_ENCODING_DICOM);
#endif
  } else {
    throw Error(errc::invalid_config, std::string(kRefusal));
  }
  return image;
}

vision::DecodedImage decode(const v1::Image& image, cv::Mat& buffer) {
#ifdef CONVEYOR_CLI_READS_DICOM
  if (image.encoding() == v1::IMAGE_ENCODING_DICOM) return dicom::decode(image, buffer);
#endif
  return media::decode(image, buffer);
}

bool is_jpeg(const std::string& file) {
  const std::string ending = std::filesystem::path(file).extension();
  return ending == ".jpg" || ending == ".jpeg";
}

/// Writes the picture, and prints what was done to it.
void show_input(const vision::NetworkInput& input, const vision::Outcome& outcome, const std::string& file) {
  const SeenPicture seen = seen_picture(input);
  const DrawnPicture drawn = drawn_on(seen.pixels, outcome);
  v1::Image encoded;
  if (is_jpeg(file)) {
    media::to_jpeg(drawn.pixels, encoded);
  } else {
    media::to_png(drawn.pixels, encoded);
  }
  std::ofstream stream(file, std::ios::binary);
  stream << encoded.image_data();
  if (!stream.flush()) throw Error(errc::invalid_config, fmt::format("--show {} cannot be written", file));
  fmt::print("  shown      {}", printable(file, kLongestText));
  if (drawn.enlarged > 1) fmt::print(", each pixel {} x {}", drawn.enlarged, drawn.enlarged);
  if (seen.stretched) fmt::print(", stretched: {:.4g} is black, {:.4g} is white", seen.black, seen.white);
  fmt::print("\n");
}

void print_found(const vision::Outcome& outcome, const vision::Sample& sample) {
  for (const vision::Label& label : outcome.labels()) {
    fmt::print("  {:.4f}  {}\n", label.score, printable(label.name, kLongestText));
  }
  for (const vision::Detection& found : outcome.detections()) {
    const vision::Box box = vision::to_source(found.box, sample);
    fmt::print("  {:.4f}  {}  {:.1f} x {:.1f} at ({:.1f}, {:.1f})\n", found.label.score,
               printable(found.label.name, kLongestText), box.width, box.height, box.x, box.y);
  }
  if (outcome.labels().empty() && outcome.detections().empty()) fmt::print("  nothing found\n");
}

void check_read_picture(const std::string& file, const std::string& show, const vision::PreprocessChain& chain,
                        vision::Session& session) {
  cv::Mat buffer;
  vision::Scratch scratch;
  const v1::Image image = read_image(file);
  const vision::DecodedImage read = decode(image, buffer);
  const vision::Sample decoded{
      .pixels = read.pixels, .slope = read.slope, .intercept = read.intercept, .range = read.range};
  const vision::Sample& sample = chain.run(decoded, scratch);
  fmt::print("\n{}\n  decoded    {}\n  prepared   {}\n", printable(file, kLongestText), vision::describe(decoded),
             vision::describe(sample));
  fmt::print("  converted  {}\n", session.conversion(sample));
  const std::vector<vision::NetworkInput> inputs = session.network_inputs(sample);
  for (const vision::NetworkInput& input : inputs) fmt::print("{}", text_of(input, inputs.size() > 1));

  const std::array pictures{&sample};
  std::array<vision::Outcome, 1> outcomes;
  const auto start = std::chrono::steady_clock::now();
  session.classify(pictures, outcomes);
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
  const vision::Outcome& outcome = outcomes[0];
  if (!show.empty()) show_input(inputs[0], outcome, show);
  if (outcome.kind() != vision::Outcome::Kind::kPrediction) throw Error(errc::handler_failed, outcome.reason());
  fmt::print("  took       {:.1f} ms\n", took.count());
  print_found(outcome, sample);
}

}  // namespace

void check_picture(const std::string& file, const std::string& show, const vision::PreprocessChain& chain,
                   vision::Session& session) {
  try {
    check_read_picture(file, show, chain, session);
  } catch (const Error& error) {
    throw Error(error.code(), fmt::format("image {}: {}", file, error.what()));
  }
}

std::string check_show(const std::string& file) {
  if (is_jpeg(file) || std::filesystem::path(file).extension() == ".png") return {};
  return fmt::format("{} ends in none of .png, .jpg, .jpeg", file);
}

}  // namespace conveyor::cli
