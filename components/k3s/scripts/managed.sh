# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# The files that the settings ask for: what changed, what it means for k3s, and what ran well before.

changed=''                           # what this run changed, for the summary
reload=no                            # whether systemd has to read its units again

note_change() {
  has_word "$1" "$changed" || changed="${changed:+$changed }$1"
}

# put_file PATH MODE EFFECT LABEL: EFFECT is `restart` (k3s must be restarted), `unit` (and systemd reloaded), `reload` (only
# that) or `keep` (k3s reads it at its next start).
put_file() {
  [ "${only_looking:-no}" = no ] || return 0
  [ "$4" != join ] || filter=with_server
  stage "$1" "$2"
  filter='cat'
  [ "$differs" = no ] || take_effect "$3" "$4"
  commit
  [ "$differs" = no ] || say "changed $1"
}

# drop_file PATH EFFECT LABEL: removes a file that the settings no longer ask for.
drop_file() {
  [ "${only_looking:-no}" = no ] || return 0
  [ -e "$1" ] || return 0
  take_effect "$2" "$3"
  rm -f "$1" || cannot_write "$1"
  say "removed $1"
}

take_effect() {
  note_change "$2"
  case $1 in restart | unit) must_restart ;; esac
  case $1 in reload | unit) reload=yes ;; esac
}

# What a run that was cut off left half-written.
sweep_staged() {
  set -- /usr/local/bin/.k3s.?????? /usr/local/bin/.groundwork.??????
  for path in $managed_files "$mark"; do
    set -- "$@" "${path%/*}"/.groundwork.??????
  done
  rm -f "$@"
}

# The files as they were when k3s last ran well, so that a change that does not start can be taken back. The copy counts only
# when it is whole: a link is turned to it as the last step.
good=$state_dir/good
remember_files() {
  copy=$(mktemp -d "$state_dir/good.XXXXXX") || cannot_write "$good"
  set --
  for path in $managed_files; do
    [ ! -e "$path" ] || set -- "$@" "$path"
  done
  { cp -p --parents "$@" "$copy" && find "$copy" -type f -exec sync {} +; } || { rm -rf "$copy" || true; cannot_write "$good"; }
  version_of "$binary" | write_file "$copy/version" 644
  { ln -s "${copy##*/}" "$copy.link" && mv -fT "$copy.link" "$good"; } || { rm -rf "$copy" "$copy.link" || true; cannot_write "$good"; }
  for old in "$state_dir"/good.??????*; do
    [ "$old" = "$copy" ] || rm -rf "$old"
  done
  rm -rf "$state_dir/previous" # where releases before this one kept them
}
restore_files() {
  for path in $managed_files; do
    if [ -e "$good$path" ]; then
      good_mode=$(stat -c %a "$good$path") || cannot_write "$path"
      write_file "$path" "$good_mode" <"$good$path"
    else
      rm -f "$path" || cannot_write "$path"
    fi
  done
}
