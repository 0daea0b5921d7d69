import type { VirtualIp } from "../virtualIp";

/**
 * Where the files of the virtual IP lie; the distribution's own /etc/keepalived is left alone. The script as well: keepalived runs none
 * that anybody but root could change, and on some Debian machines the group staff may write below /usr/local.
 */
export const KEEPALIVED_CONFIG = "/etc/groundwork/keepalived.conf";
export const CHECK_API = "/etc/groundwork/check-api";

/**
 * keepalived's configuration (keepalived.conf(5)). By unicast between the servers' own addresses: no switch has to pass multicast,
 * and an advertisement from any other address is not believed. Three that did not come (1.5 s) mean that the holder is gone.
 * Who holds the address keeps it while it is well, so it moves once when a server fails, and not again when that one is back.
 */
export function keepalivedConfig(name: string, ip: VirtualIp): string {
  const block = (title: string, lines: readonly string[]): string[] => [
    `  ${title} {`,
    ...lines.map((line) => `    ${line}`),
    "  }",
  ];
  return [
    "# The virtual IP of the Kubernetes API (by Groundwork).",
    "global_defs {",
    `  router_id ${name}`,
    "  script_user root",
    "  enable_script_security",
    "  vrrp_version 3",
    // Neighbours that missed the announcement would go on to the server that had it before.
    "  vrrp_garp_master_refresh 30",
    "}",
    "vrrp_script api {",
    `  script "${CHECK_API}"`,
    "  interval 1",
    "  timeout 6",
    "  fall 2",
    "  rise 2",
    "  init_fail",
    "}",
    "vrrp_instance api {",
    "  state BACKUP",
    `  interface ${ip.interface}`,
    `  virtual_router_id ${String(ip.routerId)}`,
    `  priority ${String(ip.priority)}`,
    "  advert_int 0.5",
    "  nopreempt",
    // Without peers there is nobody to tell, and keepalived would take multicast for it.
    ...(ip.others.length === 0
      ? []
      : [`  unicast_src_ip ${ip.own}`, "  check_unicast_src", ...block("unicast_peer", ip.others)]),
    ...block("virtual_ipaddress", [`${ip.address}/${String(ip.prefix)} dev ${ip.interface}`]),
    ...block("track_script", ["api"]),
    "}",
    "",
  ].join("\n");
}

/** The unit that runs it. systemd stops it before k3s and with it, so another server has the address before this API ends. */
export const VIRTUAL_IP_UNIT = `[Unit]
Description=The virtual IP of the Kubernetes API (by Groundwork)
PartOf=k3s.service
After=k3s.service

[Service]
RuntimeDirectory=groundwork-vip
ExecStart=/usr/sbin/keepalived --dont-fork --vrrp --use-file=${KEEPALIVED_CONFIG} --pid=/run/groundwork-vip/keepalived.pid --vrrp_pid=/run/groundwork-vip/vrrp.pid
ExecReload=/bin/kill -HUP $MAINPID
KillMode=mixed
Restart=always
RestartSec=2s

[Install]
WantedBy=k3s.service
`;
