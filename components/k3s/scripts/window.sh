# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# When k3s may restart on a member. Asked before anything is touched; what was begun in the window is finished after it.

# check_window WHAT: ends the run where the window is closed.
check_window() {
  [ "$window_zone" = UTC ] || [ -e "/usr/share/zoneinfo/$window_zone" ] ||
    fail "$node: this host does not know the time zone $window_zone of rollout.window (no /usr/share/zoneinfo/$window_zone), so nothing was changed; install tzdata there, or write the window in UTC"
  ! window_is_open || return 0
  window_opens
  fail "$node: $1, and rollout.window is closed: it is $(window_time "$window_now" '+%a %Y-%m-%d %H:%M') in $window_zone, and it opens $opens. Nothing was changed; run up again then. Where it cannot wait, set rollout.window.openUntil: \"$(date -u -d "@$((window_now + 7200))" +%Y-%m-%dT%H:%M:%SZ)\""
}

# window_time SECONDS FORMAT: a moment as the window's zone has it.
window_time() { TZ=$window_zone LC_ALL=C date -d "@$1" "$2"; }

# One that closes at or before the time at which it opens goes over midnight, and belongs to the day on which it opened.
window_is_open() {
  window_now=$(date +%s)
  [ "$window_until" -le "$window_now" ] || return 0
  window_here=$(window_time "$window_now" '+%u %H:%M')
  window_day=${window_here% *}
  printf '%s %s %s\n' "${window_here#* }" "$window_start" "$window_end" | awk -v days=" $window_days " -v day="$window_day" '
    function minutes(text, at) { split(text, at, ":"); return at[1] * 60 + at[2] }
    { now = minutes($1); from = minutes($2); to = minutes($3); before = (day + 5) % 7 + 1
      today = index(days, " " day " ") && now >= from && (now < to || to <= from)
      yesterday = index(days, " " before " ") && to <= from && now < to
      exit !(today || yesterday) }'
}

# Sets opens to the next day and time. Days are counted from noon, which no change of the clock moves into another day.
window_opens() {
  window_hour=$(window_time "$window_now" '+%H')
  window_noon=$((window_now - (${window_hour#0} - 12) * 3600))
  window_ahead=0
  # Later today, and not earlier: the same day next week is the last that it can be.
  [ "$(printf '%s\n%s\n' "$window_start" "${window_here#* }" | sort | head -n 1)" != "$window_start" ] || window_ahead=1
  while [ "$window_ahead" -le 7 ]; do
    opens=$(window_time "$((window_noon + window_ahead * 86400))" '+%u %a %Y-%m-%d')
    ! has_word "${opens%% *}" "$window_days" || break
    window_ahead=$((window_ahead + 1))
  done
  opens="${opens#* } $window_start"
}

# A token that changes is read by a restart of k3s, so the first server waits for the window as well. What it has begun is finished,
# and the others follow it at any hour: they would not start with the token before.
check_window_for_tokens() {
  for pair in "/etc/rancher/k3s/token $server_token" "/etc/rancher/k3s/agent-token $agent_token"; do
    [ -s "${pair%% *}" ] || continue
    [ "$(token_word "$(head -n 1 "${pair%% *}")")" = "$(token_word "${pair#* }")" ] ||
      check_window "another join token restarts k3s on the servers"
  done
}
