#include "system/folder.h"

#include "catch.h"

using namespace weir;

TEST_CASE("A file's folder is what its path names, or where one is") {
  CHECK(folder_of("a") == ".");
  CHECK(folder_of("") == ".");
  CHECK(folder_of("a/b") == "a/");
  CHECK(folder_of("/a/b.db") == "/a/");
  CHECK(folder_of("/a") == "/");
}
