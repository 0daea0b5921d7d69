# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# One run at a time decides about members and about who may be down.

# The cluster's lock is a Lease, so that servers that decide on their own hosts see each other. It is held for some questions and
# one mark on a Node, never while something is waited for; a holder that died is succeeded when the Lease stood still for a minute.
cluster_lock=''
lock_cluster() {
  lock_holder_name=$node-$(cat /proc/sys/kernel/random/uuid)
  lock_seen='' lock_seen_at=0
  await 300 "the cluster's lock" take_cluster_lock ||
    fail "$node: the cluster's lock is still held by ${lock_seen%% *}; see 'kubectl -n kube-system get lease groundwork', and delete it if that run is dead"
  cluster_lock=$lock_holder_name
  read_uptime
  cluster_lock_at=$uptime
}
take_cluster_lock() {
  ! lease '' | kube create -f - >/dev/null 2>&1 || return 0
  lock_now=$(kube get lease groundwork -n kube-system -o jsonpath='{.spec.holderIdentity} {.metadata.resourceVersion}' 2>/dev/null) || return 1
  [ "${lock_now%% *}" != "$lock_holder_name" ] || return 0
  read_uptime
  if [ "$lock_now" != "$lock_seen" ]; then
    lock_seen=$lock_now lock_seen_at=$uptime
    return 1
  fi
  [ $((uptime - lock_seen_at)) -ge 60 ] || return 1
  # The version makes it fail when another run was faster.
  lease "${lock_now##* }" | kube replace -f - >/dev/null 2>&1
}
lease() {
  # Quoted here: shells differ on quotes inside of an expansion in a here-document, and the API wants a text.
  lease_version=${1:+"  resourceVersion: '$1'"}
  cat <<LEASE
apiVersion: coordination.k8s.io/v1
kind: Lease
metadata:
  name: groundwork
  namespace: kube-system
$lease_version
spec:
  holderIdentity: $lock_holder_name
  leaseDurationSeconds: 60
LEASE
}
# Before what the lock is for is written down: a decision that took too long may have been overtaken.
still_locked() {
  read_uptime
  [ $((uptime - cluster_lock_at)) -lt 45 ] ||
    fail "$node: the API answers too slowly to decide about $node safely (over 45 s); look at the servers' load and disks, and run up again"
}
# Only one's own: after a minute without an answer, another run may hold it.
release_cluster_lock() {
  lock_owner=$(kube get lease groundwork -n kube-system -o jsonpath='{.spec.holderIdentity}' 2>/dev/null) || lock_owner=''
  [ "$lock_owner" = "$cluster_lock" ] || { cluster_lock=''; return 0; }
  cluster_lock=''
  kube delete lease groundwork -n kube-system --ignore-not-found >/dev/null 2>&1 || true # it runs out by itself
}
