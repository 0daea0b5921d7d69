# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked as test/components/k3s/snapshots
# Files appear whole or not at all, and what changed is remembered.

state_dir=/var/lib/groundwork
pending=$state_dir/restart-pending   # k3s still has to restart for something that an earlier run changed
changed=''                           # what this run changed, for the summary
reload=no                            # whether systemd has to read its units again

note_change() {
  has_word "$1" "$changed" || changed="${changed:+$changed }$1"
}

# Written before the change itself: a run that is cut off in between must not leave k3s running on what is no longer there.
must_restart() {
  mkdir -p "$state_dir"
  : >"$pending"
}

# replace PATH MODE COMMAND…: replaces a file by standard input when that differs, after running the command; 1 when it does not.
replace() {
  path=$1
  mode=$2
  shift 2
  directory=$(dirname "$path")
  [ -d "$directory" ] || mkdir -p "$directory"
  temporary=$(mktemp "$directory/.groundwork.XXXXXX")
  cat >"$temporary"
  chmod "$mode" "$temporary"
  if cmp -s "$temporary" "$path"; then
    rm -f "$temporary"
    [ "$(stat -c %a "$path")" = "$mode" ] || chmod "$mode" "$path"
    return 1
  fi
  sync "$temporary" 2>/dev/null || sync
  "$@"
  mv -f "$temporary" "$path"
}

# put_file PATH MODE EFFECT LABEL: EFFECT is `restart` (k3s must be restarted), `unit` (and systemd reloaded), `reload` (only
# that) or `keep` (k3s reads it at its next start).
put_file() {
  if replace "$1" "$2" take_effect "$3" "$4"; then say "changed $1"; fi
}

# drop_file PATH EFFECT LABEL: removes a file that the settings no longer ask for.
drop_file() {
  [ -e "$1" ] || return 0
  take_effect "$2" "$3"
  rm -f "$1"
  say "removed $1"
}

take_effect() {
  note_change "$2"
  case $1 in restart | unit) must_restart ;; esac
  case $1 in reload | unit) reload=yes ;; esac
}

# The files as they were when k3s last ran well, so that a change that does not start can be taken back.
remember_files() {
  rm -rf "$state_dir/previous"
  for path in $managed_files; do
    [ -e "$path" ] || continue
    mkdir -p "$state_dir/previous$(dirname "$path")"
    cp -p "$path" "$state_dir/previous$path"
  done
}
restore_files() {
  for path in $managed_files; do
    if [ -e "$state_dir/previous$path" ]; then
      cp -p "$state_dir/previous$path" "$path.groundwork" && mv -f "$path.groundwork" "$path"
    else
      rm -f "$path"
    fi
  done
}
