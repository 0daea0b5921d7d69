# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# Another key for the Secrets in etcd, asked for by a person. One server has k3s make it and write all Secrets anew
# (k3s-io/k3s pkg/server/handlers/secrets-encrypt.go); the others take it from etcd's data when they start. A run that was cut off is
# gone on with: the rotating server has a mark, and k3s itself says how far it is.

service=k3s
fresh_host=no
key_mark=$state_dir/secrets-key   # the name of the key before; a second line `restarted` once k3s was, after the rotation
key_before='' key_state='' key_hashes='' key_own='' key_theirs=''

# Facts for whoever decides; nothing is changed.
look_at_key() {
  doing='asking k3s how it encrypts Secrets'
  check_operator
  [ "$has_cluster" = yes ] || fail "$node: there is no cluster on it yet; run up first"
  await 65 "the API on $node" api_answers || fail "$node: its API does not answer; see 'journalctl -u k3s' there, and bring it back first"
  ask_key_state
  ask_field version '{.status.nodeInfo.kubeletVersion}'
  say "enabled=$key_enabled"
  say "stage=$key_stage"
  say "mismatch=$key_mismatch"
  say "active=$key_active"
  say "others=$key_others"
  say "version=$version"
  begun=no
  [ ! -e "$key_mark" ] || begun=yes
  say "begun=$begun"
}

# Sets key_enabled, key_stage, key_mismatch (empty where all servers have the same), key_active, and key_others: whether there are more.
ask_key_state() {
  ask key_state key_status
  read_key_state
}
key_status() { k3s secrets-encrypt status --server "https://127.0.0.1:$api_port" --output json; }
read_key_state() {
  key_enabled=$(key_field enable)
  key_stage=$(key_field stage)
  key_active=$(key_field activekey)
  key_mismatch=$(key_field hasherror)
  key_others=no
  case $key_state in *'"inactivekeys"'*) key_others=yes ;; esac
}
# k3s writes a field a line.
key_field() { printf '%s\n' "$key_state" | sed -n "s/^[[:space:]]*\"$1\": \"\{0,1\}\([^\"]*[^\",]\)\"\{0,1\},\{0,1\}\$/\1/p" | head -n 1; }

# rotate_key: on the one server.
rotate_key() {
  doing='rotating the key of the Secrets'
  begin_turn rotate-key
  await 65 "the API on $node" api_answers || fail "$node: its API does not answer; see 'journalctl -u k3s' there, bring it back, and run this again"
  ask_key_state
  if [ -e "$key_mark" ]; then
    key_before=$(head -n 1 "$key_mark") || fail "$node: $key_mark cannot be read; see the line above"
    say 'a rotation of the key was cut off: going on with it'
  else
    begin_rotation
  fi
  if [ "$key_stage" = reencrypt_active ]; then
    say 'k3s still writes the Secrets anew'
  elif [ "$key_active" = "$key_before" ]; then
    say 'having k3s make a new key and write all Secrets anew with it'
    ask_k3s_to rotate-keys
  elif [ "$key_others" = yes ]; then
    # It went down between the two keys, and knows both. It takes no other rotation then, and forgets the key before at the end of this.
    say 'k3s went down while it wrote the Secrets anew: having it write them again'
    ask_k3s_to reencrypt --force
  fi
  await "$key_timeout" 'k3s to have written all Secrets anew' is_rotated ||
    fail "$node: k3s has not written all Secrets anew after $key_timeout s (stage $key_stage); 'journalctl -u k3s' there tells how far it is. Run this again to go on; restart no k3s before"
  say "the key is $key_active now, and was $key_before"
}
is_rotated() {
  key_state=$(key_status 2>/dev/null) || return 1
  read_key_state
  [ "$key_stage" = reencrypt_finished ] && [ "$key_active" != "$key_before" ] && [ "$key_others" = no ]
}

