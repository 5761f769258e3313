#include <fmt/format.h>
#include <openjpeg.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>

#include "conveyor/error.h"
#include "dicom/streams.h"

namespace conveyor::dicom {
namespace {

/// What OpenJPEG reads from.
struct Source {
  std::string_view bytes;
  std::size_t at = 0;
};

constexpr auto kEnd = static_cast<OPJ_SIZE_T>(-1);

OPJ_SIZE_T read(void* into, OPJ_SIZE_T size, void* source) {
  auto& from = *static_cast<Source*>(source);
  const std::size_t there = std::min(size, from.bytes.size() - from.at);
  if (there == 0) return kEnd;
  std::memcpy(into, from.bytes.data() + from.at, there);
  from.at += there;
  return there;
}
OPJ_OFF_T skip(OPJ_OFF_T size, void* source) {
  auto& from = *static_cast<Source*>(source);
  if (size < 0 || static_cast<std::size_t>(size) > from.bytes.size() - from.at) return -1;
  from.at += static_cast<std::size_t>(size);
  return size;
}
OPJ_BOOL seek(OPJ_OFF_T to, void* source) {
  auto& from = *static_cast<Source*>(source);
  if (to < 0 || static_cast<std::size_t>(to) > from.bytes.size()) return OPJ_FALSE;
  from.at = static_cast<std::size_t>(to);
  return OPJ_TRUE;
}

/// OpenJPEG's streams and codecs are both void pointers, so each needs a deleter type of its own.
template <class T>
using Owned = std::unique_ptr<T, void (*)(T*)>;

template <class T>
void interleave(const opj_image_t& image, cv::Mat& into) {
  const std::size_t channels = image.numcomps;
  T* to = into.ptr<T>();
  for (std::size_t c = 0; c < channels; ++c) {
    const OPJ_INT32* from = image.comps[c].data;
    for (std::size_t i = 0; i < into.total(); ++i) to[i * channels + c] = static_cast<T>(from[i]);
  }
}

}  // namespace

StreamHeader decode_jpeg2000(const Header& header, std::string_view bytes, cv::Mat& into) {
  const StreamHeader own = read_jpeg2000_header(bytes);
  create_samples(header, own, into);
  Source source{bytes};
  const Owned<opj_stream_t> stream(opj_stream_default_create(OPJ_TRUE), &opj_stream_destroy);
  const Owned<opj_codec_t> codec(opj_create_decompress(OPJ_CODEC_J2K), &opj_destroy_codec);
  if (!stream || !codec) throw std::bad_alloc();
  opj_stream_set_user_data(stream.get(), &source, nullptr);
  opj_stream_set_user_data_length(stream.get(), bytes.size());
  opj_stream_set_read_function(stream.get(), &read);
  opj_stream_set_skip_function(stream.get(), &skip);
  opj_stream_set_seek_function(stream.get(), &seek);

  std::string why;
  opj_set_error_handler(
      codec.get(), [](const char* said, void* to) { static_cast<std::string*>(to)->append(said); }, &why);
  opj_dparameters_t parameters;
  opj_set_default_decoder_parameters(&parameters);
  opj_image_t* made = nullptr;
  bool good = opj_setup_decoder(codec.get(), &parameters) == OPJ_TRUE &&
              opj_read_header(stream.get(), codec.get(), &made) == OPJ_TRUE;
  const Owned<opj_image_t> image(made, &opj_image_destroy);
  good = good && opj_decode(codec.get(), stream.get(), image.get()) == OPJ_TRUE;
  if (!good) {
    why.resize(std::min({why.size(), why.find('\n'), std::size_t{200}}));
    throw DecodeError(fmt::format("the JPEG 2000 in it cannot be decoded: {}", why));
  }
  for (std::size_t c = 0; c < image->numcomps; ++c) {
    const opj_image_comp_t& component = image->comps[c];
    if (component.data == nullptr || component.w != static_cast<OPJ_UINT32>(into.cols) ||
        component.h != static_cast<OPJ_UINT32>(into.rows)) {
      throw DecodeError("the JPEG 2000 in it has a component of another size, or none");
    }
  }
  if (image->numcomps != static_cast<OPJ_UINT32>(into.channels()))
    throw DecodeError("the JPEG 2000 in it lost a component");
  into.depth() == CV_8U ? interleave<std::uint8_t>(*image, into) : interleave<std::uint16_t>(*image, into);
  return own;
}

}  // namespace conveyor::dicom
