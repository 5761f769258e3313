// Physical values: rescaling and modality lookup tables (PS3.3, C.11.1).

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "unit/dicom/picture.h"
#include "unit/vision/expect_error.h"

namespace conveyor::dicom {
namespace {

using Values = std::vector<double>;

std::string sequence(std::uint32_t tag, const std::string& of) { return element(tag, "SQ", item(of)); }
/// A modality lookup table; the descriptor is entries, first value, bits.
std::string table(std::initializer_list<int> descriptor, const std::string& entries, std::string_view vr = "OW") {
  return sequence(0x00283000, element(0x00283002, "US", words(descriptor)) + element(0x00283004, "LO", "HU") +
                                  element(0x00283006, vr, entries));
}
const std::string kPixels = words({0, 1, 2, 3, 4, 5, 6, 7});
const std::string kHundreds = words({100, 200, 300, 400, 500, 600, 700, 800});

TEST(DicomModality, AppliesItsLookupTable) {
  const auto image = frame_of(Picture{.more = table({8, 0, 16}, kHundreds), .pixels = kPixels}.file());
  EXPECT_EQ(image.pixels.type(), CV_16UC1);
  EXPECT_EQ(physical(image), (Values{100, 200, 300, 400, 500, 600, 700, 800}));
}

TEST(DicomModality, ReadsEntriesOfRepresentationUSToo) {
  EXPECT_EQ(physical(frame_of(Picture{.more = table({8, 0, 16}, kHundreds, "US"), .pixels = kPixels}.file())),
            (Values{100, 200, 300, 400, 500, 600, 700, 800}));
}

TEST(DicomModality, TakesTheFirstAndTheLastEntryForValuesOutsideOfItsTable) {
  EXPECT_EQ(physical(frame_of(Picture{.more = table({3, 2, 16}, words({10, 20, 30})), .pixels = kPixels}.file())),
            (Values{10, 10, 10, 20, 30, 30, 30, 30}));
}

TEST(DicomModality, LooksUpSignedValues) {
  const Picture picture{.stored = 12,
                        .is_signed = true,
                        .more = table({4, -2, 16}, words({7, 8, 9, 10})),
                        .pixels = words({-2048, -3, -2, -1, 0, 1, 2, 0x0ffe})};
  EXPECT_EQ(physical(frame_of(picture.file())), (Values{7, 7, 7, 8, 9, 10, 10, 7}));
}

TEST(DicomModality, InvertsMonochrome1BehindItsTable) {
  const auto image =
      frame_of(Picture{.photometric = "MONOCHROME1", .more = table({8, 0, 12}, kHundreds), .pixels = kPixels}.file());
  EXPECT_EQ(physical(image), (Values{100, 200, 300, 400, 500, 600, 700, 800}));
  EXPECT_EQ(image.pixels.at<std::uint16_t>(0, 0), 4095 - 100) << "brighter is more light";
}

TEST(DicomModality, ReadsEntriesOfEightBitsInBytesAndInWords) {
  const Picture bytes{.more = table({3, 0, 8}, std::string("\x0a\x14\xff\0", 4)), .pixels = kPixels};
  const auto image = frame_of(bytes.file());
  EXPECT_EQ(image.pixels.type(), CV_8UC1);
  EXPECT_EQ(physical(image), (Values{10, 20, 255, 255, 255, 255, 255, 255}));
  EXPECT_EQ(physical(frame_of(Picture{.more = table({3, 0, 8}, words({10, 20, 255})), .pixels = kPixels}.file())),
            physical(image));
}

TEST(DicomModality, TakesNoEntriesFor65536) {
  std::string entries;
  for (int i = 0; i < 65536; ++i) entries += little_endian(static_cast<std::uint32_t>(65535 - i), 2);
  EXPECT_EQ(physical(frame_of(Picture{.more = table({0, 0, 16}, entries), .pixels = kPixels}.file())),
            (Values{65535, 65534, 65533, 65532, 65531, 65530, 65529, 65528}));
}

TEST(DicomModality, PrefersItsTableToASlope) {
  EXPECT_EQ(physical(frame_of(Picture{.more = element(0x00281052, "DS", "-1000") + element(0x00281053, "DS", "2") +
                                              table({8, 0, 16}, kHundreds),
                                      .pixels = kPixels}
                                  .file()))[1],
            200);
}

TEST(DicomModality, ReadsTablesInFunctionalGroups) {
  Picture two{.width = 1, .height = 1, .pixels = words({1, 1})};
  const auto transformation = [](const std::string& of) { return item(sequence(0x00289145, of)); };
  two.more = element(0x00280008, "IS", "2") +
             element(0x52009230, "SQ",
                     transformation(table({2, 0, 16}, words({5, 6}))) + transformation(element(0x00281053, "DS", "3")));
  EXPECT_EQ(physical(frame_of(two.file(), 0)), Values{6});
  EXPECT_EQ(physical(frame_of(two.file(), 1)), Values{3});
}

TEST(DicomModality, ReadsSequencesOfUnknownRepresentationAsImplicit) {
  const auto implicit = [](std::uint32_t tag, const std::string& value) {
    return little_endian(tag >> 16, 2) + little_endian(tag & 0xffff, 2) +
           little_endian(static_cast<std::uint32_t>(value.size()), 4) + value;
  };
  const std::string inside = implicit(0x00283002, words({8, 0, 16})) + implicit(0x00283006, kHundreds);
  EXPECT_EQ(physical(frame_of(Picture{.more = element(0x00283000, "UN", item(inside)), .pixels = kPixels}.file()))[7],
            800);
}

TEST(DicomModality, RefusesTablesThatCannotBeApplied) {
  const auto refused = [](const std::string& more, const char* why) {
    EXPECT_ERROR(errc::decode, why, (void)frame_of(Picture{.more = more, .pixels = kPixels}.file()));
  };
  refused(table({8, 0, 16}, words({1, 2, 3})), "its modality lookup table has 6 bytes for 8 entries of 16 bits");
  refused(table({8, 0, 32}, kHundreds), "its modality lookup table has 32 bits an entry");
  refused(table({8, 0}, kHundreds), "its modality lookup table has a descriptor of less than 3 numbers");
  refused(table({8, 0, 8}, kHundreds), "its modality lookup table has 8 bits an entry, and an entry of 300");
  refused(sequence(0x00283000, element(0x00283004, "LO", "HU")), "its modality lookup table has no descriptor");
}

TEST(DicomModality, LeavesPixelsAloneWhereTheSequenceIsEmpty) {
  EXPECT_EQ(physical(frame_of(Picture{.more = element(0x00283000, "SQ", ""), .pixels = kPixels}.file()))[7], 7);
}

}  // namespace
}  // namespace conveyor::dicom
