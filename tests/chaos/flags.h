#ifndef CONVEYOR_TESTS_CHAOS_FLAGS_H_
#define CONVEYOR_TESTS_CHAOS_FLAGS_H_

#include <algorithm>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace conveyor::tests {

/// The `--name value` and `--switch` arguments of a program.
///
///     Flags flags;
///     flags.add("messages", "N", "how many are sent", [&](const std::string& n) { messages = std::stoi(n); });
///     flags.parse({argv + 1, argv + argc});
class Flags {
 public:
  using Take = std::function<void(const std::string& value)>;

  void add(std::string name, std::string value_name, std::string help, Take take) {
    flags_["--" + std::move(name)] = {std::move(value_name), std::move(help), std::move(take)};
  }
  void add_switch(std::string name, std::string help, std::function<void()> take) {
    add(std::move(name), "", std::move(help), [take = std::move(take)](const std::string&) { take(); });
  }

  /// @throws std::invalid_argument that names what is wrong
  void parse(const std::vector<std::string>& arguments) const {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      const auto found = flags_.find(arguments[i]);
      if (found == flags_.end()) throw std::invalid_argument("unknown argument " + arguments[i]);
      const Flag& flag = found->second;
      if (!flag.value_name.empty() && ++i == arguments.size()) {
        throw std::invalid_argument(found->first + " wants a value: " + flag.value_name);
      }
      try {
        flag.take(flag.value_name.empty() ? "" : arguments[i]);
      } catch (const std::logic_error&) {  // std::stoi's
        throw std::invalid_argument(found->first + ": not a value for " + flag.value_name + ": " + arguments[i]);
      }
    }
  }

  [[nodiscard]] std::string help() const {
    std::string text;
    for (const auto& [name, flag] : flags_) {
      std::string line = "  " + name + (flag.value_name.empty() ? "" : " " + flag.value_name);
      line.resize(std::max<std::size_t>(line.size() + 1, 28), ' ');
      text += line + flag.help + "\n";
    }
    return text;
  }

 private:
  struct Flag {
    std::string value_name;
    std::string help;
    Take take;
  };
  std::map<std::string, Flag> flags_;
};

}  // namespace conveyor::tests

#endif  // CONVEYOR_TESTS_CHAOS_FLAGS_H_
