# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# Where the files lie that come from the machine that runs `up`. They come over SFTP as the user who logs in, into a directory of that
# user's; root takes copies of them, and checks those.

upload_dir=$state_dir/upload
images_dir=$data_dir/agent/images

# Sets arch, as Kubernetes calls it; empty where there is no k3s for it.
read_architecture() {
  case $(uname -m) in
    x86_64) arch=amd64 ;;
    aarch64 | arm64) arch=arm64 ;;
    armv7l | armv6l) arch=arm ;;
    *) arch='' ;;
  esac
}

# prepare_upload: a directory with room for what comes. What nobody asks for any more goes.
prepare_upload() {
  if [ -z "${uploads:-}" ]; then
    [ ! -d "$upload_dir" ] || rm -rf "$upload_dir" || cannot_write "$upload_dir"
    return 0
  fi
  read_architecture
  [ "$arch" = "${upload_arch:-}" ] ||
    fail "$node: this host is ${arch:-a $(uname -m)}, and would be uploaded files for ${upload_arch:-}; name those for ${arch:-it} in k3s.upload, and write architecture: ${arch:-…} on the node. Nothing was uploaded"
  check_room_for_uploads
  [ -d "$upload_dir" ] || mkdir -m 700 "$upload_dir" || cannot_write "$upload_dir"
  chown "${upload_user:-}" "$upload_dir" || fail "$node: $upload_dir cannot be given to ${upload_user:-}; see the line above"
  for there in "$upload_dir"/*; do
    [ -e "$there" ] || continue
    is_asked_for "${there##*/}" || rm -f "$there" || cannot_write "$there"
  done
}
is_asked_for() {
  case " $uploads" in *" $1="*) return 0 ;; *) return 1 ;; esac
}

# An archive of images is there twice while it is checked.
check_room_for_uploads() {
  need_kib=0
  for upload in $uploads; do
    [ -e "$upload_dir/${upload%=*}" ] || [ -e "$images_dir/groundwork-${upload%=*}" ] || need_kib=$((need_kib + 2 * ${upload##*=}))
  done
  [ "$need_kib" -gt 0 ] || return 0
  free_kib=$(df -Pk /var/lib | awk 'NR == 2 { print $4 }')
  [ "$free_kib" -ge $((need_kib + 65536)) ] ||
    fail "$node: only $((free_kib / 1024)) MiB are free on /var/lib, and what is uploaded needs $(((need_kib + 65536) / 1024)); make room there. Nothing was uploaded"
}

# take_uploaded NAME TO: a copy of what was uploaded, at TO, which is there already and is removed where that fails.
take_uploaded() {
  if [ ! -e "$upload_dir/$1" ]; then
    rm -f "$2" || true # it is empty
    fail "$node: $1 was uploaded once, and is not on this host any more ($upload_dir); have it uploaded again: write 'repair: { at: <a new word> }' on the node in the stack file (or run 'groundwork drift --repair'), and run up"
  fi
  cp "$upload_dir/$1" "$2" || { rm -f "$2" || true; fail "$node: $upload_dir/$1 cannot be read, or ${2%/*} cannot be written; see the line above, and make room there"; }
}

# came_damaged NAME SUM EXPECTED
came_damaged() {
  fail "$node: $1 has the SHA-256 $2 here, expected $3: it did not come whole; have it uploaded again: write 'repair: { at: <a new word> }' on the node in the stack file, and run up. Nothing was installed"
}
