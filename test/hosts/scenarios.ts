import { NEXT_PATCH } from "./host";
import { AUTHORITY_SCENARIOS } from "./authorities";
import { adopting, officialK3s } from "./officialK3s";
import { ALWAYS, JOB, usedBefore, withLonghorn } from "./rolloutParts";
import { RESTORE_SCENARIOS } from "./restoreScenarios";
import { NEW_TOKEN } from "./member";
import type { Scenario } from "./scenario";
import {
  ONE,
  THREE,
  member,
  operatorOf,
  lostTo,
  drained,
  change,
  addVirtualIp,
  UPGRADE,
  foreignServer,
  checked,
  labelled,
  withRegistry,
  used,
  halfRotated,
  rotatedByFirst,
} from "./preparations";

export const SCENARIOS: readonly Scenario[] = [
  { name: "token of a new server", verb: "token", nodes: THREE, node: "s2", prepare: async (host) => host.surround() },
  { name: "token of a new agent", verb: "token", nodes: ONE, node: "a1", prepare: async (host) => host.surround() },
  {
    name: "token of the first server, which rotates it",
    verb: "token",
    nodes: THREE,
    node: "s1",
    prepare: async (host) => {
      await member(host);
      host.newToken = NEW_TOKEN;
    },
  },
  {
    name: "token of the first server, after a rotation that was cut off",
    verb: "token",
    nodes: THREE,
    node: "s1",
    prepare: halfRotated,
  },
  {
    name: "token of another server, after it was rotated",
    verb: "token",
    nodes: THREE,
    node: "s2",
    prepare: rotatedByFirst,
  },
  {
    name: "converge of a server whose tokens changed",
    verb: "converge",
    nodes: THREE,
    node: "s1",
    prepare: async (host) => {
      await member(host);
      host.newToken = NEW_TOKEN;
      host.newAgentToken = "another-agent-secret";
      await host.must("token");
    },
  },
  {
    name: "converge of a new server",
    verb: "converge",
    nodes: THREE,
    node: "s2",
    prepare: async (host) => {
      host.surround();
      await host.must("token");
    },
  },
  {
    name: "converge of a new agent",
    verb: "converge",
    nodes: ONE,
    node: "a1",
    prepare: async (host) => {
      host.surround();
      await host.must("token");
    },
  },
  {
    name: "token of a server that is taken over",
    verb: "token",
    nodes: ["server:s1"],
    node: "s1",
    prepare: async (host) => foreignServer(host),
  },
  {
    name: "converge of a server that is taken over",
    verb: "converge",
    nodes: ["server:s1"],
    node: "s1",
    prepare: async (host) => {
      foreignServer(host);
      await host.must("token");
    },
  },
  {
    name: "converge of an agent that is taken over",
    verb: "converge",
    nodes: ONE,
    node: "a1",
    prepare: async (host) => {
      host.surround();
      const env = ["K3S_TOKEN='agent-secret'", "K3S_URL='https://192.0.2.1:6443'", "HTTP_PROXY='http://proxy:3128'"];
      officialK3s(host, { role: "agent", name: "home", env });
      adopting(host);
      await host.must("token");
    },
  },
  {
    name: "converge of a changed server",
    verb: "converge",
    nodes: THREE,
    node: "s2",
    prepare: async (host) => {
      await member(host);
      change(host, UPGRADE);
    },
  },
  {
    name: "converge of a changed agent",
    verb: "converge",
    nodes: ONE,
    node: "a1",
    prepare: async (host) => {
      await member(host);
      change(host, UPGRADE);
    },
  },
  {
    name: "converge of a server that gets a virtual IP",
    verb: "converge",
    nodes: THREE,
    node: "s1",
    prepare: async (host) => {
      await member(host);
      addVirtualIp(host);
    },
  },
  {
    name: "drain of an agent",
    verb: "drain",
    nodes: ONE,
    node: "s1",
    prepare: async (host) => {
      await operatorOf(host, "a1");
      change(host, { k3s: { version: NEXT_PATCH } });
    },
  },
  {
    name: "drain of a server",
    // A server whose API is down is to be repaired by the converge that follows, not to be kept as it is.
    livesWith: { kinds: /from then on$/, says: /going on, so that s2 can be repaired/ },
    verb: "drain",
    nodes: THREE,
    node: "s2",
    prepare: async (host) => {
      await operatorOf(host, "s2");
      change(host, { k3s: { version: NEXT_PATCH } });
    },
  },
  {
    name: "ready of an agent",
    verb: "ready",
    nodes: ONE,
    node: "s1",
    prepare: async (host) => {
      labelled(host);
      await operatorOf(host, "a1");
      await drained(host);
    },
  },
  {
    name: "ready of a server",
    verb: "ready",
    nodes: THREE,
    node: "s2",
    prepare: async (host) => {
      labelled(host);
      await member(host);
    },
  },
  {
    name: "drain of an agent in a window, with Longhorn in the cluster",
    verb: "drain",
    nodes: ONE,
    node: "s1",
    prepare: async (host) => {
      await operatorOf(host, "a1");
      usedBefore(host, "a1");
      withLonghorn(host, "a1");
      change(host, { k3s: { version: NEXT_PATCH }, rollout: { window: ALWAYS } });
    },
  },
  {
    name: "ready of an agent with a command to check it",
    verb: "ready",
    nodes: ONE,
    node: "s1",
    prepare: (host) => checked(host, { command: '[ "$GROUNDWORK_NODE" = a1 ]' }),
  },
  {
    name: "ready of an agent with a Job to check it",
    verb: "ready",
    nodes: ONE,
    node: "s1",
    prepare: (host) => checked(host, { job: JOB }),
  },
  { name: "leave of an agent", verb: "leave", nodes: ONE, node: "s1", prepare: (host) => operatorOf(host, "a1") },
  { name: "leave of a server", verb: "leave", nodes: THREE, node: "s2", prepare: (host) => operatorOf(host, "s2") },
  {
    name: "token of an agent that gets a secret file",
    verb: "token",
    nodes: ONE,
    node: "a1",
    prepare: async (host) => {
      await member(host);
      change(host, withRegistry("hunter2"));
    },
  },
  {
    name: "converge of an agent whose secret file changed",
    verb: "converge",
    nodes: ONE,
    node: "a1",
    prepare: async (host) => {
      change(host, withRegistry("hunter2"));
      await member(host);
      change(host, withRegistry("hunter3"));
      await host.must("token");
    },
  },
  { name: "forget of a lost agent", verb: "forget", nodes: ONE, node: "s1", prepare: (host) => lostTo(host, "a1") },
  { name: "forget of a lost server", verb: "forget", nodes: THREE, node: "s2", prepare: (host) => lostTo(host, "s1") },
  { name: "uninstall of a server", verb: "uninstall", nodes: THREE, node: "s2", prepare: used },
  { name: "uninstall of an agent", verb: "uninstall", nodes: ONE, node: "a1", prepare: used },
  ...RESTORE_SCENARIOS,
  ...AUTHORITY_SCENARIOS,
];
