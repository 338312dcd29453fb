#include "sqlite/file/file_rights.h"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <vector>

#include "text/shell_word.h"

namespace weir::sqlite {
namespace {

constexpr uid_t kRoot = 0;

/// getgrouplist's type for groups.
#ifdef __APPLE__
using ListedGroup = int;
#else
using ListedGroup = gid_t;
#endif

bool all(mode_t mode, mode_t wanted) {
  return (mode & wanted) == wanted;
}

}  // namespace

std::string user_name(uid_t user) {
  passwd entry{};
  std::array<char, 4096> text;
  passwd* found = nullptr;
  if (getpwuid_r(user, &entry, text.data(), text.size(), &found) == 0 && found != nullptr) {
    return found->pw_name;
  }
  return fmt::format("user {}", user);
}

bool opens_as_group(uid_t user, gid_t group) {
  if (user == kRoot) {
    return true;
  }
  passwd entry{};
  std::array<char, 4096> text;
  passwd* found = nullptr;
  if (getpwuid_r(user, &entry, text.data(), text.size(), &found) != 0 || found == nullptr) {
    return false;
  }
  const auto own = static_cast<ListedGroup>(found->pw_gid);
  std::vector<ListedGroup> groups(64);
  auto count = static_cast<int>(groups.size());
  if (getgrouplist(found->pw_name, own, groups.data(), &count) < 0) {
    groups.resize(static_cast<std::size_t>(count));
    getgrouplist(found->pw_name, own, groups.data(), &count);
  }
  groups.resize(static_cast<std::size_t>(count));
  return std::find(groups.begin(), groups.end(), static_cast<ListedGroup>(group)) != groups.end();
}

std::optional<std::string> shut_out(const struct stat& file, const struct stat& database) {
  const bool open_to_all = all(file.st_mode, S_IROTH | S_IWOTH);
  const uid_t owner = database.st_uid;
  const bool owner_opens = file.st_uid == owner ? all(file.st_mode, S_IRUSR | S_IWUSR)
                                                : open_to_all || (all(file.st_mode, S_IRGRP | S_IWGRP) &&
                                                                  opens_as_group(owner, file.st_gid));
  if (owner != kRoot && all(database.st_mode, S_IWUSR) && !owner_opens) {
    return user_name(owner) + ", who owns the database";
  }
  const bool group_opens = file.st_gid == database.st_gid ? all(file.st_mode, S_IRGRP | S_IWGRP) : open_to_all;
  if (all(database.st_mode, S_IWGRP) && !group_opens) {
    return "the group, which may write the database";
  }
  if (all(database.st_mode, S_IWOTH) && !open_to_all) {
    return "others, who may write the database";
  }
  return std::nullopt;
}

bool may_own(const struct stat& file, const struct stat& database) {
  if (file.st_uid == geteuid() || file.st_uid == kRoot || file.st_uid == database.st_uid ||
      (database.st_mode & S_IWOTH) != 0) {
    return true;
  }
  // A new file has the group of the user who made it, unless its folder passes its own group on.
  return (database.st_mode & S_IWGRP) != 0 &&
         (file.st_gid == database.st_gid || opens_as_group(file.st_uid, database.st_gid));
}

mode_t excess_bits(const struct stat& file, const struct stat& database) {
  constexpr mode_t kOthers = S_IROTH | S_IWOTH;
  const mode_t others = database.st_mode & kOthers;
  // For the database, a group other than its own belongs to the others.
  const mode_t group = file.st_gid == database.st_gid ? database.st_mode & (kOthers << 3U) : others << 3U;
  return file.st_mode & (kOthers | kOthers << 3U) & ~(group | others);
}

std::optional<std::string> let_in(const struct stat& file, const struct stat& database) {
  const mode_t bits = excess_bits(file, database);
  if ((bits & S_IRWXO) != 0) {
    return "others, who may do less with the database";
  }
  return bits != 0 ? std::optional<std::string>("its group, which may do less with the database") : std::nullopt;
}

std::string mend_rights(const std::string& path, const struct stat& database) {
  const std::string word = shell_word(path);
  return fmt::format("as root: chown {}:{} {} && chmod {:o} {}", database.st_uid, database.st_gid, word,
                     database.st_mode & kReadAndWrite, word);
}

}  // namespace weir::sqlite
