#include <fmt/format.h>
#include <gdcmDataElement.h>
#include <gdcmFragment.h>
#include <gdcmJPEG2000Codec.h>
#include <gdcmJPEGCodec.h>
#include <gdcmJPEGLSCodec.h>
#include <gdcmSequenceOfFragments.h>
#include <gdcmTrace.h>

#include <cstring>
#include <exception>
#include <memory>
#include <mutex>

#include "conveyor/error.h"
#include "dicom/pixels.h"
#include "dicom/stream_header.h"

namespace conveyor::dicom {
namespace {

/// GDCM writes what it thinks of a file to the standard error of the process.
void silence_gdcm() {
  static std::once_flag once;
  std::call_once(once, [] {
    gdcm::Trace::DebugOff();
    gdcm::Trace::WarningOff();
    gdcm::Trace::ErrorOff();
  });
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

std::unique_ptr<gdcm::ImageCodec> codec_of(Packing packing) {
  if (packing == Packing::kJpeg) return std::make_unique<gdcm::JPEGCodec>();
  if (packing == Packing::kJpegLs) return std::make_unique<gdcm::JPEGLSCodec>();
  return std::make_unique<gdcm::JPEG2000Codec>();
}

gdcm::PhotometricInterpretation photometric_of(const Header& header) {
  using Kind = gdcm::PhotometricInterpretation;
  if (header.samples == 1) return Kind::MONOCHROME2;
  switch (header.photometric) {
    case Photometric::kYbrFull:
      return Kind::YBR_FULL;
    case Photometric::kYbrFull422:
      return Kind::YBR_FULL_422;
    case Photometric::kYbrReversible:
      return Kind::YBR_RCT;
    default:
      return Kind::RGB;
  }
}

}  // namespace

void decode_stream(const Header& header, std::string_view stream, cv::Mat& into, bool& ybr) {
  // What the codecs allocate and write follows from the stream's own header, so it must be that of the file.
  const StreamHeader own =
      header.packing == Packing::kJpeg2000 ? read_jpeg2000_stream(stream) : read_jpeg_stream(stream);
  if (own.width != header.width || own.height != header.height || own.components != header.samples) {
    throw DecodeError(fmt::format("it says {} x {} pixels of {} sample{}, its compressed pixels {} x {} of {}",
                                  header.width, header.height, header.samples, header.samples == 1 ? "" : "s",
                                  own.width, own.height, own.components));
  }
  if (own.precision < 2 || own.precision > header.bits_allocated) {
    throw DecodeError(fmt::format("its compressed pixels have {} bits a sample, {} are allocated", own.precision,
                                  header.bits_allocated));
  }
  const int allocated = own.precision <= 8 ? 8 : 16;
  silence_gdcm();
  const std::unique_ptr<gdcm::ImageCodec> codec = codec_of(header.packing);
  codec->SetNumberOfDimensions(2);
  codec->SetDimensions({static_cast<unsigned int>(header.width), static_cast<unsigned int>(header.height)});
  // Before the pixel format: with that, the JPEG codec makes the codec of its precision, which knows what is set by
  // then.
  codec->SetPhotometricInterpretation(photometric_of(header));
  codec->SetPixelFormat(gdcm::PixelFormat(
      static_cast<unsigned short>(header.samples), static_cast<unsigned short>(allocated),
      static_cast<unsigned short>(own.precision), static_cast<unsigned short>(own.precision - 1), header.is_signed));
  codec->SetPlanarConfiguration(0);

  into.create(header.height, header.width, CV_MAKETYPE(allocated == 8 ? CV_8U : CV_16U, header.samples));
  gdcm::DataElement decoded;
  try {
    if (!codec->Decode(pixel_element(stream), decoded)) throw DecodeError("GDCM cannot decode its compressed pixels");
  } catch (const DecodeError&) {
    throw;
  } catch (const std::exception& error) {
    throw DecodeError(fmt::format("GDCM cannot decode its compressed pixels: {}", error.what()));
  }
  const gdcm::ByteValue* bytes = decoded.GetByteValue();
  const std::size_t size = into.total() * into.elemSize();
  if (bytes == nullptr || bytes->GetLength() < size) {
    throw DecodeError(fmt::format("GDCM decoded {} bytes of its compressed pixels, {} are needed",
                                  bytes == nullptr ? 0 : static_cast<std::size_t>(bytes->GetLength()), size));
  }
  std::memcpy(into.data, bytes->GetPointer(), size);
  if (allocated == 8 && header.bits_allocated == 16) into.convertTo(into, CV_16U);
  ybr = ybr && header.packing == Packing::kJpeg;
}

}  // namespace conveyor::dicom
