# shellcheck shell=sh disable=SC2154,SC1091 # sourced by the commands below bin/, which set $stub; the fault sets $at, $how, $what
# Counts the commands that a script runs, and does harm at the one that the test names.

read -r number </.stub/count
number=$((number + 1))
# Written over and not truncated first: the commands of a pipeline count at the same time, and none may find an empty file. All
# numbers have six digits for the same reason.
echo "$number" 1<>/.stub/count
. /.stub/fault
[ "$log" = no ] || printf '%s %s %s\n' "$number" "$stub" "$*" >>/.stub/calls
# The commands of a pipeline may come in another order than when they were counted: a failure is of one command only.
if [ "$number" = "1$at" ] && { [ "$what" = any ] || [ "$what" = "$stub" ]; }; then
  case $how in
    fail) exit 1 ;;
    kill) kill -9 0 ;;
    hangup) kill -HUP 0 ;;
    # A disk that fills up, a connection that is lost: made from outside, and the script goes on in it.
    outside) /.stub/real/bash /.stub/ask outside ;;
  esac
fi
