# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# Files that the settings give, at places where the host may have one of its own: that one is never replaced. What is ours stands in a
# list, by which it goes again when the settings do not name it any more, and when k3s goes.

given_list=$state_dir/given-files   # a line each: EFFECT LABEL PATH; `dir - PATH` for a directory that was made for one
secrets_dir=$state_dir/secrets      # what waits for its place, for root only (secretFiles.sh)
only_looking=no                          # whether put_files only looks

# Sets given_known to the paths of the list. They count as managed, so that what ran before is brought back with them.
read_given_list() {
  given_known='' given_lines=''
  [ -e "$given_list" ] || return 0
  while read -r given_effect given_label given_path; do
    given_lines="$given_lines$given_effect $given_label $given_path
"
    [ "$given_effect" != dir ] || continue
    given_known="${given_known:+$given_known }$given_path"
    has_word "$given_path" "$managed_files" || managed_files="$managed_files $given_path"
  done <"$given_list" || fail "$node: $given_list cannot be read; see the line above"
}

# look_at_given_files: what is in their way is said before anything is changed. Sets given_wanted to the lines of those that are wanted.
look_at_given_files() {
  given_wanted=''
  only_looking=yes
  put_files
  only_looking=no
}

# put_given_file PATH MODE EFFECT LABEL
put_given_file() {
  if [ "$only_looking" = yes ]; then
    look_at_given "$1"
    given_wanted="$given_wanted$3 $4 $1
"
    return 0
  fi
  # k3s's own directory is for root only, and k3s leaves it as it finds it.
  case $1 in
    "$data_dir"/server/*) [ -d "$data_dir/server" ] || { mkdir -p "$data_dir" && mkdir -m 700 "$data_dir/server"; } || cannot_write "$1" ;;
  esac
  put_file "$@"
}

# put_secret_file PATH MODE EFFECT LABEL MARK: MARK is how the content's SHA-256 begins.
put_secret_file() {
  waiting=$secrets_dir$1
  if [ "$only_looking" = yes ]; then
    if [ ! -e "$waiting" ]; then
      problem "$node-token has not brought the content of $1; run up without --target, or with --target '**::$node-token' as well"
      return 0
    fi
    came=$(sha256sum <"$waiting") || fail "$node: $waiting cannot be read; see the line above"
    case $came in
      "$5"*) ;;
      *) problem "what $node-token brought for $1 is not what the settings say now; run up without --target, or with --target '**::$node-token' as well" ;;
    esac
  fi
  put_given_file "$1" "$2" "$3" "$4" <"$waiting"
}

# look_at_given PATH: with the content as standard input. What is there and the same is taken as ours; what a k3s that is taken over
# has is kept with the rest of it.
look_at_given() {
  if [ -d "$1" ]; then
    problem "$1 is a directory here, and the settings want a file there; choose another path, or move the directory away"
  elif [ -e "$1" ] || [ -L "$1" ]; then
    has_word "$1" "$given_known" || [ -n "$mark_adopting" ] || cmp -s - "$1" ||
      problem "$1 is there already, and Groundwork did not write it; take over into the settings what is needed of it, and move it away: mv $1 $1.before"
  fi
}

# claim_given_files: what will be ours is written down first, so that a run that is cut off leaves nothing that nobody knows.
claim_given_files() {
  [ -n "$given_files" ] || return 0
  given_dirs=''
  for path in $given_files; do note_missing_dirs "${path%/*}"; done
  claimed=$(printf '%s%s%s' "$given_lines" "$given_dirs" "$given_wanted" | awk '!seen[$0]++')
  [ "$claimed" = "$(printf %s "$given_lines")" ] || printf '%s\n' "$claimed" | write_file "$given_list" 644
  given_lines="$claimed
"
}
note_missing_dirs() {
  dir=$1
  while [ -n "$dir" ] && [ ! -d "$dir" ]; do
    given_dirs="${given_dirs}dir - $dir
"
    dir=${dir%/*}
  done
}

# drop_given_files: those of the list that nobody wants any more.
drop_given_files() {
  while read -r given_effect given_label given_path; do
    case $given_effect in '' | dir) continue ;; esac
    has_word "$given_path" "$given_files" || drop_given_file
  done <<LINES
$given_lines
LINES
}

drop_given_file() {
  [ "$given_label" != manifests ] || [ ! -e "$given_path" ] ||
    say "what ${given_path##*/} made stays in the cluster: k3s deletes nothing when a manifest is taken away"
  drop_file "$given_path" "$given_effect" "$given_label"
}

# settle_given_list: once it has worked, the list has only what is wanted, and the directories that were made for that.
settle_given_list() {
  [ -n "$given_lines" ] || return 0
  settled=''
  while read -r given_effect given_label given_path; do
    [ "$given_effect" = dir ] || continue
    case " $given_files" in *" $given_path/"*) ;; *) rmdir_empty "$given_path" ;; esac
    [ ! -d "$given_path" ] || settled="$settled$given_effect $given_label $given_path
"
  done <<LINES
$given_lines
LINES
  settled=$settled$given_wanted
  if [ -z "$settled" ]; then
    rm -f "$given_list" || cannot_write "$given_list"
  elif [ "$settled" != "$given_lines" ]; then
    printf %s "$settled" | write_file "$given_list" 644
  fi
}

# delete_given_files: with k3s.
delete_given_files() {
  managed_files=''
  read_given_list
  while read -r given_effect given_label given_path; do
    case $given_effect in '' | dir) continue ;; esac
    rm -f "$given_path" || fail "$node: $given_path cannot be removed; see the line above, and run up again"
  done <<LINES
$given_lines
LINES
  rm -rf "$secrets_dir"
  # The inner ones were noted first.
  while read -r given_effect given_label given_path; do
    [ "$given_effect" != dir ] || rmdir_empty "$given_path"
  done <<LINES
$given_lines
LINES
  rm -f "$given_list"
}
