#!/bin/sh
# scripts/release, in a repository of its own. usage: release_test.sh WEIR SOURCE PYTHON
# Slow steps, which other tests cover, are replaced: cmake "builds" the given weir, which reports the version of the
# sources; ctest passes or fails; cpack and scripts/archive pack nothing.
source=$(realpath "$2")
python=$3
# shellcheck source=tests/support/shell.sh
. "$(dirname "$0")/../support/shell.sh"
GIT_AUTHOR_NAME=ann GIT_AUTHOR_EMAIL=ann@example.com GIT_COMMITTER_NAME=ann GIT_COMMITTER_EMAIL=ann@example.com
GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL GIT_CONFIG_GLOBAL GIT_CONFIG_NOSYSTEM

mkdir -p played repository/scripts repository/tests temporary
cat > played/cmake << END
#!/bin/sh
case " \$* " in *" --build "*)
  mkdir -p build/release
  version=\$(sed -n 's/^project(weir VERSION \([^ ]*\) .*/\1/p' CMakeLists.txt)
  { echo '#!/bin/sh'
    echo "[ \"\\\$1\" != --version ] || { echo 'weir \$version'; exit; }"
    echo 'exec "$weir" "\$@"'
  } > build/release/weir
  chmod +x build/release/weir ;;
esac
END
printf '#!/bin/sh\n! [ -e %s/tests-fail ]\n' "$dir" > played/ctest
cat > played/cpack << 'END'
#!/bin/sh
version=$(sed -n 's/^project(weir VERSION \([^ ]*\) .*/\1/p' ../../CMakeLists.txt)
echo package > "weir_${version}_amd64.deb"
END
cat > repository/scripts/archive << 'END'
#!/bin/sh
version=$(sed -n 's/^project(weir VERSION \([^ ]*\) .*/\1/p' CMakeLists.txt)
mkdir -p build/static
echo archive > "build/static/weir-$version-linux-x86_64.tar.gz"
END
chmod +x played/* repository/scripts/archive
PATH=$dir/played:$PATH
TMPDIR=$dir/temporary
export PATH TMPDIR

cp "$source/scripts/release" repository/scripts
cp -R "$source/tests/fixtures" repository/tests
cp "$source/CMakeLists.txt" "$source/CHANGELOG.md" "$source/.gitignore" repository
in_db "$dir/new.db" xadd s a=b > /dev/null
schema=$(sqlite3 "$dir/new.db" "SELECT value FROM weir_meta WHERE key = 'version'")
rm -f "repository/tests/fixtures/schema-$schema.db" "repository/tests/fixtures/schema-$schema.says"
grep -q '^## Unreleased$' repository/CHANGELOG.md || sed -i '1a ## Unreleased\n\n- Something.\n' repository/CHANGELOG.md
cd repository || exit 1
git init --quiet --initial-branch main
git add --all
git commit --quiet --message "all that came before"
before=$(git rev-parse HEAD)

release() { # ARGUMENT…: its status, and its last line on standard error
  scripts/release "$@" > ../out 2> ../err
  echo "$? $(tail -n 1 ../err)"
}
untouched() { # AFTER-WHAT
  check "after $1 nothing has changed" "$before" "$(git rev-parse HEAD)$(git tag)$(git status --porcelain)$(ls build 2> /dev/null)"
  check "after $1 no temporary file is left" '' "$(ls -A ../temporary)"
}

check "no version" "2 usage: scripts/release [--dry-run] VERSION, such as 1.2.3" "$(release)"
check "half a version" "2 usage: scripts/release [--dry-run] VERSION, such as 1.2.3" "$(release 9.8)"
# In the clone of a release that is being made, it is that one.
last=$(sed -n 's/^## \([0-9][0-9.]*\).*/\1/p' CHANGELOG.md | sort -V | tail -n 1)
check "an old version" "1 release: version 0.0.9 is not after $last, the last one in CHANGELOG.md" "$(release 0.0.9)"
check "the last version" "1 release: version $last is not after $last, the last one in CHANGELOG.md" "$(release "$last")"
untouched "refusals"

echo > new-file
check "a file that is not committed" "1 release: commit them, or set them aside with git stash --include-untracked" \
  "$(release 9.8.7)"
rm new-file
echo >> CHANGELOG.md
check "a change that is not committed" "1 release: commit them, or set them aside with git stash --include-untracked" \
  "$(release 9.8.7)"
git checkout --quiet CHANGELOG.md

check "a trial" "0 " "$(release --dry-run 9.8.7)"
check "a trial says so" "this was a trial: nothing has changed here" "$(tail -n 1 ../out)"
untouched "a trial"

touch ../tests-fail
check "tests that fail" "1 " "$(release 9.8.7)"
untouched "tests that fail"
rm ../tests-fail

check "a release" "0 " "$(release 9.8.7)"
check "it is one commit" "weir 9.8.7 $before" "$(git log -1 --format='%s %P')"
check "it has a tag" "$(git rev-parse HEAD)" "$(git rev-parse 'v9.8.7^{commit}')"
check "the tag has a message" tag "$(git cat-file -t v9.8.7)"
check "the tree is clean" '' "$(git status --porcelain)"
check "the sources have the version" 1 "$(grep -c '^project(weir VERSION 9.8.7 ' CMakeLists.txt)"
check "the changelog has the date" "## 9.8.7 ($(date +%F))" "$(grep -m 1 '^## ' CHANGELOG.md)"
check "the package is there" package "$(cat build/weir_9.8.7_amd64.deb)"
check "the archive is there" archive "$(cat build/weir-9.8.7-linux-x86_64.tar.gz)"
check "the fixtures have a database of this schema" "tests/fixtures/schema-$schema.db
tests/fixtures/schema-$schema.says" "$(git show --format= --name-only --diff-filter=A HEAD)"
check "which is read as it was written" 0 \
  "$("$python" "$source/tests/cli/migration_test.py" "$weir" tests/fixtures > ../out 2>&1; echo $?)"

check "the same again" "1 release: there is a tag v9.8.7 already" "$(release 9.8.7)"
check "nothing that is new" "1 release: write what users notice after a line '## Unreleased'" "$(release 9.9.0)"
sed -i '1a ## Unreleased\n\n- Something.\n' CHANGELOG.md
git commit --quiet --all --message "something"
check "the next release" "0 " "$(release 9.9.0)"
check "it adds no database of the same schema" '' "$(git show --format= --name-only --diff-filter=A HEAD)"
exit "$failures"
