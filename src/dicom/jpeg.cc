#include <fmt/format.h>
#include <gdcmDataElement.h>
#include <gdcmFragment.h>
#include <gdcmJPEG12Codec.h>
#include <gdcmJPEG16Codec.h>
#include <gdcmJPEG8Codec.h>
#include <gdcmSequenceOfFragments.h>
#include <gdcmTrace.h>

#include <cstdint>
#include <cstring>
#include <exception>
#include <memory>
#include <mutex>

#include "conveyor/error.h"
#include "dicom/streams.h"

namespace conveyor::dicom {
namespace {

/// Silences GDCM, which writes warnings about files to standard error.
void silence_gdcm() {
  static std::once_flag once;
  std::call_once(once, [] {
    gdcm::Trace::DebugOff();
    gdcm::Trace::WarningOff();
    gdcm::Trace::ErrorOff();
  });
}

/// The codec for the precision of the stream. gdcm::JPEGCodec would choose by the bits that the file says are stored,
/// and fail on a stream of another precision.
std::unique_ptr<gdcm::ImageCodec> codec_of(int precision) {
  if (precision <= 8) return std::make_unique<gdcm::JPEG8Codec>();
  if (precision <= 12) return std::make_unique<gdcm::JPEG12Codec>();
  return std::make_unique<gdcm::JPEG16Codec>();
}

gdcm::PhotometricInterpretation photometric_of(const Header& header) {
  using Kind = gdcm::PhotometricInterpretation;
  if (header.samples == 1) return Kind::MONOCHROME2;
  if (header.photometric == Photometric::kYbrFull) return Kind::YBR_FULL;
  return header.photometric == Photometric::kYbrFull422 ? Kind::YBR_FULL_422 : Kind::RGB;
}

/// Lossy JPEG of more than 12 bits, which T.81 does not have. GDCM writes such streams, without the level shift that
/// its decoder undoes.
void undo_level_shift(cv::Mat& samples) {
  std::uint16_t* sample = samples.ptr<std::uint16_t>();
  std::uint16_t* const end = sample + samples.total() * static_cast<std::size_t>(samples.channels());
  for (; sample != end; ++sample) *sample ^= 0x8000;
}

gdcm::DataElement pixel_element(std::string_view stream) {
  gdcm::Fragment fragment;
  fragment.SetByteValue(stream.data(), static_cast<std::uint32_t>(stream.size()));
  const gdcm::SmartPointer<gdcm::SequenceOfFragments> fragments = new gdcm::SequenceOfFragments;
  fragments->AddFragment(fragment);
  gdcm::DataElement element(gdcm::Tag(0x7fe0, 0x0010));
  element.SetVR(gdcm::VR::OB);
  element.SetValue(*fragments);
  return element;
}

}  // namespace

StreamHeader decode_jpeg(const Header& header, std::string_view stream, cv::Mat& into) {
  std::string clean;
  const StreamHeader own = clean_jpeg(stream, clean);
  create_samples(header, own, into);
  silence_gdcm();
  const std::unique_ptr<gdcm::ImageCodec> codec = codec_of(own.precision);
  codec->SetNumberOfDimensions(2);
  codec->SetDimensions({static_cast<unsigned int>(header.width), static_cast<unsigned int>(header.height)});
  codec->SetPhotometricInterpretation(photometric_of(header));
  codec->SetPixelFormat(
      gdcm::PixelFormat(static_cast<unsigned short>(header.samples), static_cast<unsigned short>(8 * into.elemSize1()),
                        static_cast<unsigned short>(own.precision), static_cast<unsigned short>(own.precision - 1)));
  gdcm::DataElement decoded;
  bool done = false;
  try {
    done = codec->Decode(pixel_element(clean), decoded);
  } catch (const std::exception& error) {
    throw DecodeError(fmt::format("GDCM cannot decode the JPEG in it: {}", error.what()));
  }
  const gdcm::ByteValue* bytes = done ? decoded.GetByteValue() : nullptr;
  const std::size_t size = into.total() * into.elemSize();
  if (bytes == nullptr || bytes->GetLength() < size) {
    throw DecodeError(fmt::format("GDCM decoded {} bytes of the JPEG in it; {} are needed",
                                  bytes == nullptr ? 0 : static_cast<std::size_t>(bytes->GetLength()), size));
  }
  std::memcpy(into.data, bytes->GetPointer(), size);
  if (own.precision > 12 && !own.lossless) undo_level_shift(into);
  return own;
}

}  // namespace conveyor::dicom
