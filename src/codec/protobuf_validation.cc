#include "codec/protobuf_validation.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <typeinfo>
#include <utility>
#include <vector>

#include "base/thread_annotations.h"
#include "base/utf8.h"

namespace conveyor::codec {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

struct Layout;

enum class Kind : std::uint8_t { kUnknown, kPlain, kText, kMessage };

/// What is checked of a field.
struct Field {
  Kind kind = Kind::kUnknown;
  const FieldDescriptor* field = nullptr;  // null: unknown
  const Layout* message = nullptr;         // of a message or group
};

/// The fields of a message type.
struct Layout {
  const Descriptor* type = nullptr;
  const std::type_info* generated = nullptr;  // the class that protoc made of it
  bool extensible = false;
  std::vector<Field> low = {};                 // by number
  std::map<std::uint64_t, Field> others = {};  // with higher numbers
};

constexpr int kLow = 64;

bool must_be_utf8(const FieldDescriptor& field) {
  if (field.type() != FieldDescriptor::TYPE_STRING) return false;
#if GOOGLE_PROTOBUF_VERSION < 4023000
  return field.file()->syntax() == google::protobuf::FileDescriptor::SYNTAX_PROTO3;
#else
  return field.requires_utf8_validation();
#endif
}

/// The layouts of all types that were sent or refused. They are never removed.
class Layouts {
 public:
  const Layout& of(const Message& message) {
    const Descriptor& type = *message.GetDescriptor();
    const MutexLock lock{mutex_};
    Layout& layout = find_or_add(type);
    // Written once: afterwards threads read it without the lock.
    const bool generated = type.file()->pool() == google::protobuf::DescriptorPool::generated_pool();
    if (generated && layout.generated == nullptr) layout.generated = &typeid(message);
    return layout;
  }

  /// Looked up each time, because extensions may be registered at any time. @return kUnknown: none is registered
  Field extension(const Descriptor& type, std::uint64_t number) {
    const bool possible = number <= static_cast<std::uint64_t>(FieldDescriptor::kMaxNumber);
    const FieldDescriptor* field =
        possible ? type.file()->pool()->FindExtensionByNumber(&type, static_cast<int>(number)) : nullptr;
    if (field == nullptr) return {};
    const MutexLock lock{mutex_};
    return describe(*field);
  }

 private:
  Layout& find_or_add(const Descriptor& type) CONVEYOR_REQUIRES(mutex_) {
    auto& layout = layouts_[&type];
    if (layout) return *layout;
    layout = std::make_unique<Layout>();
    Layout& made = *layout;  // a type may contain itself
    made.type = &type;
    made.extensible = type.extension_range_count() != 0;
    for (int i = 0; i < type.field_count(); ++i) {
      const Field field = describe(*type.field(i));
      const int number = field.field->number();
      if (number >= kLow) {
        made.others.emplace(number, field);
        continue;
      }
      made.low.resize(std::max(made.low.size(), static_cast<std::size_t>(number) + 1));
      made.low[static_cast<std::size_t>(number)] = field;
    }
    return made;
  }

  Field describe(const FieldDescriptor& field) CONVEYOR_REQUIRES(mutex_) {
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      return {Kind::kMessage, &field, &find_or_add(*field.message_type())};
    }
    return {must_be_utf8(field) ? Kind::kText : Kind::kPlain, &field};
  }

  Mutex mutex_;
  std::map<const Descriptor*, std::unique_ptr<Layout>> layouts_ CONVEYOR_GUARDED_BY(mutex_);
};
Layouts& layouts() {
  static Layouts& layouts = *new Layouts;  // never destroyed: threads may send while the process ends
  return layouts;
}

// A process sends the same few types again and again: they are found without a lock, and without asking the message.
const Layout& layout_of(const Message& message) {
  constexpr std::size_t kSlots = 64;
  static constinit std::array<std::atomic<const Layout*>, kSlots> last{};
  const std::type_info& type = typeid(message);
  auto& slot = last[(reinterpret_cast<std::uintptr_t>(&type) >> 4) % kSlots];
  const Layout* known = slot.load(std::memory_order_acquire);
  if (known != nullptr && known->generated == &type) return *known;
  const Layout& found = layouts().of(message);
  if (found.generated == &type) slot.store(&found, std::memory_order_release);
  return found;
}

// Most texts are ASCII, which is checked eight bytes at a time.
bool is_text(const char* at, const char* end) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  for (std::uint64_t word = 0; end - at >= static_cast<std::ptrdiff_t>(sizeof word); at += sizeof word) {
    std::memcpy(&word, at, sizeof word);
    if ((word & kHighBits) != 0) return is_utf8({at, end});
  }
  for (; at != end; ++at) {
    if (static_cast<unsigned char>(*at) >= 0x80) return is_utf8({at, end});
  }
  return true;
}

enum class Verdict { kReadable, kMalformed, kNotUtf8, kTooDeep };

