#include "conveyor/vision/cascade.h"

#include <gtest/gtest.h>

#include <opencv2/core.hpp>

#include "conveyor/vision/session.h"
#include "unit/vision/expect_error.h"
#include "unit/vision/temporary_folder.h"
#include "vision/sha256.h"

namespace conveyor::vision {
namespace {

// One stage with one stump, which a window of 20 x 20 passes whose left half is brighter than its right half by more
// than a standard deviation.
constexpr const char* kEdge = R"xml(<?xml version="1.0"?>
<opencv_storage>
<cascade type_id="opencv-cascade-classifier">
  <stageType>BOOST</stageType>
  <featureType>HAAR</featureType>
  <height>20</height>
  <width>20</width>
  <stageParams><maxWeakCount>1</maxWeakCount></stageParams>
  <featureParams><maxCatCount>0</maxCatCount></featureParams>
  <stageNum>1</stageNum>
  <stages>
    <_>
      <maxWeakCount>1</maxWeakCount>
      <stageThreshold>0.5</stageThreshold>
      <weakClassifiers>
        <_><internalNodes>0 -1 0 0.7</internalNodes><leafValues>0. 1.</leafValues></_>
      </weakClassifiers>
    </_>
  </stages>
  <features>
    <_><rects><_>0 0 20 20 -1.</_><_>0 0 10 20 2.</_></rects><tilted>0</tilted></_>
  </features>
</cascade>
</opencv_storage>
)xml";

class CascadeFile : public ::testing::Test {
 protected:
  TemporaryFolder folder_{"conveyor_cascade_test"};
  std::filesystem::path file_ = folder_.write("edge.xml", kEdge);
};

TEST_F(CascadeFile, FindsWhatItWasMadeFor) {
  const auto model = cascade(file_, {.label = "falling edge"});
  EXPECT_EQ(model->card().name, "edge");
  EXPECT_EQ(model->card().sha256, sha256(kEdge));
  EXPECT_EQ(model->card().labels, std::vector<std::string>{"falling edge"});
  Session session(model);
  std::array<Outcome, 3> outcomes;
  cv::Mat edge(100, 100, CV_8UC1, cv::Scalar(20));
  edge(cv::Rect(0, 0, 50, 100)).setTo(220);
  cv::Mat other;
  cv::flip(edge, other, 1);
  cv::Mat bgr;
  cv::merge(std::vector<cv::Mat>{edge, edge, edge}, bgr);
  session.classify(std::array{edge, other, bgr}, outcomes);
  ASSERT_FALSE(outcomes[0].detections().empty()) << outcomes[0].reason();
  for (const Detection& found : outcomes[0].detections()) {
    EXPECT_EQ(found.label.name, "falling edge");
    EXPECT_GE(found.label.score, 3);
    EXPECT_NEAR(found.box.x + found.box.width / 2, 50, 6);
  }
  EXPECT_TRUE(outcomes[1].detections().empty()) << "the other way round it rises";
  EXPECT_EQ(outcomes[2].detections().size(), outcomes[0].detections().size());
}

TEST_F(CascadeFile, FindsNothingInImagesThatAreTooSmall) {
  Session session(cascade(file_));
  std::array<Outcome, 2> outcomes;
  session.classify(std::array{cv::Mat(4, 4, CV_8UC1, cv::Scalar(1)), cv::Mat(40, 40, CV_8UC4, cv::Scalar(1))},
                   outcomes);
  EXPECT_EQ(outcomes[0].kind(), Outcome::Kind::kPrediction) << outcomes[0].reason();
  EXPECT_TRUE(outcomes[0].detections().empty());
  EXPECT_EQ(outcomes[1].kind(), Outcome::Kind::kBadInput);
}

TEST_F(CascadeFile, SaysWhatIsWrong) {
  EXPECT_ERROR(errc::invalid_config, "none.xml cannot be used: there is no such file", (void)cascade("none.xml"));
  for (const std::string& text :
       {std::string(), std::string("<opencv_storage></opencv_storage>"), std::string(kEdge).substr(0, 600),
        std::string("no xml"),
        std::string("<?xml version=\"1.0\"?><opencv_storage><cascade>1</cascade></opencv_storage>")}) {
    EXPECT_ERROR(errc::invalid_config, "broken.xml cannot be used: ", (void)cascade(folder_.write("broken.xml", text)));
  }
  EXPECT_ERROR(errc::invalid_config, "scale", (void)cascade(file_, {.scale = 1}));
  EXPECT_ERROR(errc::invalid_config, "min_neighbors", (void)cascade(file_, {.min_neighbors = 0}));
  EXPECT_ERROR(errc::invalid_config, "min_size", (void)cascade(file_, {.min_size = -1}));
  EXPECT_ERROR(errc::invalid_config, "max_size", (void)cascade(file_, {.min_size = 9, .max_size = 8}));
}

}  // namespace
}  // namespace conveyor::vision
