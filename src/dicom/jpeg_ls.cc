#include <charls/charls.h>
#include <fmt/format.h>

#include "conveyor/error.h"
#include "dicom/streams.h"

namespace conveyor::dicom {

void decode_jpeg_ls(const Header& header, std::string_view stream, cv::Mat& into) {
  // CharLS takes seconds to find that a stream without its end marker is damaged.
  stream = stream.substr(0, stream.find_last_not_of('\0') + 1);
  if (!stream.ends_with("\xff\xd9")) throw DecodeError("the JPEG-LS in it is cut short");
  try {
    charls::jpegls_decoder decoder;
    decoder.source(stream.data(), stream.size());
    decoder.read_header();
    const charls::frame_info& own = decoder.frame_info();
    create_samples(header, {own.width, own.height, own.component_count, own.bits_per_sample}, into);
    if (decoder.destination_size() != into.total() * into.elemSize()) {
      throw DecodeError("the JPEG-LS in it has samples of another size");
    }
    decoder.decode(into.data, into.total() * into.elemSize());
    if (header.samples == 3 && decoder.interleave_mode() == charls::interleave_mode::none) interleave_planes(into);
  } catch (const charls::jpegls_error& error) {
    throw DecodeError(fmt::format("the JPEG-LS in it cannot be decoded: {}", error.what()));
  }
}

}  // namespace conveyor::dicom
