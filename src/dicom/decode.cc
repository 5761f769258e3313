#include "conveyor/dicom/decode.h"

#include <fmt/format.h>

#include <opencv2/core.hpp>
#include <stdexcept>
#include <utility>

#include "conveyor/error.h"
#include "conveyor/v1/image.pb.h"
#include "dicom/convert.h"
#include "dicom/header.h"
#include "dicom/pixels.h"

namespace conveyor::dicom {

struct File::State {
  codec::Scratch inflated;
  Header header;
};

File::File(std::string_view bytes) : state_(std::make_unique<State>()) {
  state_->header = read_header(bytes, state_->inflated);
}
File::~File() = default;
File::File(File&&) noexcept = default;
File& File::operator=(File&&) noexcept = default;

int File::width() const noexcept { return state_->header.width; }
int File::height() const noexcept { return state_->header.height; }
int File::frame_count() const noexcept { return state_->header.frames; }

vision::DecodedImage File::frame(int index, cv::Mat& buffer) const {
  const Header& header = state_->header;
  if (index < 0 || index >= header.frames) {
    throw std::out_of_range(fmt::format("frame {} of a DICOM file that has {}", index, header.frames));
  }
  const bool gray = header.samples == 1 && header.photometric != Photometric::kPalette;
  const Modality modality = gray ? modality_of(header, index) : Modality{};
  cv::Mat samples;
  if (gray && modality.table.entries == 0) {  // in place
    const SampleLayout layout = read_samples(header, index, buffer);
    return gray_of(header, layout, modality, buffer, buffer);
  }
  const SampleLayout layout = read_samples(header, index, samples);
  if (gray) return gray_of(header, layout, modality, samples, buffer);
  header.samples == 1 ? colors_of_palette(header, layout, samples, buffer) : colors_of(layout, samples, buffer);
  const int bits = header.samples == 1 ? header.palette[0].bits : layout.bits;
  return {buffer, vision::PixelRange::levels((1 << bits) - 1)};
}

namespace {

vision::DecodedImage decode_message(const v1::Image& image, int frame, cv::Mat& buffer) {
  try {
    const File file{image.image_data()};
    const bool declared = image.width() != 0 || image.height() != 0;
    if (declared && (image.width() != file.width() || image.height() != file.height())) {
      throw DecodeError(fmt::format("the message says {} x {} pixels, the file {} x {}", image.width(), image.height(),
                                    file.width(), file.height()));
    }
    if (frame < 0 && file.frame_count() > 1) {
      throw DecodeError(
          fmt::format("the file has {} frames; a message is one picture: send each as its own, or choose "
                      "one with dicom::DecoderOptions::frame",
                      file.frame_count()));
    }
    if (frame >= file.frame_count()) {
      if (file.frame_count() > 1) {
        throw DecodeError(
            fmt::format("dicom::DecoderOptions::frame is {}, the file has {} frames", frame, file.frame_count()));
      }
      frame = 0;
    }
    return file.frame(frame < 0 ? 0 : frame, buffer);
  } catch (const DecodeError& error) {
    throw DecodeError(fmt::format("image of frame {} ({}) cannot be read: {}", image.frame(),
                                  v1::ImageEncoding_Name(image.encoding()), error.what()));
  } catch (const cv::Exception& error) {
    throw DecodeError(fmt::format("image of frame {} ({}) cannot be read: {}", image.frame(),
                                  v1::ImageEncoding_Name(image.encoding()), error.err));
  }
}

}  // namespace

vision::DecodedImage decode(const v1::Image& image, cv::Mat& buffer) {
  if (image.encoding() != v1::IMAGE_ENCODING_DICOM) return vision::decode(image, buffer);
  return decode_message(image, -1, buffer);
}

vision::ImageDecoder decoder(DecoderOptions options) {
  return [options = std::move(options)](const v1::Image& image, cv::Mat& buffer) -> vision::DecodedImage {
    if (image.encoding() == v1::IMAGE_ENCODING_DICOM) return decode_message(image, options.frame, buffer);
    return options.others ? options.others(image, buffer) : vision::decode(image, buffer);
  };
}

void to_image(std::string_view file, v1::Image& into) {
  const File read{file};
  into.set_image_data(std::string(file));
  into.set_width(read.width());
  into.set_height(read.height());
  into.set_encoding(v1::IMAGE_ENCODING_DICOM);
}

}  // namespace conveyor::dicom
