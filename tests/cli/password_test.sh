#!/bin/sh
# The sources of a server's password, and their precedence. usage: password_test.sh WEIR
# shellcheck source=tests/support/shell.sh
. "$(dirname "$0")/../support/shell.sh"
mkdir server credentials
start_server_in "$dir/server" --requirepass right
WEIR_DB=unix://$dir/server/redis.sock
export WEIR_DB
unset WEIR_REDIS_PASSWORD REDISCLI_AUTH CREDENTIALS_DIRECTORY
echo right > right
printf 'right\r\nsecond line' > windows
echo wrong > wrong
: > empty
cp right credentials/weir-redis-password

says() { "$@" 2>&1 | head -n 1; }
check 'none' 'weir: NOAUTH Authentication required.' "$(says "$weir" xlen s)"
check 'from a file' 0 "$(says "$weir" --password-file right xlen s)"
check 'the first line of it' 0 "$(says "$weir" xlen s --password-file windows)"
check 'from the environment' 0 "$(WEIR_REDIS_PASSWORD=right says "$weir" xlen s)"
check 'from systemd' 0 "$(CREDENTIALS_DIRECTORY=$dir/credentials says "$weir" xlen s)"
check 'systemd has credentials of others' 0 "$(CREDENTIALS_DIRECTORY=$dir REDISCLI_AUTH=right says "$weir" xlen s)"
check 'as redis-cli has it' 0 "$(REDISCLI_AUTH=right says "$weir" xlen s)"
check 'a file comes before the environment' 0 "$(WEIR_REDIS_PASSWORD=wrong says "$weir" --password-file right xlen s)"
check 'weir comes before redis-cli' 0 "$(REDISCLI_AUTH=wrong WEIR_REDIS_PASSWORD=right says "$weir" xlen s)"
check 'the URL comes first' 0 "$(says "$weir" --db "unix://:right@$dir/server/redis.sock" --password-file wrong xlen s)"
check 'an empty file' 'weir: there is no password in empty' "$(says "$weir" --password-file empty xlen s)"
check 'no file' 'weir: cannot read the password in gone: No such file or directory' \
  "$(says "$weir" --password-file gone xlen s)"
"$weir" --password-file gone xlen s > /dev/null 2>&1
check '... is exit status 5' 5 $?
check 'a file that is not needed is not read' 0 "$(says "$weir" --db x.db --password-file gone xadd s n=1 | wc -l | tr 1 0)"

[ "$failures" = 0 ]
