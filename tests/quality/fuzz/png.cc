// A PNG file in a message.
#include "quality/fuzz/encoded_image.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  conveyor::fuzz::decode_file(conveyor::v1::IMAGE_ENCODING_PNG, conveyor::media::read_png_header, {data, size});
  return 0;
}
