#ifndef CONVEYOR_DICOM_DECODE_H_
#define CONVEYOR_DICOM_DECODE_H_

#include <memory>
#include <opencv2/core/mat.hpp>
#include <string>
#include <string_view>

#include "conveyor/export.h"
#include "conveyor/vision/image.h"

namespace conveyor::dicom {

/// A DICOM file of one or more pictures.
///
///     const conveyor::dicom::File file{bytes};
///     for (int i = 0; i < file.frame_count(); ++i) show(file.frame(i, buffer).pixels);
///
/// Read are native, deflated, RLE, JPEG (8 and 12 bit, lossless), JPEG-LS and JPEG 2000 (high throughput too) pixel
/// data of 1, 8 or 16 bits allocated, MONOCHROME1, MONOCHROME2, PALETTE COLOR, RGB and YBR; docs/images.md says which
/// files were tried. Compressed pixels are decoded by GDCM, OpenJPEG and CharLS.
///
/// Thread safety: immutable, share freely; each thread decodes into a buffer of its own.
class CONVEYOR_EXPORT File {
 public:
  /// @param bytes the whole file, which must outlive this
  /// @throws DecodeError saying what is wrong with it, or what of it is not decoded; sizes are checked against
  ///         vision::kMaxImageSide and kMaxImagePixels before anything is allocated
  explicit File(std::string_view bytes);
  ~File();
  File(File&&) noexcept;
  File& operator=(File&&) noexcept;

  [[nodiscard]] int width() const noexcept;        ///< pixels
  [[nodiscard]] int height() const noexcept;       ///< pixels
  [[nodiscard]] int frame_count() const noexcept;  ///< at least 1

  /// Frame `index`, from 0: gray or BGR; CV_8U up to 8 bits, CV_16U above, whose memory is that of `buffer`.
  ///
  /// Gray is brighter where there is more light on the screen: MONOCHROME1, in which 0 is white, comes inverted. Signed
  /// values are raised by half their range, 2^(bits stored - 1), so that none is below 0. Where the file has a modality
  /// lookup table the pixels are its entries, CV_8U or CV_16U as these are. Slope and intercept undo all but the table:
  /// slope * pixel + intercept is the physical value that the file's own rescale slope and intercept, or its table,
  /// give. A JPEG 2000 or JPEG-LS stream of more bits than the file
  /// says are stored is taken as it is.
  ///
  /// @throws DecodeError when its pixel data is missing or corrupt, or has values that the bits stored cannot hold;
  /// std::out_of_range for no such frame
  [[nodiscard]] vision::DecodedImage frame(int index, cv::Mat& buffer) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The picture of a message in IMAGE_ENCODING_DICOM, as File::frame() gives it; images in other encodings as
/// vision::decode does.
///
///     conveyor::vision::serve(worker, kScans, kPredictions, model, {.decode = conveyor::dicom::decode});
///
/// The file's dimensions must be those of the message, unless both of these are 0. A message is one picture: a file of
/// several frames is refused, because Image.frame counts within the stream and not within a file. Send each frame as
/// its own message, or choose one with decoder().
///
/// Thread safety: may be called from any thread, each with a buffer of its own; so may all functions of this header.
///
/// @throws DecodeError saying what is wrong with the image
[[nodiscard]] CONVEYOR_EXPORT vision::DecodedImage decode(const v1::Image& image, cv::Mat& buffer);

struct DecoderOptions {
  int frame = -1;                    ///< of files with several frames, from 0; -1: such files are refused
  vision::ImageDecoder others = {};  ///< for other encodings: media::decode, say; empty: vision::decode
};

/// decode(), but as the options say.
[[nodiscard]] CONVEYOR_EXPORT vision::ImageDecoder decoder(DecoderOptions options);

/// Fills image_data with the file, and height, width and encoding; everything else stays.
/// @throws DecodeError as File
CONVEYOR_EXPORT void to_image(std::string_view file, v1::Image& into);

}  // namespace conveyor::dicom

#endif  // CONVEYOR_DICOM_DECODE_H_