# Whatever keeps a server from taking up the new key is to be known before there is one.
begin_rotation() {
  say 'saving a snapshot of etcd before the key changes'
  save_snapshot "secrets-key-$(date -u +%Y%m%d%H%M%S)"
  forget_old_snapshots secrets-key
  lock_cluster
  check_servers_agree
  still_locked
  key_before=$key_active
  printf '%s\n' "$key_before" | write_file "$key_mark" 600
  release_cluster_lock
}
check_servers_agree() {
  ask_key_state
  [ "$key_enabled" = true ] || fail "$node: Secrets are not encrypted in this cluster; set k3s.secretsEncryption: true before a cluster is made"
  [ -z "$key_mismatch" ] ||
    fail "$node: the servers do not have the same keys ($key_mismatch); nothing was changed. Restart k3s on the one that is behind ('systemctl restart k3s' there), see 'k3s secrets-encrypt status', and run this again"
  case $key_stage:$key_others in
    start:no | reencrypt_finished:no) ;;
    *) fail "$node: somebody rotates the key by hand (stage $key_stage, $([ "$key_others" = yes ] && echo 'more than one key' || echo 'one key')); nothing was changed. Finish that first (docs.k3s.io/cli/secrets-encrypt)" ;;
  esac
  check_servers_well
}

# ask_k3s_to WORDS: k3s goes on by itself when its command is not waited for any more.
ask_k3s_to() {
  ! ask_k3s secrets-encrypt "$@" --server "https://127.0.0.1:$api_port" || return 0
  ask_key_state
  [ "$key_stage" != reencrypt_active ] && [ "$key_active" = "$key_before" ] || return 0
  rm -f "$key_mark" || cannot_write "$key_mark"
  fail "$node: k3s does not rotate the key: $asked_why; the one before is in use, and nothing was changed. Mend the cause and run this again"
}

# take_up_key: k3s restarts and knows the new key; on the rotating server too, as k3s's documentation has it, and there first.
take_up_key() {
  doing='restarting k3s with the new key'
  begin_turn restart
  await_api || fail "$node: no server's API answers; see 'journalctl -u k3s' on the servers, bring them back, and run this again"
  if has_new_key; then
    end_turn
    say "k3s on $node has the new key"
    return
  fi
  restart_in_turn 'the new key' is_back_with_key
  [ "$node" != "$key_server" ] || note_restart
  end_turn
  say "k3s on $node has the new key"
}
has_new_key() {
  if [ "$node" = "$key_server" ]; then
    [ -e "$key_mark" ] || fail "$node: no rotation was begun here; run this again"
    key_noted=$(sed -n 2p "$key_mark") || fail "$node: $key_mark cannot be read; see the line above"
    [ "$key_noted" = restarted ]
    return
  fi
  ask key_hashes kube get nodes -l node-role.kubernetes.io/etcd -o jsonpath="$key_hash_list"
  compare_hashes
}
key_hash_list='{range .items[*]}{.metadata.name}|{.metadata.annotations.k3s\.io/encryption-config-hash}|{.status.conditions[?(@.type=="Ready")].status}|{.status.conditions[?(@.type=="EtcdIsVoter")].status}{"\n"}{end}'
compare_hashes() {
  key_own=$(printf '%s\n' "$key_hashes" | awk -F '|' -v node="$node" '$1 == node { print $2 }')
  key_theirs=$(printf '%s\n' "$key_hashes" | awk -F '|' -v node="$key_server" '$1 == node { print $2 }')
  [ -n "$key_own" ] && [ "$key_own" = "$key_theirs" ]
}
is_back_with_key() {
  key_hashes=$(kube get nodes -l node-role.kubernetes.io/etcd -o jsonpath="$key_hash_list" 2>/dev/null) || return 1
  compare_hashes || return 1
  case "$(printf '%s\n' "$key_hashes" | awk -F '|' -v node="$node" '$1 == node { print $3 "|" $4 }')" in 'True|True') return 0 ;; *) return 1 ;; esac
}
note_restart() {
  key_noted=$(head -n 1 "$key_mark") || fail "$node: $key_mark cannot be read; see the line above"
  printf '%s\nrestarted\n' "$key_noted" | write_file "$key_mark" 600
}

# finish_key: on the rotating server, when all others have the key.
finish_key() {
  doing='looking whether all servers have the new key'
  begin_turn rotate-key
  ask_key_state
  if [ "$key_stage" != reencrypt_finished ] || [ -n "$key_mismatch" ] || [ "$key_others" = yes ]; then
    fail "$node: not all servers have the new key (stage $key_stage${key_mismatch:+, $key_mismatch}); run this again"
  fi
  rm -f "$key_mark" || cannot_write "$key_mark"
  say "all servers have the key $key_active"
}
