import assert from "node:assert/strict";
import { oneLab, withoutAddons } from "./oneLab";
import { groundwork } from "./verb";

const SERVERS = ["server-1", "server-2", "server-3"];

describe("the key of the Secrets on three servers", function () {
  const theLab = oneLab(this, "test-secrets-key", async (lab) => {
    await lab.up({ servers: 3, agents: 0 });
    withoutAddons(lab);
    await lab.run();
    await lab.kubectl(["create", "secret", "generic", "kept", "--from-literal=word=canary"]);
  });
  const key = async (host: string): Promise<string> => {
    const state = JSON.parse(await theLab().on(host, "k3s secrets-encrypt status --output json")) as {
      stage: string;
      activekey: string;
      hashmatch?: boolean;
    };
    return `${state.stage} ${String(state.hashmatch)} ${state.activekey}`;
  };

  it("is looked at, and nothing is changed", async () => {
    const { code, out } = await groundwork(theLab(), "rotate", "secrets-key", "--dry-run");
    assert.equal(code, 0, out);
    assert.match(out, /^then k3s restarts on server-1, server-2, server-3, one after another; pods run on$/m);
    assert.equal(await key("server-1"), "start true AES-CBC aescbckey");
  });

  it("is another one everywhere, and Secrets of before are read", async () => {
    const lab = theLab();
    const { code, out, err } = await groundwork(lab, "rotate", "secrets-key", "--yes");
    assert.equal(code, 0, `${out}${err}`);
    assert.match(out, /^server-1: saved \/var\/lib\/groundwork\/snapshots\/secrets-key-/m);
    assert.match(out, /^server-1: all servers have the key AES-CBC aescbckey-\S+$/m);
    const keys = new Set(await Promise.all(SERVERS.map(key)));
    assert.equal(keys.size, 1, [...keys].join("\n"));
    assert.match([...keys].join(), /^reencrypt_finished true AES-CBC aescbckey-\S+$/);
    for (const host of SERVERS) {
      assert.equal(await lab.on(host, "k3s kubectl get secret kept -o 'jsonpath={.data.word}'"), "Y2FuYXJ5");
    }
    assert.deepEqual((await lab.apply()).operations, [], "up has nothing to do with it");
  });
});
