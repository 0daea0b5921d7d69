# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# k3s's own way to another token (`PUT /v1-k3s/token`, k3s-io/k3s pkg/server/handlers/token.go). Its command takes the new one only as
# an argument, which everybody on the host can read.

# put_token NEW CURRENT: k3s seals its secrets in etcd with NEW from now on, its passwords as they lie on this host among them. CURRENT
# is the token that the running k3s lets servers in with. With the same one twice, only the passwords are sealed anew.
put_token() {
  need_scratch
  # Without a token in it, k3s would make one up.
  { put_new=$(printf %s "$1" | json_text) && put_current=$(printf %s "$2" | json_text) && [ -n "$put_new" ] && [ -n "$put_current" ]; } ||
    fail "$node: the token cannot be put into JSON; nothing was changed"
  # In memory, and at a place that the next run clears when this one is killed.
  put_dir=/run/groundwork/token
  { rm -rf "$put_dir" && mkdir -p "$put_dir" && chmod 700 "$put_dir"; } || fail "$node: $put_dir cannot be made; see the line above"
  {
    printf '{"apiVersion":"v1","kind":"Config","current-context":"k3s","contexts":[{"name":"k3s","context":{"cluster":"k3s","user":"server"}}],'
    printf '"clusters":[{"name":"k3s","cluster":{"server":"https://127.0.0.1:%s","certificate-authority":"%s"}}],' "$api_port" "$data_dir/server/tls/server-ca.crt"
    printf '"users":[{"name":"server","user":{"username":"server","password":"%s"}}]}\n' "$put_current"
  } >"$put_dir/server" || cannot_write "$put_dir/server"
  printf '{"newToken":"%s"}\n' "$put_new" >"$put_dir/new" || cannot_write "$put_dir/new"
  put_done=no
  ! k3s kubectl --cache-dir=/run/groundwork/kube --kubeconfig "$put_dir/server" --request-timeout=60s replace --raw /v1-k3s/token -f "$put_dir/new" >"$scratch/put" 2>&1 || put_done=yes
  rm -rf "$put_dir" || fail "$node: $put_dir cannot be removed; see the line above, and remove it"
  [ "$put_done" = yes ]
}
json_text() { sed 's/[\\"]/\\&/g'; }
