#ifndef SUPPORT_PICTURE_STORE_H_
#define SUPPORT_PICTURE_STORE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace support {

struct StoredPicture {
  std::string source = {};       ///< the camera
  std::int64_t frame = 0;        ///< its number in the source
  std::int64_t captured_us = 0;  ///< microseconds since the Unix epoch
  int count = 0;                 ///< of what was found, such as people
  std::vector<std::string> labels = {};
  nlohmann::json details = {};  ///< whatever else the page shows
  std::string file = {};        ///< its name in the folder; PictureStore::add chooses it
};

[[nodiscard]] nlohmann::json to_json(const StoredPicture& picture);

/// Which pictures to find; what is not set does not matter.
struct PictureQuery {
  std::optional<std::int64_t> from_us = {};  ///< captured then or later
  std::optional<std::int64_t> to_us = {};    ///< captured then or before
  std::optional<int> least = {};             ///< StoredPicture::count
  std::optional<int> most = {};              ///< StoredPicture::count
  std::string label = {};                    ///< one of StoredPicture::labels
  std::string source = {};
  std::size_t limit = 50;

  [[nodiscard]] bool matches(const StoredPicture& picture) const;
};

/// Reads the parameters of a URL: from and to (RFC 3339 in UTC), least, most, label, source, limit (at most 500).
/// @throws std::invalid_argument that names the parameter that is wrong
[[nodiscard]] PictureQuery parse_query(const std::map<std::string, std::string>& parameters);

/// A folder of pictures (JPEG) with an index that can be searched: index.jsonl, an object a line.
///
/// A picture is complete on disk before the index names it. So a program that is killed leaves no entry without its
/// picture; a line that was cut short is left out when the index is read again.
///
/// Thread safety: all functions, from any thread.
class PictureStore {
 public:
  /// Reads the index that is there. @param most_pictures when there are more, the oldest are deleted
  /// @throws std::runtime_error that names the folder when it cannot be written to, or another process has it
  explicit PictureStore(std::filesystem::path folder, std::size_t most_pictures = 10'000);
  ~PictureStore();
  PictureStore(const PictureStore&) = delete;
  PictureStore& operator=(const PictureStore&) = delete;

  /// @param jpeg an encoded picture. @return its file's name. @throws std::runtime_error when it cannot be written
  std::string add(StoredPicture picture, std::string_view jpeg);
  /// Those that match, newest first.
  [[nodiscard]] std::vector<StoredPicture> find(const PictureQuery& query) const;
  /// A picture's bytes. Only names that the index has are read. @return nothing for others
  [[nodiscard]] std::optional<std::string> jpeg(const std::string& file) const;
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] const std::filesystem::path& folder() const noexcept { return folder_; }

 private:
  void take_lock();
  void read_index();
  void rewrite_index();
  void delete_oldest();
  void append(const StoredPicture& picture);
  [[noreturn]] void cannot_write() const;

  const std::filesystem::path folder_;
  const std::size_t most_pictures_;
  mutable std::mutex mutex_;
  std::deque<StoredPicture> pictures_;  // in the order in which they were added
  std::size_t deleted_ = 0;             // entries of the index file whose pictures are gone
  std::ofstream index_;
  int lock_ = -1;  // a file of the folder that is locked: two processes would lose each other's entries
};

}  // namespace support

#endif  // SUPPORT_PICTURE_STORE_H_
