import type { NodePlace } from "../place";
import { serviceName } from "./serviceName";

type Role = NodePlace["role"];

/** The unit that runs k3s. All settings are in config.yaml, so this text is the same on every node of a role. */
export function unit(role: Role): string {
  return `[Unit]
Description=Lightweight Kubernetes, ${role} (by Groundwork)
Documentation=https://docs.k3s.io
Wants=network-online.target
After=network-online.target

[Service]
Type=${role === "server" ? "notify" : "exec"}
# Pods go on while k3s itself restarts.
KillMode=process
Delegate=yes
LimitNOFILE=1048576
LimitNPROC=infinity
LimitCORE=infinity
TasksMax=infinity
TimeoutStartSec=0
Restart=always
RestartSec=5s
EnvironmentFile=-/etc/default/%N
EnvironmentFile=-/etc/sysconfig/%N
EnvironmentFile=-/etc/systemd/system/%N.env
ExecStartPre=-/sbin/modprobe br_netfilter
ExecStartPre=-/sbin/modprobe overlay
ExecStart=/usr/local/bin/k3s ${role}

[Install]
WantedBy=multi-user.target
`;
}

/** Drop-in: wait for the interface, for a limited time. No .device unit is used, because not every host has udev. */
export function waitDropIn(waited: { readonly name: string; readonly seconds: number }): string {
  return `[Service]
ExecStartPre=/usr/local/lib/groundwork/wait-interface ${waited.name} ${String(waited.seconds)}
`;
}

/** The unit that brings flannel back when its interface was re-created. */
export function watchUnit(name: string, role: Role): string {
  return `[Unit]
Description=Brings flannel back when ${name} was re-created (by Groundwork)
After=${serviceName(role)}.service

[Service]
ExecStart=/usr/local/lib/groundwork/watch-interface ${name} ${serviceName(role)}
Restart=always
RestartSec=10s

[Install]
WantedBy=multi-user.target
`;
}
