# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# What would hold a drain, named before anything moves. A server's drain comes first in a roll-out, so it names that of the others too.

budgets='' selected=''

name_what_blocks() {
  find_longhorn
  name_single_copies
  name_budgets
  [ "$problems" -eq 0 ] ||
    fail "$node: $problems of the things above would hold its drain until it is given up; nothing was changed. Mend them and run up again, or set rollout.drain: never"
}

# holds NODE WHAT: an error for this node; for one whose turn comes later, a word in time.
holds() {
  if [ "$1" = "$node" ]; then
    problem "$2"
  elif [ "$role" = server ]; then
    warn "$1, if its turn comes: $2"
  fi
}

# Budgets that cannot allow an eviction however well their pods are: as many must be healthy as there are. Only a warning, because an
# operator may watch for the cordon and move what its budget protects (as those of PostgreSQL do). One that allows none just now may
# allow one soon; the drain waits for it. Longhorn takes its own away by itself.
name_budgets() {
  ask budgets kube get poddisruptionbudgets -A -o jsonpath='{range .items[*]}{.metadata.namespace}|{.metadata.name}|{.status.disruptionsAllowed}|{.status.desiredHealthy}|{.status.expectedPods}|{.spec.selector.matchLabels}|{range .spec.selector.matchExpressions[*]}{.key} {.operator} {.values};{end}{"\n"}{end}'
  need_scratch
  printf '%s\n' "$budgets" | awk -F '|' 'NF && $3 == 0 && $5 > 0 && $4 >= $5 && !($6 $7 ~ /longhorn/)' >"$scratch/budgets" ||
    fail "$node: /tmp cannot be written; make room there, or mount it writable"
  while IFS='|' read -r space name _ desired expected labels expressions; do
    ask selected pods_of "$space" "$(printf '%s\n' "$labels|$expressions" | selector_of)"
    pods=$(printf '%s\n' "$selected" | awk -F '|' -v node="$node" -v others="$([ "$role" = server ] && echo yes)" 'NF && $3 == "True" && $4 != "DaemonSet" && ($2 == node || others) { printf "%s%s on %s", (count++ ? ", " : ""), $1, $2 }')
    [ -z "$pods" ] ||
      warn "$node: the PodDisruptionBudget $space/$name lets no pod go, because $desired of $expected must be healthy ($pods): a drain waits for it in vain unless something else moves them. Add replicas, or lower its minAvailable"
  done <"$scratch/budgets"
}
pods_of() {
  kube get pods -n "$1" ${2:+-l "$2"} -o jsonpath='{range .items[*]}{.metadata.name}|{.spec.nodeName}|{.status.conditions[?(@.type=="Ready")].status}|{.metadata.ownerReferences[0].kind}{"\n"}{end}'
}
# A budget's selector, as JSONPath prints it, in the words of kubectl's -l.
selector_of() {
  tr -d '"[]' | awk -F '|' '{
    sub(/^\{/, "", $1); sub(/\}$/, "", $1); gsub(/:/, "=", $1); out = $1
    for (at = 1; at <= split($2, all, ";"); at++) {
      if (split(all[at], word, " ") < 2) continue
      one = word[2] == "In" ? word[1] " in (" word[3] ")" : word[2] == "NotIn" ? word[1] " notin (" word[3] ")" : word[2] == "Exists" ? word[1] : "!" word[1]
      out = out (out == "" ? "" : ",") one
    }
    print out
  }'
}
