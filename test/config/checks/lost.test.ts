import assert from "node:assert/strict";
import { errors, node, stack, warnings } from "../fixtures";

type Raw = Record<string, unknown>;
const server = (name: string, more: Raw = {}): Raw => node(name, { role: "server", ...more });
const lost = { lost: true };

function of(...nodes: Raw[]): Raw {
  return stack({ nodes });
}

describe("machines that are lost", () => {
  it("are one server of three, two of five, and any agent", () => {
    assert.deepEqual(errors(of(server("s1", lost), server("s2"), server("s3"), node("a1", lost))), []);
    const five = ["s3", "s4", "s5"].map((name) => server(name));
    assert.deepEqual(errors(of(server("s1", lost), server("s2", lost), ...five)), []);
  });

  it("may have what takes their place beside them, at their address", () => {
    const s1 = server("s1", { address: "10.0.0.1", internalIp: "10.1.0.1" });
    const s4 = server("s4", { address: "10.0.0.1", internalIp: "10.1.0.1" });
    assert.deepEqual(errors(of({ ...s1, ...lost }, server("s2"), server("s3"), s4)), []);
  });

  it("are not all servers", () => {
    assert.deepEqual(errors(of(server("s1", lost), node("a1"))), [
      "nodes[0].lost: is set on the only server, and the cluster's data went with it; take lost out of one of them, write the address and hostKey of a new machine, and bring the data back onto it with 'groundwork snapshot restore' (docs/operating.md, 'Lost machines')",
    ]);
    assert.match(
      errors(of(...["s1", "s2", "s3"].map((name) => server(name, lost))))[0] ?? "",
      /^nodes\[0\]\.lost: is set on every server, and the cluster's data went with them; /,
    );
  });

  it("are half of the servers or more only after the cluster was brought back", () => {
    const most = of(server("s1"), server("s2", lost), server("s3", lost));
    assert.deepEqual(errors(most), []);
    assert.deepEqual(warnings(most), [
      "nodes[1].lost: is set on 2 of 3 servers (s2, s3): without more than half of its members etcd has no quorum, and 'up' is refused; bring the cluster back first, with 'groundwork snapshot restore --from-survivor s1 --without s2 --without s3' or from a snapshot (docs/operating.md, 'Lost machines')",
    ]);
  });

  it("are not taken over", () => {
    assert.deepEqual(errors(of(server("s1"), node("a1", { ...lost, adopt: true }))), [
      "nodes[1].adopt: is set on a1, which is lost: nothing can be taken over there; take adopt out; or lost, if the machine lives",
    ]);
  });

  it("are not looked at: neither their key, nor their labels, nor their version", () => {
    const broken = { hostKey: undefined, labels: { "-": "x" }, k3sVersion: "v1.20.1+k3s1" };
    assert.deepEqual(errors(of(server("s1"), node("a1", { ...lost, ...broken }))), []);
    assert.deepEqual(warnings(of(server("s1"), node("a1", { ...lost, ...broken }))), []);
  });

  it("do not shift the numbers by which entries are named", () => {
    const twice = { address: "10.0.0.77" };
    assert.deepEqual(errors(of(server("s1"), node("a1", lost), node("a2", twice), node("a3", twice))), [
      "nodes[3].address: 10.0.0.77 port 22 is the address of nodes[2] too; write each machine's own address",
    ]);
  });

  it("keep their names, as long as their entries are there", () => {
    assert.deepEqual(
      errors(of(server("s1"), node("a1", lost), node("a1", { address: "10.0.0.77", hostKey: undefined }))),
      [
        "nodes[2].name: 'a1' is the name of nodes[1] too; give each node a name of its own",
        "nodes[2].hostKey: is missing; print it with: ssh-keyscan -t ed25519 -p 22 10.0.0.77",
      ],
    );
    assert.deepEqual(errors(of(server("s1"), node("a1", lost), node("a1-forget"))), [
      "nodes[2].name: 'a1-forget' is the name of a resource of node 'a1'; give the node another name",
    ]);
  });
});
