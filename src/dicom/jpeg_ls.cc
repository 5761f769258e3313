#include <charls/charls.h>
#include <fmt/format.h>

#include "conveyor/error.h"
#include "dicom/streams.h"

namespace conveyor::dicom {

StreamHeader decode_jpeg_ls(const Header& header, std::string_view stream, cv::Mat& into) {
  // What follows the end marker is padding.
  const std::size_t end = stream.rfind("\xff\xd9");
  if (end == stream.npos) throw DecodeError("the JPEG-LS in it is cut short");
  stream = stream.substr(0, end + 2);
  try {
    charls::jpegls_decoder decoder;
    decoder.source(stream.data(), stream.size());
    decoder.read_header();
    const charls::frame_info& frame = decoder.frame_info();
    const StreamHeader own{.width = frame.width,
                           .height = frame.height,
                           .components = frame.component_count,
                           .precision = frame.bits_per_sample};
    create_samples(header, own, into);
    if (decoder.destination_size() != into.total() * into.elemSize()) {
      throw DecodeError("the JPEG-LS in it has samples of another size");
    }
    decoder.decode(into.data, into.total() * into.elemSize());
    if (header.samples == 3 && decoder.interleave_mode() == charls::interleave_mode::none) interleave_planes(into);
    return own;
  } catch (const charls::jpegls_error& error) {
    throw DecodeError(fmt::format("the JPEG-LS in it cannot be decoded: {}", error.what()));
  }
}

}  // namespace conveyor::dicom
