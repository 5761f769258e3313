#ifndef CONVEYOR_SRC_VISION_IMAGE_BIAS_FIELD_H_
#define CONVEYOR_SRC_VISION_IMAGE_BIAS_FIELD_H_

#include <cstddef>
#include <opencv2/core/mat.hpp>
#include <vector>

namespace conveyor::vision {

/// For each pixel, the mean of the pixels around it that are inside a mask, weighted by a Gaussian. It is computed on
/// square cells and linearly interpolated between their centres.
///
/// Thread safety: one thread at a time. Memory is reused from image to image.
class BiasField {
 public:
  /// @param pixels 1 channel, CV_8U, CV_16U or CV_32F
  /// @param deviation of the Gaussian, pixels; cut off beyond three times that
  /// @throws DecodeError when no pixel is inside, or one that is, is not finite
  void estimate(const cv::Mat& pixels, const cv::Mat& mask, double deviation);

  /// Of the pixels inside.
  [[nodiscard]] double mean() const noexcept { return mean_; }

  /// The field along row y, one value for each pixel; 0 where no pixel inside is near. Asking for rows in order is
  /// cheapest.
  [[nodiscard]] const float* row(int y);

 private:
  struct Place {
    int cell;    ///< the last one whose centre lies at or before the pixel's, or the first
    float part;  ///< how far from that centre to the next, 0 to 1
  };
  [[nodiscard]] Place place(int pixel, int cells) const;
  [[nodiscard]] std::size_t cell(int row, int col) const {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(cols_) + static_cast<std::size_t>(col);
  }
  void sum_up(const cv::Mat& pixels, const cv::Mat& mask);
  void smooth(double deviation);
  void expand(int cell_row, std::vector<float>& to) const;

  int width_ = 0;
  int side_ = 1;  ///< of a cell, pixels
  int rows_ = 0;  ///< of cells
  int cols_ = 0;
  double mean_ = 0;
  std::vector<double> sums_, counts_, smoothed_, weights_;
  std::vector<float> cells_;
  std::vector<Place> places_;  ///< of the columns
  std::vector<float> upper_, lower_, row_;
  int upper_row_ = -1;  ///< which rows of cells they are
};

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_IMAGE_BIAS_FIELD_H_
