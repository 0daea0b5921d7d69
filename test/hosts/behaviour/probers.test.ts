import * as assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { scriptOf } from "../../../components/k3s/script";
import { listenProgram, probeProgram } from "../../../operate/preflight/programs";
import { programPath } from "../sandbox/programs";
import { onHosts } from "./suite";

/** The languages that a prober is written in, by the program that hosts have. */
const LANGUAGES = ["perl", "python3"] as const;

/**
 * One listener and one prober in a network of their own, with a firewall in between: what comes out as lines. The programs are the
 * real ones; PATH decides which of them a script finds.
 */
function tried(listener: string, prober: string, rules: readonly string[]): string[] {
  const ports = { nonce: "0123456789abcdef", udp: [8472] };
  const listen = scriptOf(listenProgram("a1", [6443, 10250], ports));
  const probe = scriptOf(
    probeProgram(
      { name: "s1", interface: "lo", mtu: 1500 },
      [
        { name: "a1", address: "127.0.0.2", tcp: [6443, 10250, 2379] },
        { name: "a2", address: "127.0.0.3", tcp: [10250] },
        { name: "a6", address: "::1", tcp: [6443] },
      ],
      ports,
    ),
  );
  const only = (language: string, script: string): string =>
    script.replace(/^find_prober\(\) \{$/m, `find_prober() { prober_program=${language}; return 0;`);
  const done = spawnSync(
    "unshare",
    [
      "--net",
      "bash",
      "-c",
      `set -eu
      ip link set lo up
      ${rules.join("\n")}
      coproc listener { exec sh -c "$1" - listen 2>&1; }
      exec 5<&"\${listener[0]}"
      read -r first <&5
      echo "\${first%% *}"
      sh -c "$2" - probe
      kill "\${first##* }"
      grep -v '^$' <&5 || true`,
      "-",
      only(listener, listen),
      only(prober, probe),
    ],
    { encoding: "utf8", timeout: 60_000 },
  );
  assert.equal(done.stderr, "");
  return done.stdout.trim().split("\n");
}

onHosts("the probers of preflight", () => {
  for (const language of LANGUAGES) {
    before(function () {
      if (programPath(language) === undefined) {
        console.log(`      skipped: ${language} is not on this machine`);
        this.skip();
      }
    });
    const other = language === "perl" ? "python3" : "perl";

    it(`find everything open with a listener in ${language} and a prober in ${other}`, () => {
      assert.deepEqual(tried(language, other, []), [
        "listening",
        ...[
          "tcp a1 6443 open",
          "tcp a1 10250 open",
          "tcp a1 2379 refused",
          "ping a1 yes",
          "mtu a1 1500",
          "fragments a1 no",
        ],
        ...["tcp a2 10250 open", "ping a2 yes", "mtu a2 1500", "fragments a2 no"],
        ...["tcp a6 6443 open", "ping a6 yes", "mtu a6 1500", "fragments a6 no"],
        "udp 8472 s1",
      ]);
    });

    it(`hear in ${language} no datagram that the host's firewall drops, and find in ${other} what else it does not let through`, () => {
      const drops = [
        "iptables -A INPUT -p udp --dport 8472 -j DROP",
        "ip6tables -A INPUT -p udp --dport 8472 -j DROP",
        "iptables -A INPUT -d 127.0.0.2 -p tcp --dport 10250 -j DROP",
        "iptables -A INPUT -d 127.0.0.2 -p icmp -m length --length 1401: -j DROP",
        "iptables -A INPUT -d 127.0.0.3 -j DROP",
      ];
      assert.deepEqual(tried(language, other, drops), [
        "listening",
        ...[
          "tcp a1 6443 open",
          "tcp a1 10250 silent",
          "tcp a1 2379 refused",
          "ping a1 yes",
          "mtu a1 1400",
          "fragments a1 no",
        ],
        ...["tcp a2 10250 silent", "ping a2 no", "mtu a2 0", "fragments a2 no"],
        ...["tcp a6 6443 open", "ping a6 yes", "mtu a6 1500", "fragments a6 no"],
      ]);
    });
  }
});
