# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# Kubernetes as a server sees it. What decides something is asked by `ask`, so that an API that does not answer is an error and
# never an empty list.

kubeconfig=/etc/rancher/k3s/k3s.yaml
api=''    # another server's API, when this host's own is not the one to ask

# Its cache lies where uninstall finds it, and not in root's home.
kube() { k3s kubectl --cache-dir=/run/groundwork/kube --kubeconfig "$kubeconfig" --request-timeout=20s ${api:+--server="$api"} "$@"; }

api_answers() { kube get --raw /readyz >/dev/null 2>&1; }

# The API for what is done about a node: the operator's own; while its k3s is down, that of another server serves an agent as well.
await_api() { await 65 "the API on ${operator:-$node}" find_api; }
find_api() {
  api=''
  ! api_answers || return 0
  [ "$await_spent" -ge 20 ] || return 1
  for other in ${other_servers:-}; do
    api=https://$other
    ! api_answers || { say "the API on ${operator:-$node} does not answer: asking the server at $other"; return 0; }
  done
  api=''
  return 1
}

# A change in the cluster that has to succeed.
must_kube() { kube "$@" >/dev/null || fail "$node: 'kubectl $1 $2' failed while $doing; see the line above, and run up again"; }
