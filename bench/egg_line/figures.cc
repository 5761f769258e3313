#include "egg_line/figures.h"

#include "measure.h"

namespace conveyor::bench {

void Figures::add(const std::string& name, double value, const char* unit) {
  const auto [place, fresh] = places_.try_emplace(name, figures_.size());
  if (fresh) figures_.push_back({name, unit});
  figures_[place->second].rounds.push_back(value);
}

void Figures::print(const std::string& suffix) const {
  for (const Figure& figure : figures_) {
    const std::string name = std::string("e2e_").append(figure.name).append(suffix);
    if (figure.rounds.size() == 1) {
      bench::print(name, figure.rounds.front(), figure.unit.c_str());
    } else {
      print_rounds(name, figure.rounds, figure.unit.c_str());
    }
  }
}

}  // namespace conveyor::bench
