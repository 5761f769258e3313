#include "unit/dicom/encode.h"

#include <charls/charls.h>
#include <openjpeg.h>

#include <cstdint>
#include <stdexcept>
#include <vector>

namespace conveyor::dicom {

std::string encode_jpeg_ls(const cv::Mat& pixels, int bits) {
  charls::jpegls_encoder encoder;
  encoder.frame_info({static_cast<std::uint32_t>(pixels.cols), static_cast<std::uint32_t>(pixels.rows), bits, 1});
  std::vector<char> bytes(encoder.estimated_destination_size());
  encoder.destination(bytes.data(), bytes.size());
  return {bytes.data(), encoder.encode(pixels.data, pixels.total() * pixels.elemSize())};
}

std::string encode_jpeg2000(const cv::Mat& pixels, int bits) {
  const bool is_signed = pixels.depth() == CV_16S;
  opj_cparameters_t parameters;
  opj_set_default_encoder_parameters(&parameters);
  parameters.numresolution = 1;
  opj_image_cmptparm_t component{};
  component.dx = component.dy = 1;
  component.w = static_cast<OPJ_UINT32>(pixels.cols);
  component.h = static_cast<OPJ_UINT32>(pixels.rows);
  component.prec = static_cast<OPJ_UINT32>(bits);
  component.sgnd = is_signed ? 1 : 0;
  opj_image_t* image = opj_image_create(1, &component, OPJ_CLRSPC_GRAY);
  image->x1 = component.w;
  image->y1 = component.h;
  for (std::size_t i = 0; i < pixels.total(); ++i) {
    image->comps[0].data[i] = is_signed ? pixels.ptr<std::int16_t>()[i] : pixels.ptr<std::uint16_t>()[i];
  }
  std::string bytes;
  opj_codec_t* codec = opj_create_compress(OPJ_CODEC_J2K);
  opj_stream_t* stream = opj_stream_default_create(OPJ_FALSE);
  opj_stream_set_user_data(stream, &bytes, nullptr);
  opj_stream_set_write_function(stream, [](void* from, OPJ_SIZE_T size, void* to) {
    static_cast<std::string*>(to)->append(static_cast<const char*>(from), size);
    return size;
  });
  const bool good = opj_setup_encoder(codec, &parameters, image) && opj_start_compress(codec, image, stream) &&
                    opj_encode(codec, stream) && opj_end_compress(codec, stream);
  opj_stream_destroy(stream);
  opj_destroy_codec(codec);
  opj_image_destroy(image);
  if (!good) throw std::runtime_error("OpenJPEG cannot encode these pixels");
  return bytes;
}

}  // namespace conveyor::dicom
