# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# Files appear whole or not at all, and "not at all" is an error.

# Every failure below is checked by hand, so that it is seen wherever the function is called from: `set -e` is off in conditions.
cannot_write() {
  rm -f "${temporary:-}" 2>/dev/null || true # the same disk refuses that too
  where=$(dirname "$1")
  while [ ! -d "$where" ]; do where=$(dirname "$where"); done
  room=$(df -Pk "$where" 2>/dev/null | awk 'NR == 2 { print $4 }')
  if [ "${room:-0}" -lt 1024 ]; then
    fail "$node: $1 cannot be written: ${room:-0} KiB are free on $where, at least 1024 are needed; make room there and run up again. The file is as it was"
  fi
  fail "$node: $1 cannot be written, though $room KiB are free on $where; see the line above, and make the file system writable (mount -o remount,rw). The file is as it was"
}

flush() { sync "$1"; }

filter='cat'   # what the text goes through before it is held

# stage PATH MODE: holds standard input, which is text, in $text, and sets `differs` to yes or no; only what differs is written, whole, to a file
# beside PATH ($temporary).
stage() {
  path=$1
  mode=$2
  temporary=''
  # The dot keeps the newlines at the end, which the shell would drop.
  text=$("$filter" && echo .) || cannot_write "$path"
  text=${text%.}
  differs=no
  printf %s "$text" | cmp -s - "$path" || differs=yes
  [ "$differs" = yes ] || return 0
  [ -d "${path%/*}" ] || mkdir -p "${path%/*}" || cannot_write "$path"
  temporary=$(mktemp "${path%/*}/.groundwork.XXXXXX") || cannot_write "$path"
  { printf %s "$text" >"$temporary" && chmod "$mode" "$temporary"; } || cannot_write "$path"
}

# commit: what was staged takes its place. A file that differs only in its mode gets the mode.
commit() {
  if [ "$differs" = yes ]; then
    { flush "$temporary" && mv -f "$temporary" "$path"; } || cannot_write "$path"
    return 0
  fi
  [ "$(stat -c %a "$path")" = "$mode" ] || chmod "$mode" "$path" || cannot_write "$path"
}

# write_file PATH MODE: the file is as standard input says. For text: a shell drops some of a program's bytes.
write_file() {
  stage "$1" "$2"
  commit
}

# copy_file FROM TO: the same bytes, mode and owner.
copy_file() {
  path=$2
  temporary=''
  [ -d "${path%/*}" ] || mkdir -p "${path%/*}" || cannot_write "$path"
  temporary=$(mktemp "${path%/*}/.groundwork.XXXXXX") || cannot_write "$path"
  { cp -p "$1" "$temporary" && flush "$temporary" && mv -f "$temporary" "$path"; } || cannot_write "$path"
}