/// Goes through bytes in protobuf's wire format: https://protobuf.dev/programming-guides/encoding/
class Walk {
 public:
  explicit Walk(std::string_view bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  /// Checks the fields up to the end of the message. @param layout null: of an unknown group
  Verdict message(const Layout* layout, int depth) {
    std::uint64_t tag = 0;
    while (at_ != end_) {
      if (!varint(tag) || (tag & 7) == kEndGroup) return Verdict::kMalformed;
      if (const Verdict verdict = value(layout, tag, depth); verdict != Verdict::kReadable) return verdict;
    }
    return Verdict::kReadable;
  }
  /// The last field that was wrong; null: of a group that the type does not know.
  [[nodiscard]] const FieldDescriptor* field() const noexcept { return field_; }

 private:
  enum WireType { kVarint = 0, kFixed64 = 1, kLengthDelimited = 2, kStartGroup = 3, kEndGroup = 4, kFixed32 = 5 };

  Verdict value(const Layout* layout, std::uint64_t tag, int depth) {
    std::uint64_t ignored = 0;
    if ((tag & 7) == kLengthDelimited) return length_delimited(layout, tag >> 3, depth);
    switch (tag & 7) {
      case kVarint:
        return varint(ignored) ? Verdict::kReadable : Verdict::kMalformed;
      case kFixed64:
        return skip(8);
      case kFixed32:
        return skip(4);
      case kStartGroup:
        return group(find(layout, tag >> 3), tag >> 3, depth);
      default:
        return Verdict::kMalformed;
    }
  }

  Verdict length_delimited(const Layout* layout, std::uint64_t number, int depth) {
    std::uint64_t size = 0;
    if (!varint(size) || size > static_cast<std::uint64_t>(end_ - at_)) return Verdict::kMalformed;
    const char* const begin = at_;
    at_ += size;
    const Field* found = find(layout, number);
    if (found == nullptr || found->kind == Kind::kPlain) return Verdict::kReadable;
    if (found->kind == Kind::kMessage) return inner(*found, begin, depth);
    return is_text(begin, at_) ? Verdict::kReadable : wrong(found->field, Verdict::kNotUtf8);
  }

  // A sub-message, which ends where the next field begins.
  Verdict inner(const Field& found, const char* begin, int depth) {
    if (depth == kDeepest) return wrong(found.field, Verdict::kTooDeep);
    const char* const end = std::exchange(end_, std::exchange(at_, begin));
    const Verdict verdict = message(found.message, depth + 1);
    end_ = end;
    return verdict;
  }

  Verdict group(const Field* found, std::uint64_t number, int depth) {
    if (depth == kDeepest) return wrong(found != nullptr ? found->field : nullptr, Verdict::kTooDeep);
    const Layout* const layout = found != nullptr ? found->message : nullptr;
    std::uint64_t tag = 0;
    while (varint(tag)) {
      if ((tag & 7) == kEndGroup) return tag >> 3 == number ? Verdict::kReadable : Verdict::kMalformed;
      if (const Verdict verdict = value(layout, tag, depth + 1); verdict != Verdict::kReadable) return verdict;
    }
    return Verdict::kMalformed;
  }

  // Null: the type knows no such field. What is found is valid until the next one is looked for.
  const Field* find(const Layout* layout, std::uint64_t number) {
    if (layout == nullptr) return nullptr;
    if (number < layout->low.size() && layout->low[number].kind != Kind::kUnknown) return &layout->low[number];
    return find_other(*layout, number);
  }
  const Field* find_other(const Layout& layout, std::uint64_t number) {
    if (const auto other = layout.others.find(number); other != layout.others.end()) return &other->second;
    if (!layout.extensible) return nullptr;
    extension_ = layouts().extension(*layout.type, number);
    return extension_.kind != Kind::kUnknown ? &extension_ : nullptr;
  }

  bool varint(std::uint64_t& value) {
    if (at_ != end_ && static_cast<unsigned char>(*at_) < 0x80) {
      value = static_cast<unsigned char>(*at_++);
      return true;
    }
    return long_varint(value);
  }
  bool long_varint(std::uint64_t& value) {
    value = 0;
    for (int shift = 0; shift < 64 && at_ != end_; shift += 7) {
      const auto byte = static_cast<unsigned char>(*at_++);
      value |= std::uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }

  Verdict skip(std::ptrdiff_t size) {
    if (end_ - at_ < size) return Verdict::kMalformed;
    at_ += size;
    return Verdict::kReadable;
  }

  Verdict wrong(const FieldDescriptor* field, Verdict verdict) {
    field_ = field;
    return verdict;
  }

  const char* at_;
  const char* end_;
  const FieldDescriptor* field_ = nullptr;
  Field extension_ = {};
};

}  // namespace

std::optional<std::string> why_unreadable(std::string_view bytes, const Message& message) {
  Walk walk{bytes};
  const Verdict verdict = walk.message(&layout_of(message), 0);
  if (verdict == Verdict::kReadable) return {};
  if (verdict == Verdict::kNotUtf8) return fmt::format("the string {} is not UTF-8", walk.field()->full_name());
  if (verdict == Verdict::kTooDeep) {
    return fmt::format("{} lies deeper than {} levels of messages",
                       walk.field() != nullptr ? walk.field()->full_name() : "a group of an unknown field", kDeepest);
  }
  return {};
}

}  // namespace conveyor::codec
