# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# k3s starts with tokens that changed.

# As start_k3s; afterwards k3s knows the tokens, and so does etcd's data.
start_with_tokens() {
  forget_passwords
  start_k3s
  if [ "$healthy" = yes ] && [ -e "$new_tokens" ]; then save_passwords; fi
}

# k3s writes another agents' token into its password file when it starts, but not into etcd, and would refuse that file at the next
# start as "newer than datastore" (rancher/rke2#5785). Its way to a new token seals the file as it lies, with the same one as well.
save_passwords() {
  known_words=$(cat "$new_tokens") || fail "$node: $new_tokens cannot be read; see the line above"
  if has_word agent "$known_words"; then
    current=$(token_word "$(head -n 1 "$data_dir/server/token")")
    put_token "$current" "$current" ||
      fail "$node: k3s runs with the new agents' token, but does not take it into etcd's data: $(tail -n 1 "$scratch/put" | cut -c 1-300); see 'journalctl -u k3s', and run up again before k3s restarts by itself"
  fi
  rm -f "$new_tokens" || cannot_write "$new_tokens"
}

# k3s lets nobody take a snapshot with a token that it does not know yet.
take_up_tokens() {
  [ -e "$new_tokens" ] && systemctl is-active -q k3s || return 0
  say 'the tokens changed as well as the version: starting k3s with the tokens first'
  start_with_tokens
  [ "$healthy" = yes ] || { show_journal; rm -f "$fresh" || true; fail "$node: k3s does not start with the new tokens${reason:+: $reason}; its version was not changed. See 'journalctl -u k3s' on the host"; }
}
