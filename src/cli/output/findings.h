#ifndef CONVEYOR_SRC_CLI_OUTPUT_FINDINGS_H_
#define CONVEYOR_SRC_CLI_OUTPUT_FINDINGS_H_

#include <string>
#include <string_view>
#include <vector>

namespace conveyor::cli {

/// Names and values, in order, to print for people or as JSON.
class Findings {
 public:
  void add(std::string_view name, std::string_view text);
  /// @param json the value as JSON, written unchanged
  void add(std::string_view name, std::string text, std::string json);

  /// One line for each.
  [[nodiscard]] std::string lines() const;
  /// One JSON object and a line end.
  [[nodiscard]] std::string object() const;

 private:
  struct Line {
    std::string name;
    std::string text;
    std::string json;
  };
  std::vector<Line> lines_;
};

}  // namespace conveyor::cli

#endif  // CONVEYOR_SRC_CLI_OUTPUT_FINDINGS_H_
