// What `weir doctor` says of file systems that not every machine has.
#include "catch.h"
#include "doctor/file_checks.h"

using weir::Mount;
using weir::doctor::judge_file_system;
using weir::doctor::State;

TEST_CASE("a network file system is bad, and what to do is said") {
  for (const char* type : {"nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "fuse.s3fs", "ceph", "vboxsf", "drvfs"}) {
    const auto finding = judge_file_system({type, "/mnt", "rw,relatime"});
    INFO(type);
    CHECK(finding.state == State::bad);
    CHECK(finding.found.find(type) != std::string::npos);
    CHECK(finding.remedy.find("disk of this machine") != std::string::npos);
  }
}

TEST_CASE("the system's own file systems are bad") {
  for (const char* type : {"proc", "sysfs", "cgroup2"}) {
    CHECK(judge_file_system({type, "/mnt", "rw"}).state == State::bad);
  }
}

TEST_CASE("what loses messages at some time is warned of") {
  for (const char* type : {"tmpfs", "ramfs", "overlay", "fuse.gocryptfs", "fuseblk", "virtiofs", "vfat", "exfat"}) {
    const auto finding = judge_file_system({type, "/mnt", "rw"});
    INFO(type);
    CHECK(finding.state == State::warning);
    CHECK(!finding.remedy.empty());
  }
  CHECK(judge_file_system({"ext4", "/", "rw,relatime,rw,nobarrier"}).state == State::warning);
  CHECK(judge_file_system({"ext4", "/", "rw,barrier=0"}).state == State::warning);
}

TEST_CASE("disks of this machine are good, unless they are mounted read-only") {
  for (const char* type : {"ext4", "xfs", "btrfs", "zfs", "f2fs", "one-of-tomorrow"}) {
    INFO(type);
    CHECK(judge_file_system({type, "/", "rw,errors=remount-ro"}).state == State::ok);
    CHECK(judge_file_system({type, "/", "ro,relatime,rw"}).state == State::bad);
    CHECK(judge_file_system({type, "/", "relatime,rw,ro"}).state == State::bad);
  }
}
