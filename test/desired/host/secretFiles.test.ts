import * as assert from "node:assert/strict";
import { Secret } from "../../../config/secret";
import { scriptOf } from "../../../components/k3s/script";
import { allNodes, type DesiredNode } from "../../../desired/nodes";
import { nodesOf } from "../../../plan/run/nodes";
import { desiredOf, nodes } from "../../program";

const desired = (password: Secret): DesiredNode[] => {
  const auth = { username: Secret.of("puller"), password };
  const registries = {
    mirrors: { "docker.io": { endpoint: ["https://m.example.org"] } },
    configs: { "m.example.org": { auth } },
  };
  return allNodes(desiredOf({ nodes: nodes("server:s1", "agent:a1"), k3s: { registries } }).nodes);
};
const scripts = ({ steps }: DesiredNode): string[] =>
  [steps.drain, steps.host, steps.ready].map(({ program }) => scriptOf(program));

describe("a file whose content is a secret", () => {
  it("comes with the tokens, and no other script has any of it", () => {
    for (const node of desired(Secret.of("hunter2"))) {
      assert.match(scriptOf(node.steps.token.program, {}), /username: puller\n {6}password: hunter2\n/);
      for (const script of scripts(node)) assert.doesNotMatch(script, /hunter2|puller/);
    }
  });

  it("changes every script of a node when it changes, so that all its steps run again", () => {
    const [before, after] = [desired(Secret.of("one")), desired(Secret.of("two"))];
    for (const [index, node] of before.entries()) {
      assert.notEqual(node.fingerprint, after[index]!.fingerprint);
      for (const [at, script] of scripts(node).entries()) assert.notEqual(script, scripts(after[index]!)[at]);
    }
  });

  it("is shown by the plan with what is no secret in it", () => {
    const { nodes: list } = desiredOf({
      nodes: nodes("server:s1"),
      k3s: {
        registries: { configs: { "m.example.org": { auth: { auth: Secret.sealed() }, tls: { ca_file: "/ca" } } } },
      },
    });
    const [node] = nodesOf(list);
    assert.deepEqual(
      node!.files.find(({ path }) => path.endsWith("registries.yaml")),
      {
        path: "/etc/rancher/k3s/registries.yaml",
        mode: "600",
        content: 'configs:\n  m.example.org:\n    auth:\n      auth: "[secret]"\n    tls:\n      ca_file: /ca\n',
      },
    );
  });
});
