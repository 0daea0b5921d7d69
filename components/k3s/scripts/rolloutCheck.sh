# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# The user's own gate: a command or a Job that must succeed before the roll-out goes on.

# Its pods may come back for the check; other agents go on waiting for it, and learn when it failed.
pass_check() {
  if [ -z "$member_before" ]; then
    say "$node joined just now: rollout.check is for nodes that were there before"
    return
  fi
  doing='running rollout.check'
  open_node
  must_kube annotate node "$node" groundwork/check-
  say "running rollout.check after $node"
  read_uptime
  check_begin=$uptime check_why=''
  if [ -n "$check_job" ]; then run_check_job; else run_check_command; fi
  read_uptime
  if [ -n "$check_why" ]; then
    must_kube annotate node "$node" groundwork/check="failed-$(date +%s)" --overwrite
    fail "$node: rollout.check $check_why after $((uptime - check_begin)) s; its last lines are above. $node itself is Ready and takes pods; the roll-out stops here. Mend what it says, or rollout.check itself, and run up again: it is run again first"
  fi
  say "rollout.check succeeded after $((uptime - check_begin)) s"
}

run_check_command() {
  need_scratch
  printf '%s\n' "$check_command" >"$scratch/check" || fail "$node: /tmp cannot be written; make room there, or mount it writable"
  # `timeout` ends the command with all that it started, also when this run is lost. It keeps the node's lock, and the command does not:
  # what it leaves in the background must not keep others out.
  # shellcheck disable=SC2016 # for the inner shell
  KUBECONFIG=$kubeconfig GROUNDWORK_NODE=$node GROUNDWORK_ROLE=$role timeout -k 10 "$check_timeout" sh -c 'exec sh "$1" 8>&-' sh "$scratch/check" >"$scratch/check.log" 2>&1 &
  worker=$!
  await "$((check_timeout + 30))" "rollout.check of $node" worker_ended || kill "$worker" || true # it ended just now
  check_code=0
  wait "$worker" || check_code=$?
  [ "$check_code" -ne 0 ] || return 0
  tail -n 20 "$scratch/check.log" | cut -c 1-400 >&2
  read_uptime
  if [ "$check_code" = 124 ] || [ $((uptime - check_begin)) -ge "$check_timeout" ]; then
    check_why="did not end within $check_timeout s, and was ended"
  else
    check_why="failed with exit code $check_code"
  fi
}

run_check_job() {
  job_space=${check_job%%/*} job_name=${check_job#*/}
  # What an earlier run left is no answer for this one.
  must_kube delete job "$job_name" -n "$job_space" --ignore-not-found
  printf '%s\n' "$check_manifest" | kube create -f - >/dev/null ||
    fail "$node: the Job $check_job of rollout.check cannot be made; see the line above, mend rollout.check.job, and run up again"
  job_state=''
  await "$check_timeout" "the Job $check_job of rollout.check" job_ended || true # what it is by now is looked at below
  case $job_state in
    'True|'*)
      must_kube delete job "$job_name" -n "$job_space" --ignore-not-found
      return 0
      ;;
    '|True|'*) check_why="failed: the Job $check_job ended with ${job_state#'|True|'}" ;;
    *) check_why="did not end within $check_timeout s: the Job $check_job" ;;
  esac
  kube get pods -n "$job_space" -l "job-name=$job_name" -o jsonpath='{range .items[*]}{"pod "}{.metadata.name}{": "}{.status.phase}{" "}{.status.containerStatuses[*].state.waiting.reason}{"\n"}{end}' >&2 || true # the reason is above
  kube logs -n "$job_space" "job/$job_name" --all-containers --tail=20 2>&1 | cut -c 1-400 >&2 || true # it may have none
  # One that failed stays to be looked at, until the next run makes it anew; one that goes on is ended.
  case $job_state in '|True|'*) ;; *) must_kube delete job "$job_name" -n "$job_space" --ignore-not-found ;; esac
}
job_ended() {
  job_state=$(kube get job "$job_name" -n "$job_space" -o jsonpath='{.status.conditions[?(@.type=="Complete")].status}|{.status.conditions[?(@.type=="Failed")].status}|{.status.conditions[?(@.type=="Failed")].reason}: {.status.conditions[?(@.type=="Failed")].message}' 2>/dev/null) || return 1
  case $job_state in 'True|'* | '|True|'*) return 0 ;; *) return 1 ;; esac
}
