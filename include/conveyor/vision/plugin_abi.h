#ifndef CONVEYOR_VISION_PLUGIN_ABI_H_
#define CONVEYOR_VISION_PLUGIN_ABI_H_

/// The interface between a service and a classifier plugin, a shared library that it loads while it runs. C99, without
/// any library. C++ authors write a Classifier and let plugin.h fill this table.
///
/// A plugin has one symbol, conveyor_plugin_table(). Its host calls load() once, card() after that, create() for each
/// of its threads, and then input() and classify() of what create() made, by one thread at a time; in the end destroy()
/// and unload(). Nothing may be thrown out of these functions.
///
/// A new minor version may add members at the end of structs. Whoever fills one sets struct_size; whoever reads it
/// reads no further. A host takes every plugin of its own major version.
///
/// Texts are UTF-8. Those in structs end with a zero byte; others come with their size in bytes.

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CONVEYOR_PLUGIN_ABI_MAJOR 1
#define CONVEYOR_PLUGIN_ABI_MINOR 0

/* Beyond these a host refuses what the plugin says; reasons are cut. */
#define CONVEYOR_PLUGIN_MAX_TEXT 1024        /* bytes of a name, label or version */
#define CONVEYOR_PLUGIN_MAX_PREPROCESS 16384 /* bytes of a preprocess chain */
#define CONVEYOR_PLUGIN_MAX_REASON 4096      /* bytes of a reason */
#define CONVEYOR_PLUGIN_MAX_LABELS 65536     /* in the list of labels; answers about one image */

/* Of a pixel's channel; the numbers are OpenCV's. */
#define CONVEYOR_DEPTH_ANY (-1)
#define CONVEYOR_DEPTH_U8 0
#define CONVEYOR_DEPTH_S8 1
#define CONVEYOR_DEPTH_U16 2
#define CONVEYOR_DEPTH_S16 3
#define CONVEYOR_DEPTH_S32 4
#define CONVEYOR_DEPTH_F32 5
#define CONVEYOR_DEPTH_F64 6
#define CONVEYOR_DEPTH_F16 7

/* How the channels of a colour image lie. */
#define CONVEYOR_ORDER_ANY 0 /* as the preprocess chain leaves them: B, G, R unless it has color(rgb) */
#define CONVEYOR_ORDER_BGR 1 /* B, G, R, and A where there are four */
#define CONVEYOR_ORDER_RGB 2

/* Why there is no prediction. */
#define CONVEYOR_BAD_INPUT 1 /* this image will never be classified */
#define CONVEYOR_RETRY 2     /* another attempt may succeed */
#define CONVEYOR_FAULT 3     /* the classifier itself went wrong */

/// Who made a prediction. Belongs to the plugin; stays as it is while the model is loaded. Only name is required.
typedef struct conveyor_card {
  uint32_t struct_size;
  const char* name;
  const char* version;
  const char* sha256;      ///< of weights that were loaded beside the plugin itself: 64 lower-case hex digits
  const char* preprocess;  ///< the chain it was made for, "resize(64,64)|color(gray)"
  const char* const* labels;
  size_t label_count;
} conveyor_card;

/// The images a classifier takes. Belongs to the plugin; stays as it is until destroy().
typedef struct conveyor_input {
  uint32_t struct_size;
  int32_t width;      ///< pixels; 0: any
  int32_t height;     ///< pixels; 0: any
  int32_t channels;   ///< 1, 3 or 4; 0: any
  int32_t depth;      ///< CONVEYOR_DEPTH_...
  int32_t max_batch;  ///< images per call; 0: any number
} conveyor_input;

/// What else there is to say of the images. For a plugin that says it, input() gives &pixels.input then, whose
/// struct_size is that of the whole: {{sizeof(conveyor_input_pixels), 64, 64, 3, CONVEYOR_DEPTH_ANY, 0},
/// CONVEYOR_ORDER_RGB, 255}. A plugin that says nothing of it takes B, G, R: images in R, G, B are refused, unless its
/// card's preprocess chain asks for color(rgb).
typedef struct conveyor_input_pixels {
  conveyor_input input;
  int32_t order;  ///< CONVEYOR_ORDER_...; the host turns colours that come in the other order
  double white;   ///< the value of white, black being 0, that pixels are brought to; 0: any, as the chain leaves them
} conveyor_input_pixels;

/// Pixels: rows of width x channels values, gray, BGR or BGRA, or as conveyor_input_pixels.order has it. Belongs to the
/// host until classify() returns; read only.
typedef struct conveyor_image {
  uint32_t struct_size;
  int32_t width;
  int32_t height;
  int32_t channels;
  int32_t depth;  ///< CONVEYOR_DEPTH_..., never ANY
  size_t stride;  ///< bytes from one row to the next
  const void* data;
} conveyor_image;

/// In continuous pixel coordinates: (0, 0) is the upper left corner of the upper left pixel. Never grows.
typedef struct conveyor_box {
  float x;
  float y;
  float width;
  float height;
} conveyor_box;

/// Where the answers go: answers->label(answers->context, 0, "egg", 3, 0.9, 0) says what is in images[0]. To be called
/// by the thread that called classify(), until that returns. An image of which nothing is said is a fault of the
/// plugin.
typedef struct conveyor_answers {
  uint32_t struct_size;
  void* context;
  /// @param score finite; higher is surer
  /// @param index in the card's list of labels; -1 without one
  void (*label)(void* context, size_t image, const char* name, size_t name_size, double score, int32_t index);
  void (*detection)(void* context, size_t image, const char* name, size_t name_size, double score, int32_t index,
                    conveyor_box box);
  void (*nothing_found)(void* context, size_t image);
  /// @param kind CONVEYOR_BAD_INPUT, CONVEYOR_RETRY or CONVEYOR_FAULT
  void (*failed)(void* context, size_t image, int32_t kind, const char* reason, size_t reason_size);
} conveyor_answers;

/// The first three members stay where they are in every version.
typedef struct conveyor_plugin {
  uint32_t abi_major;
  uint32_t abi_minor;
  uint32_t struct_size;

  /// Loads what all classifiers share. Afterwards it is used by many threads, and must not change.
  /// @param options as configured, "" when nothing is
  /// @param error where to write why it failed, error_size bytes with the zero at the end
  /// @return NULL when it failed
  void* (*load)(const char* options, char* error, size_t error_size);
  const conveyor_card* (*card)(const void* model);
  /// Makes a classifier for one thread. May be called by many threads at the same time. @return NULL when it failed
  void* (*create)(const void* model, char* error, size_t error_size);
  const conveyor_input* (*input)(const void* classifier);
  /// @param images count of them, at least one, and of the shape that input() says
  /// @return 0, or CONVEYOR_BAD_INPUT, CONVEYOR_RETRY or CONVEYOR_FAULT when it failed as a whole: the images are then
  ///         tried again one by one
  int32_t (*classify)(void* classifier, const conveyor_image* const* images, size_t count,
                      const conveyor_answers* answers, char* error, size_t error_size);
  void (*destroy)(void* classifier);
  void (*unload)(void* model);
} conveyor_plugin;

/// The plugin's only symbol. The table stays as it is as long as the process lives.
__attribute__((visibility("default"))) const conveyor_plugin* conveyor_plugin_table(void);

#ifdef __cplusplus
}
#endif

#endif /* CONVEYOR_VISION_PLUGIN_ABI_H_ */
