#include "vision/onnx/onnx_metadata.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <map>
#include <optional>
#include <system_error>
#include <utility>

#include "base/utf8.h"
#include "vision/text_parsing.h"

namespace conveyor::vision {
namespace {

constexpr std::size_t kMostLabels = 1 << 20;

/// Reads `{0: 'person', 1: "traffic light"}`, `{"0": "person"}` and `['person', 'car']`.
class NamesReader {
 public:
  explicit NamesReader(std::string_view text) : left_(text) {}

  std::optional<std::vector<std::string>> read() {
    const bool is_list = take('[');
    if (!is_list && !take('{')) return {};
    const char end = is_list ? ']' : '}';
    std::map<std::size_t, std::string> names;
    while (!take(end)) {
      if (!names.empty() && !take(',')) return {};
      if (!names.empty() && take(end)) break;  // a comma behind the last one
      auto index = is_list ? std::optional(names.size()) : key();
      auto name = index ? string() : std::nullopt;
      if (!name || names.size() == kMostLabels || !names.emplace(*index, *std::move(name)).second) return {};
    }
    if (!trim(left_).empty() || names.empty() || names.rbegin()->first != names.size() - 1) return {};
    std::vector<std::string> labels;
    for (auto& [index, name] : names) labels.push_back(std::move(name));
    return labels;
  }

 private:
  bool take(char wanted) {
    const auto at = left_.find_first_not_of(" \t\r\n");
    if (at == std::string_view::npos || left_[at] != wanted) return false;
    left_.remove_prefix(at + 1);
    return true;
  }

  /// A whole number, in quotes or not, and a colon.
  std::optional<std::size_t> key() {
    const bool single = take('\''), quoted = single || take('"');
    left_.remove_prefix(std::min(left_.find_first_not_of(" \t\r\n"), left_.size()));
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(left_.data(), left_.data() + left_.size(), index);
    if (error != std::errc()) return {};
    left_.remove_prefix(static_cast<std::size_t>(end - left_.data()));
    if (quoted && !take(single ? '\'' : '"')) return {};
    return take(':') ? std::optional(index) : std::nullopt;
  }

  std::optional<std::string> string() {
    const char quote = take('\'') ? '\'' : take('"') ? '"' : '\0';
    std::string text;
    while (quote != '\0' && !left_.empty()) {
      const char c = left_.front();
      left_.remove_prefix(1);
      if (c == quote) return is_utf8(text) ? std::optional(text) : std::nullopt;
      if (c != '\\') {
        text += c;
      } else if (!escape(text)) {
        return {};
      }
    }
    return {};
  }

  bool escape(std::string& text) {
    if (left_.empty()) return false;
    const char c = left_.front();
    left_.remove_prefix(1);
    switch (c) {
      case 'n':
        text += '\n';
        return true;
      case 't':
        text += '\t';
        return true;
      case 'x':
        return code_point(text, 2);
      case 'u':
        return code_point(text, 4);
      default:
        text += c;
        return c == '\\' || c == '\'' || c == '"' || c == '/';
    }
  }

  bool code_point(std::string& text, std::size_t digits) {
    unsigned code = 0;
    if (left_.size() < digits) return false;
    const auto [end, error] = std::from_chars(left_.data(), left_.data() + digits, code, 16);
    if (error != std::errc() || end != left_.data() + digits) return false;
    left_.remove_prefix(digits);
    if (code < 0x80) {
      text += static_cast<char>(code);
    } else if (code < 0x800) {
      text += static_cast<char>(0xC0 | code >> 6);
      text += static_cast<char>(0x80 | (code & 0x3F));
    } else {
      text += static_cast<char>(0xE0 | code >> 12);
      text += static_cast<char>(0x80 | (code >> 6 & 0x3F));
      text += static_cast<char>(0x80 | (code & 0x3F));  // half of a surrogate pair is no UTF-8, and the text is refused
    }
    return true;
  }

  std::string_view left_;
};

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  if (!is_utf8(text)) return lines;
  split(text, '\n', [&](std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (lines.size() < kMostLabels) lines.emplace_back(line);
  });
  if (lines.back().empty()) lines.pop_back();
  return lines;
}

std::string_view entry(const OnnxModel& model, std::string_view key) {
  const auto found = model.metadata.find(key);
  return found == model.metadata.end() ? std::string_view() : found->second;
}

}  // namespace

std::vector<std::string> labels_in(const OnnxModel& model) {
  if (auto names = NamesReader(entry(model, "names")).read()) return *std::move(names);
  return lines_of(entry(model, "character"));
}

std::string wrong_task(const OnnxModel& model, bool detector) {
  const std::string_view task = entry(model, "task");
  if (task == "pose") return "its file says task=pose: the keypoints of poses are not read";
  if (task == "obb") return "its file says task=obb: oriented boxes are not read";
  if (task == "segment") return "its file says task=segment: masks are not read; export the model for detection";
  if (task == "classify" && detector) {
    return "its file says task=classify: \"onnx:\" and \"onnxruntime:\" read scores of whole images";
  }
  if (task == "detect" && !detector) {
    return "its file says task=detect: \"detector:\" and \"onnxruntime_detector:\" read boxes";
  }
  return {};
}

}  // namespace conveyor::vision
