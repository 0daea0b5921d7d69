import { createHash } from "node:crypto";
import { join } from "node:path";
import type { TreeFile } from "../files";
import { tar } from "./tar";

/** Files that every host has, laid out as in its file system; `prepare.sh` runs once inside. */
export const ROOTFS = join(__dirname, "rootfs");

export const DEBIAN = "bookworm";

/** What a host has beyond Debian's minimum: what a rented server's image has, and what the site's services are made of. */
export const PACKAGES: readonly string[] = [
  "systemd",
  "systemd-sysv",
  "dbus",
  "openssh-server",
  "sudo",
  "iproute2",
  "iptables",
  "iputils-ping",
  "kmod",
  "procps",
  "curl",
  "ca-certificates",
  "busybox",
  "dnsmasq-base",
  "bind9",
  "openssl",
];

/** Name of the image that a recipe gives: the same content, the same name. */
export function imageName(files: readonly TreeFile[], packages: readonly string[] = PACKAGES): string {
  const hash = createHash("sha256").update(JSON.stringify([DEBIAN, packages, STEPS]));
  for (const file of files) hash.update(`\0${file.path}\0${String(file.executable)}\0`).update(file.content);
  return `groundwork-lab:${hash.digest("hex").slice(0, 12)}`;
}

/** Part of the image's name: to be raised when the steps below change what comes out. */
const STEPS = 1;

/** The archive of the files, for both ways of making the image. It names no directory, so it changes no mode of one. */
export function rootfsTar(files: readonly TreeFile[]): Buffer {
  return tar(files.map((file) => ({ path: file.path, mode: file.executable ? 0o755 : 0o644, content: file.content })));
}

/** How the image is made where images can be pulled; the context holds {@link rootfsTar} as `rootfs.tar`. */
export function dockerfile(packages: readonly string[] = PACKAGES): string {
  return [
    `FROM debian:${DEBIAN}`,
    "RUN rm -f /etc/apt/apt.conf.d/docker-clean && apt-get update \\",
    ` && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends ${packages.join(" ")}`,
    "ADD rootfs.tar /",
    "RUN sh /prepare.sh",
    'LABEL groundwork.lab.image="1"',
    "",
  ].join("\n");
}

/**
 * How the image's file system is made from Debian packages, as root on Debian. The lists of packages are kept
 * (mmdebstrap drops them otherwise): a host installs its storage packages without asking for them again.
 */
export function mmdebstrapArgs(
  tarball: string,
  rootfsTarball: string,
  packages: readonly string[] = PACKAGES,
): string[] {
  return [
    "--variant=minbase",
    "--format=tar",
    `--include=${packages.join(",")}`,
    "--skip=cleanup/apt/lists,cleanup/apt/cache",
    '--essential-hook=rm -f "$1"/etc/apt/apt.conf.d/docker-clean',
    `--customize-hook=tar-in ${rootfsTarball} /`,
    '--customize-hook=chroot "$1" sh /prepare.sh',
    DEBIAN,
    tarball,
  ];
}
