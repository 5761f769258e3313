/* A plugin in C: an image is bright when its first pixel is at or above the number in the options, 128 without. */
#include <stdio.h>
#include <stdlib.h>

#include "conveyor/vision/plugin_abi.h"

typedef struct {
  int threshold;
} model;

static const char* const labels[] = {"dark", "bright"};
static const conveyor_card card_of_all = {sizeof(conveyor_card), "threshold", "1.2", NULL, "resize(8,8)|color(gray)",
                                          labels, 2};
static const conveyor_input input_of_all = {sizeof(conveyor_input), 8, 8, 1, CONVEYOR_DEPTH_U8, 4};

static void* load(const char* options, char* error, size_t error_size) {
  const int threshold = options[0] ? atoi(options) : 128;
  model* made = NULL;
  if (threshold <= 0) {
    snprintf(error, error_size, "the threshold \"%s\" is not above 0", options);
    return NULL;
  }
  made = malloc(sizeof(model));
  if (made != NULL) made->threshold = threshold;
  return made;
}

static const conveyor_card* card(const void* loaded) {
  (void)loaded;
  return &card_of_all;
}

static void* create(const void* loaded, char* error, size_t error_size) {
  model* made = malloc(sizeof(model));
  (void)error;
  (void)error_size;
  if (made != NULL) *made = *(const model*)loaded;
  return made;
}

static const conveyor_input* input(const void* classifier) {
  (void)classifier;
  return &input_of_all;
}

static int32_t classify(void* classifier, const conveyor_image* const* images, size_t count,
                        const conveyor_answers* answers, char* error, size_t error_size) {
  const model* self = classifier;
  size_t i = 0;
  for (i = 0; i < count; ++i) {
    const int value = *(const unsigned char*)images[i]->data;
    const int bright = value >= self->threshold;
    answers->label(answers->context, i, labels[bright], bright ? 6 : 4, value / 255.0, bright);
  }
  (void)error;
  (void)error_size;
  return 0;
}

static void destroy(void* classifier) { free(classifier); }

const conveyor_plugin* conveyor_plugin_table(void) {
  static const conveyor_plugin table = {CONVEYOR_PLUGIN_ABI_MAJOR,
                                        CONVEYOR_PLUGIN_ABI_MINOR,
                                        sizeof(conveyor_plugin),
                                        load,
                                        card,
                                        create,
                                        input,
                                        classify,
                                        destroy,
                                        destroy};
  return &table;
}
