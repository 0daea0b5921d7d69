# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# Another server token on a living cluster. The first server has k3s seal etcd's data with it; only then do the files on the servers get
# it, and they restart one after another. Nothing of it is undone: a run that was cut off is finished by the next.

begun=$state_dir/rotating   # the token before, and each one that a rotation was begun to; while it is there, no token is sure
servers='' sealed='' put_why=''

# A server with data has known its tokens since its start, and etcd's data is sealed with the servers'.
change_tokens() {
  wanted=$(token_word "$server_token")
  read_token /etc/rancher/k3s/token
  [ -n "$token_read" ] || read_token "$data_dir/server/token"
  token_before=$token_read
  if [ -s "$begun" ] || { [ -n "$token_before" ] && [ "$token_before" != "$wanted" ]; }; then
    if [ -z "$join" ]; then
      rotate "$token_before" "$wanted"
    else
      check_rotated "$wanted"
      keep_old_token "$token_before"
    fi
    must_take_up server
  fi
  read_token /etc/rancher/k3s/agent-token
  [ -z "$token_read" ] || [ "$token_read" = "$(token_word "$agent_token")" ] || must_take_up agent
}

# Sets token_read to the password in a file, empty where there is no file.
read_token() {
  token_read=''
  [ -e "$1" ] || return 0
  token_read=$(head -n 1 "$1") || fail "$node: $1 cannot be read; see the line above"
  token_read=$(token_word "$token_read")
}

# rotate OLD NEW: on the first server.
rotate() {
  doing='rotating the server token'
  if [ -s "$begun" ]; then
    say 'a rotation of the server token was cut off: going on with it'
    tokens_begun=$(cat "$begun") || fail "$node: $begun cannot be read; see the line above"
    printf '%s\n%s\n' "$tokens_begun" "$2" | awk '!seen[$0]++' | write_file "$begun" 600
    await 65 "the API on $node" api_answers || revive
  else
    prepare_rotation "$1" "$2"
  fi
  seal_with "$2"
}

# seal_with NEW: k3s runs, with one of the tokens begun.
seal_with() {
  settle "$1" || fail "$node: k3s does not take the new token: $(printf %s "$put_why" | cut -c 1-300); 'journalctl -u k3s' tells more. It runs on with the one before. Mend the cause and run up again"
  [ "$(token_word "$(head -n 1 "$data_dir/server/token")")" = "$1" ] ||
    fail "$node: k3s took the new token, and $data_dir/server/token does not have it; see 'journalctl -u k3s', and run up again"
  must_kube annotate namespace kube-system groundwork/token="$(token_mark "$1")" --overwrite
  while IFS= read -r known <&7; do
    [ "$known" = "$1" ] || keep_old_token "$known"
  done 7<"$begun"
}
# Once the file has the new token.
end_rotation() { rm -f "$begun" || cannot_write "$begun"; }

# Whatever keeps a server from starting with the new token is to be known before there is one.
prepare_rotation() {
  await 65 "the API on $node" api_answers ||
    fail "$node: k3s.token changed, and k3s does not answer here; nothing was changed. Set k3s.token back to the one before, run up until all is well, and change it then"
  ask servers kube get nodes -l node-role.kubernetes.io/etcd -o jsonpath='{range .items[*]}{.metadata.name}|{.status.conditions[?(@.type=="Ready")].status}|{.status.conditions[?(@.type=="EtcdIsVoter")].status}{"\n"}{end}'
  unwell=$(printf '%s\n' "$servers" | awk -F '|' 'NF && ($2 != "True" || $3 != "True") { printf "%s ", $1 }')
  [ -z "$unwell" ] ||
    fail "$node: k3s.token changed, and these servers are not Ready voters of etcd: ${unwell% }; nothing was changed. Bring them back, or remove them with k3s.token as it was, and run up again"
  say 'saving a snapshot of etcd before the server token changes'
  save_snapshot "rotation-$(date -u +%Y%m%d%H%M%S)"
  forget_old_snapshots rotation
  printf '%s\n%s\n' "$1" "$2" | write_file "$begun" 600
}

# settle NEW: what a rotation that was cut off left may be sealed with any of the tokens begun; from the right one, k3s goes to every
# other. A k3s that does not take the new one is left with one that it can start with.
settle() {
  ! put_as_known "$1" || return 0
  while IFS= read -r known <&7; do
    if [ "$known" != "$1" ] && put_as_known "$known"; then
      ! put_as_known "$1" || return 0
      put_why=$(tail -n 1 "$scratch/put")
      put_as_known "$known" || true # reported below
      return 1
    fi
  done 7<"$begun"
  put_why=$(tail -n 1 "$scratch/put")
  return 1
}
# The running k3s lets in whom it let in when it started.
put_as_known() {
  while IFS= read -r current <&6; do
    ! put_token "$1" "$current" || return 0
    grep -qi 'unauthorized\|not authorized' "$scratch/put" || return 1
  done 6<"$begun"
  return 1
}

# k3s went down in the midst of a rotation. Which of the tokens begun opens etcd's data only shows when k3s starts.
revive() {
  must_take_up server
  while IFS= read -r known <&7; do
    say 'k3s does not run: trying one of the tokens of the rotation'
    printf '%s\n' "$known" | write_file /etc/rancher/k3s/token 600
    forget_passwords
    systemctl reset-failed k3s 2>/dev/null || true # there may be nothing to reset
    systemctl restart --no-block k3s || fail "$node: k3s cannot be started; see the line above"
    ! await 180 "k3s on $node" is_back || return 0
  done 7<"$begun"
  fail "$node: k3s starts with none of the tokens of the rotation that was cut off; see 'journalctl -u k3s'. The snapshot before it is in $snapshots"
}
is_back() {
  ! api_answers || return 0
  restarts=$(systemctl show -p NRestarts k3s) || return 1
  [ "${restarts#*=}" -lt 3 ] || await_over=yes
  return 1
}

# On any other server: its token changes only when the first one has rotated it. It asks another one, for its own k3s may not start for
# want of it.
check_rotated() {
  for other in $join; do
    api=https://$other
    ! api_answers || break
  done
  ask sealed kube get namespace kube-system -o jsonpath='{.metadata.annotations.groundwork/token}'
  [ "$sealed" = "$(token_mark "$1")" ] ||
    fail "$node: k3s.token differs from the token that this cluster has, and the first server has not rotated it; nothing was changed here. Run up without --target, so that the first server does it; if that one was rebuilt just now, set k3s.token back to the one before for this run"
}

# Enough to tell two tokens apart, and too little to find one by.
token_mark() { printf %s "$1" | sha256sum | cut -c 1-4; }

# k3s's own snapshots of before need the token before.
keep_old_token() {
  make_snapshots_directory
  printf '%s\n' "$1" | write_file "$snapshots/replaced-$(date -u +%Y%m%d%H%M%S)-$(token_mark "$1").token" 600
}
