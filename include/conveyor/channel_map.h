#ifndef CONVEYOR_CHANNEL_MAP_H_
#define CONVEYOR_CHANNEL_MAP_H_

#include <filesystem>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "conveyor/channel.h"
#include "conveyor/export.h"

namespace google::protobuf {
class FileDescriptorSet;
}

namespace conveyor {

/// Which message type travels on which topic, known at run time: the counterpart of Channel constants.
///
///     conveyor::ChannelMap map{kOrders, kInvoices};
///     auto channel = map.channel<acme::Order>("orders");  // another type is an error that names both
///
/// It is filled from channels, from `TOPIC=TYPE` pairs, or from descriptor sets whose messages carry the option
/// conveyor.v1.channel.
///
/// Thread safety: as a standard container.
class CONVEYOR_EXPORT ChannelMap {
 public:
  struct Entry {
    std::string topic = {};
    std::string type = {};  ///< full name, such as conveyor.v1.Image
    ChannelOptions options = {};

    /// An entry is also what a channel says about itself.
    Entry() = default;
    Entry(std::string topic, std::string type, ChannelOptions options = {});
    template <ProtobufMessage T>
    Entry(const Channel<T>& channel)  // NOLINT(google-explicit-constructor)
        : Entry(std::string(channel.topic()), std::string(T::descriptor()->full_name()), channel.options()) {}
  };

  ChannelMap() = default;
  /// @throws Error as add does
  ChannelMap(std::initializer_list<Entry> entries);

  /// @param pairs such as "VideoStream=conveyor.v1.Image", "raw.bytes=acme.Blob;codec=raw" or
  ///              "scans=conveyor.egg.v1.EggScan;level=6"
  /// @throws Error with errc::invalid_config or errc::invalid_topic naming the pair and what is wrong with it
  [[nodiscard]] static ChannelMap from_pairs(std::span<const std::string> pairs);

  /// The channels of the messages that carry the option conveyor.v1.channel; nested messages too.
  /// @throws Error with errc::invalid_config or errc::invalid_topic, naming the message
  [[nodiscard]] static ChannelMap from_descriptor_set(const google::protobuf::FileDescriptorSet& files);
  /// @param file as protoc --descriptor_set_out --include_imports and conveyor_add_messages write it, up to 64 MiB
  /// @throws Error as from_descriptor_set does, also when the file cannot be read or is something else; the text names
  ///         the file
  [[nodiscard]] static ChannelMap from_descriptor_set_file(const std::filesystem::path& file);

  /// Adding the same entry again changes nothing.
  /// @throws Error with errc::invalid_config when the topic is bound to another type, codec or level already, naming
  ///         both, or when a type name or level cannot be; with errc::invalid_topic
  void add(Entry entry);
  void add(const ChannelMap& other);

  /// The entry of a topic, or null.
  [[nodiscard]] const Entry* find(std::string_view topic) const noexcept;

  /// @throws Error with errc::unknown_topic, naming the closest known one; with errc::wrong_type, naming both types
  template <ProtobufMessage T>
  [[nodiscard]] Channel<T> channel(std::string_view topic) const {
    const Entry& entry = checked(topic, T::descriptor()->full_name());
    return Channel<T>::named(entry.topic, entry.options);
  }

  /// Sorted by topic.
  [[nodiscard]] const std::vector<Entry>& entries() const noexcept { return entries_; }

 private:
  const Entry& checked(std::string_view topic, std::string_view type) const;

  std::vector<Entry> entries_;
};

}  // namespace conveyor

#endif  // CONVEYOR_CHANNEL_MAP_H_
