#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <opencv2/core.hpp>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "conveyor/vision/steps.h"
#include "support/kafka_cluster/child_process.h"
#include "support/kafka_cluster/kafka_installation.h"
#include "support/kafka_cluster/temporary_folder.h"

// The steps against reference/steps.py, which is written from their documentation with NumPy, SciPy and scikit-image.

namespace conveyor::vision {
namespace {

using namespace conveyor::tests;

struct Case {
  std::string name, chain;
  double tolerance = 0;  ///< of pixels
  Sample before, after;
};

int depth_of(const std::string& type) {
  if (type == "uint8") return CV_8U;
  if (type == "uint16") return CV_16U;
  if (type == "float32") return CV_32F;
  if (type == "float64") return CV_64F;
  throw std::runtime_error("an array of type " + type);
}

cv::Mat read_array(std::istream& file) {
  std::string line, word, type;
  int rows = 0, cols = 0, channels = 0;
  std::getline(file, line);
  if (!(std::istringstream(line) >> word >> rows >> cols >> channels >> type) || word != "array") {
    throw std::runtime_error("not an array: " + line);
  }
  if (rows == 0) return {};
  cv::Mat array(rows, cols, CV_MAKETYPE(depth_of(type), channels));
  file.read(reinterpret_cast<char*>(array.data), static_cast<std::streamsize>(array.total() * array.elemSize()));
  return array;
}

std::vector<Case> read_cases(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<Case> cases;
  for (std::string line, word; std::getline(file, line);) {
    Case one;
    if (!(std::istringstream(line) >> word >> one.name >> one.chain >> one.tolerance >> one.before.slope >>
          one.before.intercept) ||
        word != "case") {
      throw std::runtime_error("not a case: " + line);
    }
    one.before.pixels = read_array(file);
    one.before.mask = read_array(file);
    one.after.pixels = read_array(file);
    one.after.mask = read_array(file);
    one.after.to_source = cv::Matx23d(read_array(file).ptr<double>());
    cases.push_back(one);
  }
  return cases;
}

TEST(ReferenceSteps, GiveTheSameAsNumPySciPyAndScikitImage) {
  const std::filesystem::path python = cache_folder() / "python/bin/python3";
  ASSERT_TRUE(exists(python)) << "NumPy, SciPy and scikit-image are missing: run cmake/setup.sh tests";
  const std::filesystem::path script = std::filesystem::path(CONVEYOR_REFERENCE_SCRIPTS) / "write_cases.py";
  const TemporaryFolder folder("conveyor-steps");
  const std::string seed = std::to_string(std::random_device()());
  ChildProcess process(
      {"env", "PYTHONDONTWRITEBYTECODE=1", python.string(), script.string(), (folder.path() / "cases").string(), seed},
      folder.path() / "log");
  ASSERT_EQ(process.wait(std::chrono::seconds(60)), 0) << std::ifstream(folder.path() / "log").rdbuf();

  const std::vector<Case> cases = read_cases(folder.path() / "cases");
  EXPECT_GT(cases.size(), 300U);
  const StepRegistry steps = built_in_steps();
  Scratch scratch;  // one for all, so that what a case leaves there would show in the next
  for (const Case& one : cases) {
    SCOPED_TRACE(one.name + " " + one.chain + ", seed " + seed);
    const Sample& got = steps.parse(one.chain).run(one.before, scratch);
    ASSERT_EQ(got.pixels.type(), one.after.pixels.type());
    ASSERT_EQ(got.pixels.size(), one.after.pixels.size());
    EXPECT_LE(cv::norm(got.pixels, one.after.pixels, cv::NORM_INF), one.tolerance);
    ASSERT_EQ(got.mask.empty(), one.after.mask.empty());
    if (!got.mask.empty()) {
      EXPECT_EQ(cv::countNonZero((got.mask != 0) != (one.after.mask != 0)), 0);
    }
    EXPECT_LE(cv::norm(got.to_source, one.after.to_source, cv::NORM_INF), 1e-9);
  }
}

}  // namespace
}  // namespace conveyor::vision
