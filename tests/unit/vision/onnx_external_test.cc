#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <opencv2/core.hpp>
#include <string>

#include "conveyor/vision/fake.h"
#include "conveyor/vision/served_model.h"
#include "conveyor/vision/session.h"
#include "unit/vision/engine_under_test.h"
#include "unit/vision/expect_error.h"
#include "unit/vision/onnx_writer.h"
#include "unit/vision/temporary_folder.h"
#include "vision/sha256.h"

namespace conveyor::vision {
namespace {

namespace fs = std::filesystem;
using namespace onnx_writer;

const std::vector<float> kWeights = {1, 2, -1, 0.5, -1, 3};

/// Two scores, linear in the means of R, G and B, as means.onnx has them: `weights` is the TensorProto of the factors.
std::string scores_of(const std::string& weights) {
  return model(Graph{.nodes = {node("GlobalAveragePool", {"image"}, {"pooled"}), node("Flatten", {"pooled"}, {"means"}),
                               node("Gemm", {"means", "w", "b"}, {"scores"}, {attribute("transB", 1)})},
                     .weights = {weights, floats("b", {2}, {0.25, -0.5})},
                     .inputs = {value("image", 1, {1, 3, 6, 8})},
                     .outputs = {value("scores", 1, {1, 2})}}
                   .text());
}
std::string external_weights(const std::string& location, const std::string& offset = "4") {
  return external("w", 1, {2, 3}, {{"location", location}, {"offset", offset}, {"length", "24"}});
}
std::string data_file(const std::vector<float>& weights = kWeights) { return "head" + little_endian(weights) + "tail"; }

double first_score(const std::shared_ptr<const Model>& model) {
  Session session(model);
  std::array<Outcome, 1> outcomes;
  session.classify(std::array{cv::Mat(6, 8, CV_8UC3, cv::Scalar(204, 102, 51))}, outcomes);  // R 0.2, G 0.4, B 0.8
  for (const Label& label : outcomes[0].labels()) {
    if (label.index == 0) return label.score;
  }
  ADD_FAILURE() << outcomes[0].reason();
  return 0;
}
constexpr double kRight = 1 * 0.2 + 2 * 0.4 - 1 * 0.8 + 0.25;

/// The working directory, for a while.
class Started {
 public:
  explicit Started(const fs::path& in) : before_(fs::current_path()) { fs::current_path(in); }
  Started(const Started&) = delete;
  Started& operator=(const Started&) = delete;
  ~Started() { fs::current_path(before_); }

 private:
  fs::path before_;
};

class OnnxExternalData : public ::testing::Test {
 protected:
  OnnxExternalData() { fs::create_directories(folder / "models/below"), fs::create_directories(folder / "elsewhere"); }

  fs::path write_model(const std::string& location) {
    return folder.write("models/external.onnx", scores_of(external_weights(location)));
  }

