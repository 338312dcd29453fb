// Checks whether a file system keeps the promises that SQLite and weir rely on.
#include <algorithm>

#include "doctor/file_checks.h"
#include "system/mount.h"

namespace weir::doctor {
namespace {

constexpr std::string_view kCheck = "file system";

using Types = std::initializer_list<std::string_view>;

bool is_one_of(std::string_view type, Types types) {
  return std::find(types.begin(), types.end(), type) != types.end();
}

bool has_option(std::string_view options, std::string_view wanted) {
  while (!options.empty()) {
    const std::size_t end = options.find(',');
    if (options.substr(0, end) == wanted) {
      return true;
    }
    options.remove_prefix(end == std::string_view::npos ? options.size() : end + 1);
  }
  return false;
}

/// Whether several machines may use the same files.
bool is_shared(std::string_view type) {
  return is_one_of(type, {"nfs",
                          "nfs4",
                          "cifs",
                          "smb3",
                          "smbfs",
                          "smb2",
                          "9p",
                          "afs",
                          "ceph",
                          "lustre",
                          "beegfs",
                          "gpfs",
                          "ocfs2",
                          "gfs2",
                          "ncpfs",
                          "vboxsf",
                          "vmhgfs",
                          "prl_fs",
                          "drvfs",
                          "fuse.sshfs",
                          "fuse.ceph",
                          "fuse.ceph-fuse",
                          "fuse.glusterfs",
                          "fuse.s3fs",
                          "fuse.rclone",
                          "fuse.gcsfuse",
                          "fuse.vmhgfs-fuse",
                          "fuse.juicefs",
                          "fakeowner"});
}

bool is_well_known(std::string_view type) {
  return is_one_of(type, {"ext4", "ext3", "ext2", "xfs", "btrfs", "zfs", "f2fs", "jfs", "bcachefs", "nilfs2"});
}

}  // namespace

bool is_memory(const Mount& mount) {
  return is_one_of(mount.type, {"tmpfs", "ramfs", "devtmpfs"});
}

Finding judge_file_system(const Mount& mount) {
  const std::string& type = mount.type;
  const std::string what = type + ", mounted at " + mount.point;
  if (has_option(mount.options, "ro")) {
    return {State::bad, kCheck, what + ", read-only: nothing can be added or taken",
            "mount it to be written, or name a database elsewhere with --db"};
  }
  if (is_shared(type)) {
    return {State::bad, kCheck,
            what + ": locks and shared memory do not hold between machines, and messages can be lost",
            "put the database on a disk of this machine, or use a server: weir-servers(1)"};
  }
  if (is_one_of(type, {"proc", "sysfs", "devpts", "cgroup", "cgroup2"})) {
    return {State::bad, kCheck, what + ": is the system's own, and keeps no files",
            "name a database elsewhere with --db"};
  }
  if (is_memory(mount)) {
    return {State::warning, kCheck, what + ": is memory: all messages are gone when the machine stops",
            "put the database on a disk"};
  }
  if (is_one_of(type, {"overlay", "aufs", "unionfs"})) {
    return {State::warning, kCheck,
            what +
                ": layers, as of a container, with which the messages go; a database of a lower layer becomes another "
                "file when it is first written",
            "put the database on a volume"};
  }
  if (type.starts_with("fuse") || type == "virtiofs") {
    return {State::warning, kCheck, what + ": whether locks and syncs hold, a program or another system decides",
            "put the database on a disk of this machine"};
  }
  if (is_one_of(type, {"vfat", "msdos", "exfat", "ntfs", "ntfs3"})) {
    return {State::warning, kCheck, what + ": has no owners and modes, and loss of power may damage it",
            "put the database on a file system of this system, such as ext4"};
  }
  if (has_option(mount.options, "nobarrier") || has_option(mount.options, "barrier=0")) {
    return {State::warning, kCheck, what + ", without barriers: what was synced may not survive loss of power",
            "mount it without nobarrier or barrier=0"};
  }
  return {State::ok, kCheck, is_well_known(type) ? what : what + " (weir knows nothing against it)"};
}

void check_file_system(const Place& place, const Tell& tell) {
  if (const auto mount = mount_of(place.folder)) {
    tell(judge_file_system(*mount));
  } else {
    tell({State::ok, kCheck, "this system does not tell which it is: a network file system would not do"});
  }
}

}  // namespace weir::doctor
