#include "support/picture_store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <iterator>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "support/time_text.h"

namespace support {
namespace {

constexpr std::size_t kMostFound = 500;

/// A source's name as part of a file's name.
std::string safe_name(std::string_view source) {
  std::string name(source.substr(0, 64));
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0 && c != '-' && c != '_'; }, '_');
  return name.empty() ? "picture" : name;
}

std::optional<StoredPicture> parse_entry(const std::string& line) {
  const nlohmann::json entry = nlohmann::json::parse(line, nullptr, false);
  if (!entry.is_object()) return {};
  try {
    return StoredPicture{.source = entry.at("source"),
                         .frame = entry.at("frame"),
                         .captured_us = entry.at("captured_us"),
                         .count = entry.at("count"),
                         .labels = entry.at("labels"),
                         .details = entry.at("details"),
                         .file = entry.at("file")};
  } catch (const nlohmann::json::exception&) {
    return {};  // written by something else
  }
}

template <class Number>
std::optional<Number> number_parameter(const std::string& name, const std::string& text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw std::invalid_argument(name + " must be a whole number");
  }
  return number;
}

std::int64_t time_parameter(const std::string& name, const std::string& text) {
  const auto time = parse_time(text);
  if (!time) throw std::invalid_argument(name + " must be a time in UTC, such as 2026-11-29T10:00:00Z");
  return *time;
}

}  // namespace

nlohmann::json to_json(const StoredPicture& picture) {
  return {{"source", picture.source},           {"frame", picture.frame}, {"captured", time_text(picture.captured_us)},
          {"captured_us", picture.captured_us}, {"count", picture.count}, {"labels", picture.labels},
          {"details", picture.details},         {"file", picture.file}};
}

bool PictureQuery::matches(const StoredPicture& picture) const {
  return (!from_us || picture.captured_us >= *from_us) && (!to_us || picture.captured_us <= *to_us) &&
         (!least || picture.count >= *least) && (!most || picture.count <= *most) &&
         (source.empty() || picture.source == source) &&
         (label.empty() || std::find(picture.labels.begin(), picture.labels.end(), label) != picture.labels.end());
}

PictureQuery parse_query(const std::map<std::string, std::string>& parameters) {
  PictureQuery query;
  for (const auto& [name, text] : parameters) {
    if (text.empty()) continue;  // a field of a form that was left empty
    if (name == "from") {
      query.from_us = time_parameter(name, text);
    } else if (name == "to") {
      query.to_us = time_parameter(name, text);
    } else if (name == "least") {
      query.least = number_parameter<int>(name, text);
    } else if (name == "most") {
      query.most = number_parameter<int>(name, text);
    } else if (name == "label") {
      query.label = text;
    } else if (name == "source") {
      query.source = text;
    } else if (name == "limit") {
      query.limit = *number_parameter<std::size_t>(name, text);
      if (query.limit == 0 || query.limit > kMostFound) {
        throw std::invalid_argument("limit must be from 1 to " + std::to_string(kMostFound));
      }
    } else {
      throw std::invalid_argument("there is no parameter " + name +
                                  "; there are from, to, least, most, label, source and limit");
    }
  }
  return query;
}

PictureStore::PictureStore(std::filesystem::path folder, std::size_t most_pictures)
    : folder_(std::move(folder)), most_pictures_(most_pictures) {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  take_lock();
  const std::lock_guard lock(mutex_);
  read_index();
  delete_oldest();
  rewrite_index();
}

PictureStore::~PictureStore() { close(lock_); }

void PictureStore::take_lock() {
  lock_ = open((folder_ / "lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0644);
  if (lock_ < 0) cannot_write();
  if (flock(lock_, LOCK_EX | LOCK_NB) == 0) return;
  close(lock_);
  throw std::runtime_error("another process stores pictures in " + folder_.string() + "; --out names another folder");
}

std::string PictureStore::add(StoredPicture picture, std::string_view jpeg) {
  picture.file = safe_name(picture.source) + "-" + std::to_string(picture.captured_us) + "-" +
                 std::to_string(picture.frame) + ".jpg";
  const std::filesystem::path part = folder_ / (picture.file + ".part");
  std::ofstream file(part, std::ios::binary);
  file.write(jpeg.data(), static_cast<std::streamsize>(jpeg.size()));
  file.close();
  std::error_code error;
  if (file) std::filesystem::rename(part, folder_ / picture.file, error);
  if (!file || error) {
    std::filesystem::remove(part, error);
    cannot_write();
  }
  const std::lock_guard lock(mutex_);
  append(picture);
  std::string name = picture.file;
  pictures_.push_back(std::move(picture));
  delete_oldest();
  if (deleted_ > pictures_.size()) rewrite_index();
  return name;
}

std::vector<StoredPicture> PictureStore::find(const PictureQuery& query) const {
  std::vector<StoredPicture> found;
  const std::lock_guard lock(mutex_);
  for (auto picture = pictures_.rbegin(); picture != pictures_.rend() && found.size() < query.limit; ++picture) {
    if (query.matches(*picture)) found.push_back(*picture);
  }
  return found;
}

std::optional<std::string> PictureStore::jpeg(const std::string& file) const {
  {
    const std::lock_guard lock(mutex_);
    const auto known =
        std::find_if(pictures_.rbegin(), pictures_.rend(), [&](const auto& each) { return each.file == file; });
    if (known == pictures_.rend()) return {};
  }
  std::ifstream in(folder_ / file, std::ios::binary);
  if (!in) return {};
  return std::string(std::istreambuf_iterator<char>(in), {});
}

std::size_t PictureStore::size() const {
  const std::lock_guard lock(mutex_);
  return pictures_.size();
}

void PictureStore::read_index() {
  std::ifstream index(folder_ / "index.jsonl");
  for (std::string line; std::getline(index, line);) {
    auto picture = parse_entry(line);
    // The name comes from a file that others may write to: it must not lead out of the folder.
    if (!picture || std::filesystem::path(picture->file).filename() != picture->file) continue;
    if (std::filesystem::exists(folder_ / picture->file)) pictures_.push_back(*std::move(picture));
  }
}

void PictureStore::rewrite_index() {
  const std::filesystem::path name = folder_ / "index.jsonl";
  const std::filesystem::path part = folder_ / "index.jsonl.part";
  index_.close();
  index_.open(part, std::ios::trunc);
  for (const StoredPicture& picture : pictures_) append(picture);
  std::error_code error;
  std::filesystem::rename(part, name, error);  // the open file goes on under its new name
  if (error || !index_.flush()) cannot_write();
  deleted_ = 0;
}

void PictureStore::delete_oldest() {
  for (; pictures_.size() > most_pictures_; ++deleted_) {
    std::error_code ignored;  // a picture that somebody else deleted is gone as well
    std::filesystem::remove(folder_ / pictures_.front().file, ignored);
    pictures_.pop_front();
  }
}

void PictureStore::append(const StoredPicture& picture) {
  index_ << to_json(picture).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n' << std::flush;
  if (!index_) cannot_write();
}

void PictureStore::cannot_write() const {
  throw std::runtime_error("cannot write to " + folder_.string() + "; --out names another folder");
}

}  // namespace support
