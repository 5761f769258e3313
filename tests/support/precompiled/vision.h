#pragma once

/// As messaging.h, for tests of the image layer.

#include <opencv2/core.hpp>

#include "conveyor/vision/classifier.h"
#include "conveyor/vision/preprocess.h"
#include "conveyor/vision/serve.h"
#include "conveyor/vision/session.h"
#include "support/precompiled/messaging.h"
