#ifndef CONVEYOR_TESTS_CHAOS_COUNT_H_
#define CONVEYOR_TESTS_CHAOS_COUNT_H_

#include <list>

#include "chaos/scenario.h"
#include "chaos/stage.h"

namespace conveyor::tests {

/// Stops the services, then fills in what can be counted of any scenario once nobody writes any more.
/// @return the answers
const Tally& stop_and_count(const Stage& stage, std::list<Service>& services, OutputLog& log, Outcome& outcome);

}  // namespace conveyor::tests

#endif  // CONVEYOR_TESTS_CHAOS_COUNT_H_
