#ifndef CONVEYOR_SRC_DICOM_DATASET_H_
#define CONVEYOR_SRC_DICOM_DATASET_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

// The structure of a DICOM data set (PS3.5, chapter 7), read in place. GDCM's own reader allocates what the file's
// lengths say, and guesses how to repair broken files. Here every length is checked against the bytes that are there,
// and a file that does not fit is refused.

namespace conveyor::dicom {

using Tag = std::uint32_t;  // group << 16 | element

/// "(7fe0,0010)".
[[nodiscard]] std::string tag_text(Tag tag);

struct Syntax {
  bool explicit_vr = true;
  bool big_endian = false;
};

struct Element {
  Tag tag = 0;
  std::string_view vr = {};       ///< two letters; empty where the syntax is implicit
  std::string_view value = {};    ///< without its delimiter
  bool undefined_length = false;  ///< items follow each other in value up to a delimiter, as in a sequence
};

/// Reads an unsigned number of 2 or 4 bytes, which must be there.
[[nodiscard]] std::uint32_t read_number(std::string_view bytes, std::size_t at, int size, bool big_endian);

/// Reads the elements of a data set one after the other.
class DatasetReader {
 public:
  DatasetReader(std::string_view bytes, Syntax syntax, std::size_t at = 0) : bytes_(bytes), syntax_(syntax), at_(at) {}

  /// The next element, or nothing at the end.
  /// @throws DecodeError when it does not lie within the bytes
  [[nodiscard]] std::optional<Element> next();
  /// Reads the bytes as a sequence or as encapsulated pixel data: calls each(value) for its items until that returns
  /// false.
  void for_each_item(const std::function<bool(std::string_view)>& each) const;
  /// Where next() continues.
  [[nodiscard]] std::size_t position() const noexcept { return at_; }

 private:
  struct Head {
    Tag tag = 0;
    std::string_view vr = {};
    std::uint32_t length = 0;
    /// The content of an element of unknown representation and undefined length is implicit (PS3.5, 6.2.2).
    [[nodiscard]] bool explicit_inside() const { return !vr.empty() && vr != "UN"; }
  };

  Head read_head(std::size_t& at, bool explicit_vr) const;
  std::size_t end_of_items(std::size_t& at, bool explicit_vr, int depth) const;
  void skip_item(std::size_t& at, bool explicit_vr, int depth) const;

  std::string_view bytes_;
  Syntax syntax_;
  std::size_t at_;
};

}  // namespace conveyor::dicom

#endif  // CONVEYOR_SRC_DICOM_DATASET_H_
