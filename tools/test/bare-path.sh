#!/usr/bin/env bash
# Creates a folder of links to the README's prerequisites and to the base system, and prints its path:
#   PATH="$(tools/test/bare-path.sh <folder>)"
# With this PATH, a program that someone once installed by hand is not found. Why: tools/test/README.md.
set -euo pipefail
folder="${1:?usage: bare-path.sh <folder>}"

# The README's prerequisites.
prerequisites=(node npm npx java mvn git)

# The base system: what a minimal Debian has (coreutils, findutils, grep, sed, tar, util-linux, procps, …). apt-get installs
# what our own scripts declare; PostgreSQL's initdb uses `locale` to list the system's locales.
base_system=(
  '[' arch awk base64 basename bash cat chgrp chmod chown cksum comm cp cut date dd df diff dir dirname du echo egrep env
  expand expr factor false fgrep find fmt fold free getconf getent getopt grep groups gunzip gzip head hostname id install
  join kill ldconfig ldd less link ln locale logname ls lsblk md5sum mkdir mkfifo mknod mktemp more mount mv nice nl nohup
  nproc numfmt od paste pathchk pgrep pkill pr printenv printf ps pwd readlink realpath renice rm rmdir sed seq setpriv
  setsid sh sha1sum sha256sum sha512sum shuf sleep sort split stat stdbuf stty sum sync sysctl tac tail tar tee test
  timeout top touch tr true truncate tsort tty umount uname unexpand uniq unlink uptime vdir vmstat watch wc which who
  whoami xargs yes zcat apt-get dpkg dpkg-query
)

mkdir -p "$folder"
find "$folder" -mindepth 1 -delete
for name in "${prerequisites[@]}" "${base_system[@]}"; do
  # Not on this machine: the scripts must work without it or say what is missing.
  program="$(type -P -- "$name")" || continue
  ln -s "$(realpath -s -- "$program")" "$folder/$name"
done
(cd "$folder" && pwd)
