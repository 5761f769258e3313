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

/// Which message type travels on which topic, known at run time. It is the counterpart of Channel constants.
///
///     conveyor::ChannelMap map{kOrders, kInvoices};
///     auto channel = map.channel<acme::Order>("orders");  // another type is an error that names both
///
/// Fill it from channels, from `TOPIC=TYPE` pairs, or from descriptor sets whose messages carry the option
/// conveyor.v1.channel.
///
/// Thread safety: as a standard container.
class CONVEYOR_EXPORT ChannelMap {
 public:
  struct Entry {
    std::string topic = {};
    std::string type = {};  ///< full protobuf name, such as conveyor.v1.Image
    ChannelOptions options = {};

    /// Entries also convert from a Channel.
    Entry() = default;
    Entry(std::string topic, std::string type, ChannelOptions options = {});
    template <ProtobufMessage T>
    Entry(const Channel<T>& channel)  // NOLINT(google-explicit-constructor)
        : Entry(std::string(channel.topic()), std::string(T::descriptor()->full_name()), channel.options()) {}
  };

  ChannelMap() = default;
  /// @throws Error as add() does
  ChannelMap(std::initializer_list<Entry> entries);

  /// @param pairs such as "VideoStream=conveyor.v1.Image", "raw.bytes=acme.Blob;codec=raw" or
  ///              "scans=conveyor.egg.v1.EggScan;level=6"
  /// @throws Error with errc::invalid_config or errc::invalid_topic; the text names the pair and what is wrong with
  /// it
  [[nodiscard]] static ChannelMap from_pairs(std::span<const std::string> pairs);

  /// Reads the channels of all messages that carry the option conveyor.v1.channel, nested messages included.
  /// @throws Error with errc::invalid_config or errc::invalid_topic, naming the message
  [[nodiscard]] static ChannelMap from_descriptor_set(const google::protobuf::FileDescriptorSet& files);
  /// @param file a descriptor set of up to 64 MiB, as protoc --descriptor_set_out --include_imports or the CMake
  /// function conveyor_add_messages writes it
  /// @throws Error as from_descriptor_set() does, and with errc::invalid_config when the file cannot be read or is no
  /// descriptor set; the text names the file
  [[nodiscard]] static ChannelMap from_descriptor_set_file(const std::filesystem::path& file);

  /// Adds an entry. Adding the same entry again changes nothing.
  /// @throws Error with errc::invalid_config when the topic is already bound to another type, codec or level, naming
  /// both, or when a type name or level is not valid; with errc::invalid_topic
  void add(Entry entry);
  void add(const ChannelMap& other);

  /// The entry of a topic, or null when there is none.
  [[nodiscard]] const Entry* find(std::string_view topic) const noexcept;

  /// The channel of a topic.
  /// @throws Error with errc::unknown_topic, naming the closest known topic, or with errc::wrong_type, naming both
  /// types
  template <ProtobufMessage T>
  [[nodiscard]] Channel<T> channel(std::string_view topic) const {
    const Entry& entry = checked(topic, T::descriptor()->full_name());
    return Channel<T>::named(entry.topic, entry.options);
  }

  /// All entries, sorted by topic.
  [[nodiscard]] const std::vector<Entry>& entries() const noexcept { return entries_; }

 private:
  const Entry& checked(std::string_view topic, std::string_view type) const;

  std::vector<Entry> entries_;
};

}  // namespace conveyor

#endif  // CONVEYOR_CHANNEL_MAP_H_
