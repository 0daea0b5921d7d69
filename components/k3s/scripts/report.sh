# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked as test/components/k3s/snapshots
# What every script says, and how it ends.

PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH

say() { printf '%s\n' "$*"; }
warn() { printf 'warning: %s\n' "$*" >&2; }
fail() {
  printf 'error: %s\n' "$*" >&2
  told=yes
  exit 1
}

# A command that fails where no failure was expected must not end the run without a word.
doing='starting'
told=no
on_exit() {
  code=$?
  [ "$code" -eq 0 ] || [ "$told" = yes ] || warn "$node: stopped while $doing (exit code $code)"
}
trap on_exit EXIT

# await SECONDS WHAT COMMAND…: polls the command until it succeeds; says every ten seconds what it waits for.
await() {
  await_limit=$1
  await_what=$2
  shift 2
  await_spent=0
  until "$@"; do
    [ "$await_spent" -lt "$await_limit" ] || return 1
    sleep 1
    await_spent=$((await_spent + 1))
    [ $((await_spent % 10)) -ne 0 ] || say "waiting for $await_what ($await_spent of $await_limit s)"
  done
}

# has_word WORD LIST: whether a list separated by spaces has the word.
has_word() {
  case " $2 " in
    *" $1 "*) return 0 ;;
    *) return 1 ;;
  esac
}
