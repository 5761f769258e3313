#ifndef CONVEYOR_SRC_DEAD_LETTERS_PROBLEMS_H_
#define CONVEYOR_SRC_DEAD_LETTERS_PROBLEMS_H_

#include <cstddef>
#include <utility>
#include <vector>

#include "conveyor/dead_letters.h"

namespace conveyor::detail {

/// The limit of problems in a report. A topic may hold millions of foreign records.
inline constexpr std::size_t kMostProblems = 100;

inline void add_problem(std::vector<DeadLetterProblem>& problems, DeadLetterProblem problem) {
  if (problems.size() < kMostProblems) problems.push_back(std::move(problem));
}

}  // namespace conveyor::detail

#endif  // CONVEYOR_SRC_DEAD_LETTERS_PROBLEMS_H_
