# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# Longhorn's volumes and a drain: what would block it, and when all of them are well. Names and states are those of its API
# (longhorn-manager, k8s/pkg/apis/longhorn/v1beta2/volume.go); when it lets a node go is told by canDeleteInstanceManagerPDB in
# its controller/instance_manager_controller.go.

longhorn='' volumes='' replicas='' policies=''

# Sets has_longhorn: whether the cluster has Longhorn, whoever installed it.
find_longhorn() {
  ask longhorn kube get customresourcedefinition volumes.longhorn.io --ignore-not-found -o name
  has_longhorn=no
  [ -z "$longhorn" ] || has_longhorn=yes
}

# Sets unwell to the volumes that are not well, a line each. One that nothing uses (detached) is as well as it can be, unless all its
# copies failed; one that is made or goes away tells nothing yet.
volumes_are_well() {
  unwell='the API does not tell'
  volumes=$(kube get volumes.longhorn.io -A -o jsonpath='{range .items[*]}{.metadata.name}|{.status.state}|{.status.robustness}|{.status.kubernetesStatus.namespace}/{.status.kubernetesStatus.pvcName}{"\n"}{end}' 2>/dev/null) || return 1
  unwell=$(printf '%s\n' "$volumes" | awk -F '|' '
    NF && ($3 == "degraded" || $3 == "faulted" || ($3 != "healthy" && ($2 == "attached" || $2 == "attaching"))) {
      print $1 ($4 == "/" ? "" : " (" $4 ")") ": " ($3 == "degraded" || $3 == "faulted" ? $3 : $2) }')
  # What await says it waits for is what is unwell now.
  await_what="Longhorn's volumes to be healthy: $(printf '%s\n' "$unwell" | few)"
  [ -z "$unwell" ]
}
# The first five lines as one, and how many more there are.
few() { awk 'NR <= 5 { printf "%s%s", (NR > 1 ? ", " : ""), $0 } END { if (NR > 5) printf " and %d more", NR - 5 }'; }

# Another copy of a volume may be on the node that comes next, so each waits until all are whole. Fails when they are not by then.
await_volumes() {
  [ "$volumes_timeout" != 0 ] && [ "$has_longhorn" = yes ] || return 0
  await "$volumes_timeout" "Longhorn's volumes to be healthy" volumes_are_well
}
fail_for_volumes() {
  fail "$node: not drained, because after $volumes_timeout s these volumes of Longhorn are not healthy: $(printf '%s\n' "$unwell" | few). $node is unchanged. Look at them in Longhorn (a disk that is full, a node that is away, more copies than nodes), delete what nobody needs, or raise rollout.volumesTimeoutSeconds; rollout.waitForVolumes: false drains all the same"
}

# Volumes with a single copy. Whether Longhorn lets the node go that has it is a setting of its own.
name_single_copies() {
  [ "$has_longhorn" = yes ] || return 0
  ask policies kube get settings.longhorn.io -A -o jsonpath='{range .items[?(@.metadata.name=="node-drain-policy")]}{.value}{end}'
  ask volumes kube get volumes.longhorn.io -A -o jsonpath='{range .items[*]}{.metadata.name}|{.spec.numberOfReplicas}|{.status.currentNodeID}|{.status.kubernetesStatus.namespace}/{.status.kubernetesStatus.pvcName}{"\n"}{end}'
  ask replicas kube get replicas.longhorn.io -A -o jsonpath='{range .items[*]}{.spec.volumeName}|{.spec.nodeID}|{.spec.healthyAt}{"\n"}{end}'
  need_scratch
  { printf '%s\n' "$volumes" | sed 's/^/v|/'; printf '%s\n' "$replicas" | sed 's/^/r|/'; } |
    awk -F '|' '$1 == "v" && $3 == 1 { used[$2] = $4; claim[$2] = ($5 == "/" ? "" : " (" $5 ")") }
      $1 == "r" && ($2 in used) && $4 != "" { print $3 "|" (used[$2] == "" || used[$2] == $3 ? "here" : "elsewhere") "|" $2 claim[$2] }' >"$scratch/single" ||
    fail "$node: /tmp cannot be written; make room there, or mount it writable"
  while IFS='|' read -r at used volume; do
    case ${policies:-block-if-contains-last-replica}:$used in
      block-if-contains-last-replica:*) why="Longhorn's node-drain-policy (block-if-contains-last-replica) holds a node with the only copy of a volume for ever" ;;
      allow-if-replica-is-stopped:elsewhere) why="a pod on another node uses it, and Longhorn's node-drain-policy (allow-if-replica-is-stopped) waits until none does" ;;
      block-for-eviction*) [ "$at" != "$node" ] || say "the only copy of volume $volume is on $node: Longhorn moves it to another node first"; continue ;;
      always-allow:*) [ "$at" != "$node" ] || warn "$node: the only copy of volume $volume is on it, so the volume is out of use while $node is down; give it a second copy"; continue ;;
      *) continue ;; # the pod that uses it leaves with the drain
    esac
    holds "$at" "the only copy of volume $volume is on it: $why; give the volume a second copy (numberOfReplicas), or set defaultSettings.nodeDrainPolicy: block-for-eviction-if-contains-last-replica, which moves it away first"
  done <"$scratch/single"
}
