# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# What k3s still has to restart for, over runs that were cut off.

pending=$state_dir/restart-pending   # something that an earlier run changed
new_tokens=$state_dir/new-tokens     # tokens in their files, `server`, `agent` or both, that k3s does not know yet

# Written before the change itself: a run that is cut off in between must not leave k3s running on what is no longer there.
must_restart() {
  [ -e "$pending" ] || : >"$pending" || cannot_write "$pending"
}

# must_take_up WORD: as above, for a token.
must_take_up() {
  known_words=''
  [ ! -e "$new_tokens" ] || known_words=$(cat "$new_tokens") || fail "$node: $new_tokens cannot be read; see the line above"
  has_word "$1" "$known_words" || printf '%s\n' "${known_words:+$known_words }$1" | write_file "$new_tokens" 600
  must_restart
}

# k3s writes its password file anew from etcd's data and its settings. One that an earlier start left half-way, with another token,
# would keep it from starting: "newer than datastore and could cause a cluster outage. Remove the file(s)".
forget_passwords() {
  [ ! -e "$new_tokens" ] || rm -f "$data_dir/server/cred/passwd" || cannot_write "$data_dir/server/cred/passwd"
}
