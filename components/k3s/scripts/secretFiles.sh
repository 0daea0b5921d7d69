# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# Files whose content is a secret. It comes with the tokens, in the one script that is a secret, and waits here for root only, until
# converge puts it in its place: after the drain, and with everything else that a restart is for.

secrets_dir=$state_dir/secrets

# keep_secret_files: what waits is what this script brought, and nothing else.
keep_secret_files() {
  brought=''
  bring_files
  [ -d "$secrets_dir" ] || return 0
  need_scratch
  find "$secrets_dir" -type f >"$scratch/waiting" || fail "$node: $secrets_dir cannot be read; see the line above"
  while IFS= read -r waiting; do
    has_word "${waiting#"$secrets_dir"}" "$brought" || rm -f "$waiting" || cannot_write "$waiting"
  done <"$scratch/waiting"
}

# bring_file PATH: standard input is the content of the file that is to be at PATH.
bring_file() {
  [ -d "$secrets_dir" ] || mkdir -m 700 "$secrets_dir" || cannot_write "$secrets_dir"
  write_file "$secrets_dir$1" 600
  brought="${brought:+$brought }$1"
}
