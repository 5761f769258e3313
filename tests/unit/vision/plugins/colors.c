/* A plugin in C as it was written for ABI 1.0: it says nothing of the order of channels. The score of "first" is the first
   channel of the first pixel. Its options are the preprocess chain of its card. */
#include <stdio.h>
#include <stdlib.h>

#include "conveyor/vision/plugin_abi.h"

typedef struct {
  char preprocess[64];
  conveyor_card card;
} model;

static const conveyor_input input_of_all = {sizeof(conveyor_input), 0, 0, 3, CONVEYOR_DEPTH_U8, 0};

static void* load(const char* options, char* error, size_t error_size) {
  model* made = calloc(1, sizeof(model));
  (void)error;
  (void)error_size;
  if (made == NULL) return NULL;
  snprintf(made->preprocess, sizeof(made->preprocess), "%s", options);
  made->card.struct_size = sizeof(conveyor_card);
  made->card.name = "colors";
  made->card.preprocess = made->preprocess;
  return made;
}

static const conveyor_card* card(const void* loaded) { return &((const model*)loaded)->card; }

static void* create(const void* loaded, char* error, size_t error_size) {
  (void)loaded;
  (void)error;
  (void)error_size;
  return malloc(1);
}

static const conveyor_input* input(const void* classifier) {
  (void)classifier;
  return &input_of_all;
}

static int32_t classify(void* classifier, const conveyor_image* const* images, size_t count,
                        const conveyor_answers* answers, char* error, size_t error_size) {
  size_t i = 0;
  (void)classifier;
  (void)error;
  (void)error_size;
  for (i = 0; i < count; ++i) {
    answers->label(answers->context, i, "first", 5, *(const unsigned char*)images[i]->data, -1);
  }
  return 0;
}

static void release(void* made) { free(made); }

const conveyor_plugin* conveyor_plugin_table(void) {
  static const conveyor_plugin table = {1, 0, sizeof(conveyor_plugin), load, card, create, input, classify, release, release};
  return &table;
}
