# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# Whether etcd has let a server go.

# k3s removes the member when asked by annotation (pkg/etcd/member_controller.go). The server that writes that it is gone holds a lease of 45 s, which
# may be the one that goes: 51 s were measured. The condition tells it sooner.
membership='{.metadata.annotations.etcd\.k3s\.cattle\.io/removed-node-name}|{.status.conditions[?(@.type=="EtcdIsVoter")].status}|{.status.conditions[?(@.type=="EtcdIsVoter")].reason}'
left_etcd() {
  # It may be gone as a whole: a Node that its finalizer held goes with its member.
  membership_now=$(kube get node "$node" --ignore-not-found -o jsonpath="$membership" 2>/dev/null) || return 1
  case $membership_now in
    '' | '|False|NotAMember') return 0 ;;
    '|'*) return 1 ;;
    *) return 0 ;;
  esac
}
