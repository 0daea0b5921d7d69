import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { createHash } from "node:crypto";
import { K3sCluster } from "../../../components/k3s/cluster";
import { Secret } from "../../../config/secret";
import { CA_PEM, commands, find, isSecret, nodes, desiredOf, plainTexts, run } from "../../program";

function cluster(changes: Record<string, unknown> = {}): () => unknown {
  return () => {
    const desired = desiredOf(changes);
    const created = new K3sCluster("cluster", { desired });
    return { kubeconfig: created.kubeconfig, apiUrl: desired.apiUrl };
  };
}
const names = async (changes: Record<string, unknown> = {}): Promise<string[]> => {
  const { resources } = await run(cluster(changes));
  return resources
    .filter((resource) => resource.type !== "pulumi:pulumi:Stack")
    .map((resource) => `${resource.type} ${resource.name}`)
    .sort();
};

describe("a cluster", () => {
  it("is four commands a node, two join tokens, one kubeconfig with its credentials, and one provider", async () => {
    const own = (name: string): string[] => [
      `groundwork:k3s:Node ${name}`,
      ...["", "-drain", "-ready", "-token"].map((step) => `command:remote:Command ${name}${step}`),
    ];
    assert.deepEqual(
      await names(),
      [
        "groundwork:k3s:Cluster cluster",
        "random:index/randomPassword:RandomPassword agent-token",
        "random:index/randomPassword:RandomPassword join-token",
        "command:remote:Command kubeconfig",
        "command:remote:Command credentials",
        "pulumi:providers:kubernetes k8s",
        ...["s1", "a1", "a2"].flatMap(own),
      ].sort(),
    );
  });

  it("keeps every other name when a node is added or removed in the middle", async () => {
    const three = await names({ nodes: nodes("server:s1", "agent:a1", "agent:a2") });
    const four = await names({ nodes: nodes("server:s1", "agent:a1", "agent:between", "agent:a2") });
    assert.deepEqual(
      four.filter((name) => !name.includes("between")),
      three,
    );
  });

  it("changes nothing about the other nodes when an agent is added in the middle", async () => {
    const [s1, a1, a2, fourth] = nodes("server:s1", "agent:a1", "agent:a2", "agent:between");
    const before = commands((await run(cluster({ nodes: [s1, a1, a2] }))).resources);
    const after = commands((await run(cluster({ nodes: [s1, a1, fourth, a2] }))).resources);
    for (const [name, inputs] of before) assert.deepEqual(after.get(name), inputs, name);
  });

  it("gives agents a token that only this cluster's certificate authority gets to see", async () => {
    const { resources } = await run(cluster());
    const { stdin } = find(resources, "a1-token").inputs as { stdin: { value: string } };
    assert.ok(isSecret(stdin));
    const hash = createHash("sha256").update(CA_PEM).digest("hex");
    assert.match(stdin.value, new RegExp(`^agent_token='K10${hash}::node:agent-token-CANARY'$`, "m"));
  });

  it("never gives an agent the servers' token", async () => {
    const { resources } = await run(cluster({ nodes: nodes("server:s1", "server:s2", "server:s3", "agent:a1") }));
    const token = (name: string): string =>
      (find(resources, `${name}-token`).inputs as { stdin: { value: string } }).stdin.value;
    assert.match(token("s1"), /^server_token='join-token-CANARY'\nagent_token='agent-token-CANARY'$/m);
    assert.match(
      token("s2"),
      /^server_token='K10[0-9a-f]{64}::server:join-token-CANARY'\nagent_token='agent-token-CANARY'$/m,
    );
    assert.doesNotMatch(token("a1"), /join-token/);
  });

  it("takes a given token instead of making one", async () => {
    const { resources } = await run(
      cluster({ k3s: { token: Secret.of("GIVEN-CANARY"), agentToken: Secret.of("GIVEN-TOO") } }),
    );
    assert.equal(
      resources.some((resource) => resource.type.startsWith("random:")),
      false,
    );
    const { stdin } = find(resources, "s1-token").inputs as { stdin: { value: string } };
    assert.match(stdin.value, /^server_token='GIVEN-CANARY'\nagent_token='GIVEN-TOO'$/m);
  });

  it("runs a server's commands again when a token changed, and an agent's only where it is written", async () => {
    const updates = async (token: string, agentToken: string): Promise<Map<string, unknown>> => {
      const stack = { nodes: nodes("server:s1", "server:s2", "server:s3", "agent:a1") };
      const given = { token: Secret.of(token), agentToken: Secret.of(agentToken) };
      const all = commands((await run(cluster({ ...stack, k3s: given }))).resources);
      return new Map([...all].map(([name, { stdin, update }]) => [name, [stdin, update]]));
    };
    const before = await updates("one", "agents");
    const changed = async (token: string, agentToken: string): Promise<string[]> =>
      [...(await updates(token, agentToken))]
        .filter(([name, inputs]) => JSON.stringify(inputs) !== JSON.stringify(before.get(name)))
        .map(([name]) => name)
        .sort();
    const servers = ["s1", "s2", "s3"].flatMap((name) => [name, `${name}-drain`, `${name}-ready`, `${name}-token`]);
    assert.deepEqual(await changed("two", "agents"), servers);
    assert.deepEqual(await changed("one", "others"), ["a1-token", ...servers]);
    // What tells a host's shell that something changed is a secret too, and too short to find a token by.
    const [, update] = before.get("s1") as [unknown, { value: string }];
    assert.match(update.value, /^sh -s -- converge [0-9a-f]{4}$/);
  });

  it("has secrets nowhere but inside secret inputs and outputs", async () => {
    const { resources, outputs } = await run(cluster());
    const plain = [...resources.flatMap((resource) => plainTexts(resource.inputs)), ...plainTexts(outputs)];
    assert.deepEqual(
      plain.filter((text) => /CANARY|Q0FOQVJZ/.test(text)),
      [],
    );
    assert.ok(isSecret(outputs["kubeconfig"]) || (await isSecretOutput(cluster)));
  });

  it("reads the kubeconfig and writes tokens without logging them", async () => {
    const all = commands((await run(cluster())).resources);
    assert.equal(all.get("kubeconfig")?.["logging"], "none");
    // Why a host was refused is read there; that the script never says a token is seen in test/hosts.
    for (const name of ["s1-token", "a1-token"]) assert.equal(all.get(name)?.["logging"], "stderr", name);
    for (const [name, inputs] of all) {
      assert.equal(inputs["addPreviousOutputInEnv"], false, name);
      assert.equal(inputs["environment"], undefined, name);
      assert.equal(inputs["triggers"], undefined, name);
    }
  });

  it("shows the whole script of every node in a preview of a cluster that does not exist yet", async () => {
    const all = commands((await run(cluster(), { preview: true })).resources);
    for (const name of ["s1", "s1-drain", "s1-ready", "a2", "a2-drain", "a2-ready"]) {
      assert.equal(typeof all.get(name)?.["stdin"], "string", name);
    }
  });

  it("becomes root by sudo without a password where the user is not root", async () => {
    const all = commands((await run(cluster({ ssh: { user: "ops", privateKey: Secret.of("k") } }))).resources);
    assert.equal(all.get("a1")?.["create"], "sudo -n sh -s -- converge");
    assert.equal(all.get("a1-ready")?.["delete"], "sudo -n sh -s -- leave");
    assert.equal(commands((await run(cluster())).resources).get("a1")?.["delete"], "sh -s -- uninstall");
  });

  describe("with a sudo that asks", () => {
    const ssh = { user: "ops", privateKey: Secret.of("k"), sudoPassword: Secret.of("SUDO-CANARY") };
    const stack = (more: object = {}) => ({ ssh, dns: { upstream: ["10.0.0.1"] }, ...more });

    it("gives the password as the first line of what each command reads, which is a secret then, and nowhere else", async () => {
      const { resources } = await run(cluster(stack()));
      for (const [name, inputs] of commands(resources)) {
        assert.ok(isSecret(inputs["stdin"]), name);
        assert.match((inputs["stdin"] as { value: string }).value, /^SUDO-CANARY\n/, name);
      }
      assert.deepEqual(
        resources.flatMap(({ inputs }) => plainTexts(inputs)).filter((text) => text.includes("CANARY")),
        [],
      );
    });

    it("takes a node's own password where it has one, and that of the operator for what runs there", async () => {
      const [s1, a1] = nodes("server:s1", "agent:a1");
      const own = { ...a1, ssh: { sudoPassword: Secret.of("OWN") } };
      const all = commands((await run(cluster({ ssh, nodes: [s1, own] }))).resources);
      const first = (name: string): string | undefined =>
        (all.get(name)?.["stdin"] as { value: string }).value.split("\n")[0];
      assert.deepEqual(["a1", "a1-token", "a1-ready", "kubeconfig"].map(first), [
        "OWN",
        "OWN",
        "SUDO-CANARY",
        "SUDO-CANARY",
      ]);
    });

    it("shows a preview what each script is given, so that one setting is one line", async () => {
      const shown = async (upstream: string): Promise<string[]> => {
        const { resources } = await run(cluster(stack({ dns: { upstream: [upstream] } })), { preview: true });
        return Object.values(find(resources, "a1", "groundwork:k3s:Node").inputs)
          .join("\n")
          .split("\n");
      };
      const [before, after] = [await shown("10.0.0.1"), await shown("10.0.0.9")];
      const changed = after.filter((line, index) => line !== before[index] && !line.startsWith("resolvers="));
      assert.deepEqual(changed, ["upstream='10.0.0.9'", "nameserver 10.0.0.9"]);
    });

    it("shows nothing of the kind where the scripts are no secrets", async () => {
      const { resources } = await run(cluster());
      assert.deepEqual(find(resources, "a1", "groundwork:k3s:Node").inputs, {});
    });
  });

  it("leaves the provider its kubeconfig in a preview, whatever is read again, and changes it in an update", async () => {
    const ignored = async (preview: boolean): Promise<readonly string[] | undefined> => {
      let options: pulumi.CustomResourceOptions | undefined;
      await run(
        () => {
          const created = new K3sCluster(
            "cluster",
            { desired: desiredOf({ cluster: { renewCertificates: "2027-09" } }) },
            {
              transformations: [
                ({ type, props, opts }) => {
                  if (type === "pulumi:providers:kubernetes") options = opts;
                  return { props, opts };
                },
              ],
            },
          );
          return { kubeconfig: created.kubeconfig };
        },
        { preview },
      );
      return options?.ignoreChanges;
    };
    assert.deepEqual([await ignored(true), await ignored(false)], [["kubeconfig"], []]);
  });

  it("reads the credentials again for another renewal, and the certificate authority of the tokens never", async () => {
    const creates = async (renewCertificates?: string): Promise<unknown[]> => {
      const all = commands((await run(cluster({ cluster: { renewCertificates } }))).resources);
      return ["kubeconfig", "credentials"].map((name) => all.get(name)?.["create"]);
    };
    const [before, after] = [await creates(), await creates("2027-09")];
    assert.equal(after[0], before[0]);
    assert.equal(after[1], `${String(before[1])} 2027-09`);
  });

  it("reads the certificate authority again where it was rotated, by a resource that knows how the server is reached now", async () => {
    const all = commands((await run(cluster({ cluster: { authorityRotated: "2027-09" } }))).resources);
    const before = commands((await run(cluster())).resources);
    assert.equal(all.has("kubeconfig"), false);
    assert.equal(all.get("kubeconfig-2027-09")?.["create"], before.get("kubeconfig")?.["create"]);
    assert.equal(all.get("credentials")?.["create"], `${String(before.get("credentials")?.["create"])} 2027-09`);
  });

  it("checks the host key of every node and bastion", async () => {
    const ssh = {
      privateKey: Secret.of("k"),
      bastion: "gate",
      bastions: { gate: { address: "gate.example.org", hostKey: "ssh-ed25519 GATE" } },
    };
    const all = commands((await run(cluster({ ssh }))).resources);
    // The provider keeps a connection secret as a whole.
    const { connection: secret } = all.get("a1") as {
      connection: { value: { hostKey: string; proxy: { hostKey: string; host: string } } };
    };
    assert.ok(isSecret(secret));
    const connection = secret.value;
    assert.equal(connection.hostKey, "ssh-ed25519 a1");
    assert.equal(connection.proxy.hostKey, "ssh-ed25519 GATE");
    assert.equal(connection.proxy.host, "gate.example.org");
  });
});

async function isSecretOutput(program: typeof cluster): Promise<boolean> {
  let secret = false;
  await run(() => {
    const outputs = program()() as { kubeconfig: pulumi.Output<string> };
    void pulumi.isSecret(outputs.kubeconfig).then((value) => (secret = value));
    return outputs;
  });
  return secret;
}
