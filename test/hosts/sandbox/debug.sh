# shellcheck shell=bash disable=SC2154,SC1091 # read by bash before a script of which a test kills one line; the fault sets $at_line
. /.stub/fault
if [ "$at_line" != 0 ]; then
  gw_line=0
  gw_count() {
    gw_line=$((gw_line + 1))
    [ "$gw_line" != "$at_line" ] || kill -9 0
    [ "$log" = no ] || printf '%s %s\n' "$gw_line" "${1%%[$'\n']*}" >>/.stub/lines
  }
  set -o functrace
  trap 'gw_count "$BASH_COMMAND"' DEBUG
fi
set -o posix