  TemporaryFolder folder{"conveyor_external"};
};

TEST_F(OnnxExternalData, IsFoundBesideTheModelWhereverTheProgramWasStarted) {
  const fs::path file = write_model("weights.data");
  folder.write("models/weights.data", data_file());
  folder.write("elsewhere/weights.data", data_file({0, 0, 0, 0, 0, 0}));
  for (const fs::path& in : {folder / "models", folder / "elsewhere", folder / "."}) {
    const Started started(in);
    EXPECT_NEAR(first_score(engine_under_test::onnx(file)), kRight, 1e-5) << in;
  }
  const Started started(folder / "models");
  EXPECT_NEAR(first_score(engine_under_test::onnx("external.onnx")), kRight, 1e-5);
}

TEST_F(OnnxExternalData, MayLieInAFolderBelowOrBesideWhereLinksLead) {
  folder.write("models/below/weights.data", data_file());
  EXPECT_NEAR(first_score(engine_under_test::onnx(write_model("below/weights.data"))), kRight, 1e-5);
  // A cache of downloads: both names are links to where the files are.
  folder.write("elsewhere/1", scores_of(external_weights("weights.data")));
  folder.write("elsewhere/2", data_file());
  fs::create_symlink("../elsewhere/1", folder / "models/linked.onnx");
  fs::create_symlink("../elsewhere/2", folder / "models/weights.data");
  EXPECT_NEAR(first_score(engine_under_test::onnx(folder / "models/linked.onnx")), kRight, 1e-5);
}

TEST_F(OnnxExternalData, IsCoveredByTheDigest) {
  const fs::path file = write_model("weights.data");
  folder.write("models/weights.data", data_file());
  const std::string digest = sha256(scores_of(external_weights("weights.data")) + data_file());
  EXPECT_EQ(engine_under_test::onnx(file, {.sha256 = digest})->card().sha256, digest);
  folder.write("models/weights.data", data_file({1, 2, -1, 0.5, -1, 4}));
  EXPECT_ERROR(errc::invalid_config, "its SHA-256 is", (void)engine_under_test::onnx(file, {.sha256 = digest}));
}

TEST_F(OnnxExternalData, IsReadOnceSoThatAServiceMaySwapToTheModel) {
  const fs::path file = write_model("weights.data");
  folder.write("models/weights.data", data_file());
  Outcome nothing;
  nothing.nothing_found();
  ServedModel served(constant(nothing));
  const auto next = engine_under_test::onnx(file);
  fs::remove_all(folder / "models");
  served.swap(next);
  EXPECT_NEAR(first_score(served.current()), kRight, 1e-5);
}

TEST_F(OnnxExternalData, IsNotLookedForOutsideOfTheModelsFolder) {
  const fs::path outside = folder.write("elsewhere/weights.data", data_file());
  fs::create_symlink(outside, folder / "models/link.data");
  const fs::path inside = folder.write("models/inside.data", data_file());
  for (const std::string& location :
       {outside.string(), std::string("../elsewhere/weights.data"), std::string("below/../../elsewhere/weights.data"),
        std::string("link.data"), inside.string(), std::string("below/../inside.data")}) {
    EXPECT_ERROR(errc::invalid_config, "\"" + location + "\" is not looked for outside of the model's folder",
                 (void)engine_under_test::onnx(write_model(location)));
  }
}

TEST_F(OnnxExternalData, SaysWhatIsWrongWithIt) {
  folder.write("models/weights.data", data_file());
  folder.write("models/short.data", data_file().substr(0, 27));
  folder.write("models/empty.data", "");
  const auto refused = [&](const std::string& weights, const std::string& why) {
    const fs::path file = folder.write("models/external.onnx", scores_of(weights));
    EXPECT_ERROR(errc::invalid_config, why, (void)engine_under_test::onnx(file));
    EXPECT_ERROR(errc::invalid_config, "external.onnx cannot be used", (void)engine_under_test::onnx(file));
  };
  refused(external_weights("none.data"), "\"none.data\" cannot be read: No such file");
  refused(external_weights("below"), "\"below\" cannot be used: there is no such file");
  refused(external_weights(""), "its external data names no file");
  refused(external_weights(std::string("weights.data\0x", 14)), "its external data names no file");
  refused(external_weights("*/_ORT_MEM_ADDR_/*", "140000000000000"), "cannot be read");
  refused(external_weights("short.data"), "tensor \"w\" has its 24 bytes at 4 in \"short.data\", which ends at 27");
  refused(external_weights("empty.data", "0"), "which ends at 0");
  refused(external_weights("weights.data", "-4"), "its offset is \"-4\"");
  refused(external_weights("weights.data", "18446744073709551612"), "has its 24 bytes at 18446744073709551612");
  refused(external("w", 1, {2, 3}, {{"location", "weights.data"}, {"length", "28"}}),
          "has 28 bytes of external data; its shape and type need 24");
  refused(external("w", 1, {-2, 3}, {{"location", "weights.data"}}), "has a side of -2");
  refused(external("w", 8, {2, 3}, {{"location", "weights.data"}}), "is of string, not of numbers");
  refused(external("w", 99, {2, 3}, {{"location", "weights.data"}}), "is of 99, which is not known");
  refused(external("w", 1, {1 << 20, 1 << 20}, {{"location", "weights.data"}}), "more numbers than a model file");
}

}  // namespace
}  // namespace conveyor::vision
