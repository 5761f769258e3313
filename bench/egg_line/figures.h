#ifndef CONVEYOR_BENCH_EGG_LINE_FIGURES_H_
#define CONVEYOR_BENCH_EGG_LINE_FIGURES_H_

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace conveyor::bench {

/// Figures of one line, each measured once a round.
///
/// Thread safety: as a standard container.
class Figures {
 public:
  /// The figure's value of the next round.
  void add(const std::string& name, double value, const char* unit);

  /// To standard output, in the order in which they were first added: e2e_NAME_SUFFIX<TAB>value<TAB>unit. The value is
  /// the median of the rounds; where there was more than one, `_min` and `_max` lines follow.
  /// @param suffix put after each name, such as "_2_workers"
  void print(const std::string& suffix = "") const;

 private:
  struct Figure {
    std::string name;
    std::string unit;
    std::vector<double> rounds = {};
  };
  std::vector<Figure> figures_;
  std::map<std::string, std::size_t> places_;  // by name
};

}  // namespace conveyor::bench

#endif  // CONVEYOR_BENCH_EGG_LINE_FIGURES_H_
