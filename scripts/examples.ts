import { addons } from "../addons/all";
import type { Addon } from "../addons/addon";
import type { OwnSettingsAddon } from "../addons/ownSettings";
import type { SettingsKey } from "../config/settings";

/** What a stack's file may have under each key, for the reference; a test reads every one of them. */
export const examples: Readonly<Record<SettingsKey, string>> = {
  cluster: `
name: homelab
apiAddress: k3s.example.org
virtualIp:
  address: 10.0.0.10
  interface: eth0
protect: true
`,
  nodes: `
- name: atlas
  role: server
  address: 192.168.10.11
  hostKey: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILNtgnL4mcFDZOfW/24FSMpPg1SZNIA8bbgWVGLB9iJm
  internalIp: 10.20.0.11
- name: birch
  role: agent
  address: 192.168.10.21
  hostKey: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFrorpTznxVZ/1gKCyMfNq+bgZ2VJqah50JuCp7ytE5R
  internalIp: 10.20.0.21
  labels:
    example.org/disk: ssd
  taints: [example.org/gpu=true:NoSchedule]
`,
  network: `
interface: wg0
requireEncryption: true
`,
  dns: `
upstream: [192.168.10.1]
searchDomains: [home.example.org]
forward:
  home.example.org: [192.168.10.1]
`,
  ssh: `
user: admin
bastion: gate
bastions:
  gate:
    address: gate.example.org
    hostKey: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOyZ8K/HOKRZFpjPESYZr25wi5P0Owm6kR2YdZgxPDck
`,
  k3s: `
disable: [traefik, servicelb]
tlsSans: [k3s.example.org]
snapshots:
  schedule: 0 */6 * * *
  retention: 28
server:
  kubelet-arg: [max-pods=200]
agent:
  kubelet-arg: [max-pods=200]
`,
  storage: `
localPath: {}
nfs:
  server: 192.168.10.5
  path: /export/k3s
  reclaimPolicy: Retain
longhorn:
  default: true
  replicas: 1
`,
  ingress: `
controller: ingress-nginx
kind: DaemonSet
hostPorts: true
serviceType: ClusterIP
`,
  certificates: `
certManager: true
email: admin@home.example.org
dns01Nameservers: ["8.8.8.8:53", "1.1.1.1:53"]
credentials:
  cloudflare:
    type: cloudflare
issued:
  shop:
    namespace: apps
    issuer: letsencrypt-cloudflare
    names: [shop.example.org, "*.shop.example.org"]
`,
  issuers: `
internal-ca:
  type: ca
letsencrypt:
  type: acme-dns01
  server: staging
  nameserver: 192.168.10.1:53
  tsigKeyName: k3s-acme
  zones: [home.example.org]
letsencrypt-cloudflare:
  type: acme
  server: production
  solvers:
    - type: cloudflare
      credentials: cloudflare
      zones: [shop.example.org]
    - type: http01
`,
  addons: addons.map(ofAddon).join(""),
  namespaces: `
apps:
  podSecurity: restricted
  quota: { requests.cpu: 4, requests.memory: 8Gi, pods: 40 }
  limits:
    defaultRequest: { cpu: 50m, memory: 64Mi }
  pullSecrets:
    own: { registry: registry.example.org, username: k3s-apps }
  access:
    web: { role: edit }
`,
  releases: `
podinfo:
  chart: podinfo
  repo: https://stefanprodan.github.io/podinfo
  version: 6.9.0
  namespace: apps
  values: { replicaCount: 2 }
`,
  policy: `
levels:
  image-pinned: refuse
  staging-issuer: refuse
exceptions:
  - rule: privileged-pod
    at: DaemonSet kube-system/kube-vip
    reason: it answers for the API's address on the host's own network
`,
  preflight: `
lower:
  etcd-disk: SD cards until the SSDs come, one server, a test site
`,
  rollout: `
agentsAtOnce: 3
drain: upgrade
check:
  command: curl -fsS --max-time 10 https://shop.example.org/healthz
window:
  days: [sat, sun]
  startTime: "22:00"
  endTime: "04:00"
  timeZone: Europe/Berlin
`,
};

function ofAddon({ name, example }: Addon & Partial<OwnSettingsAddon>): string {
  return example === undefined ? "" : `${name}:\n${example.trim().replaceAll(/^(?=.)/gm, "  ")}\n`;
}
