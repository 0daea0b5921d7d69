import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { plainOutput, type Bed, type ConformanceCase } from "./case";

export const remoteCases: readonly ConformanceCase[] = [
  {
    name: "remote: the script in stdin runs for create, update and delete; an unknown output is an update in the preview",
    steps: [
      {
        does: "up",
        program: host("1"),
        operations: ["create a", "create b"],
        log: ["a create1", "b 1"],
        outputs: { out: plainOutput("from 1") },
      },
      { does: "preview", program: host("2"), operations: ["update a", "update b"], log: [] },
      {
        does: "up",
        program: host("2"),
        operations: ["update a", "update b"],
        log: ["a update2", "b 2"],
        outputs: { out: plainOutput("from 2") },
      },
      { does: "destroy", operations: ["delete a", "delete b"], log: ["a delete2"] },
    ],
  },
  {
    name: "remote: a failed script shows its exit status, its command and its own lines",
    steps: [
      {
        does: "up",
        program: (bed) => void onHost(bed, "a", "echo checking; echo disk is full >&2; exit 4"),
        operations: ["create a"],
        fails: /Process exited with status 4: running "sh -s":\n[\s\S]*disk is full/,
      },
    ],
  },
  {
    // components/k3s/lostNode.ts: nothing may be run on a machine that is gone.
    name: "remote: a protected command that comes to do nothing, and loses its delete, is an update, and is deleted without a word",
    steps: [
      { does: "up", program: made, operations: ["create a"], log: ["a create"] },
      { does: "up", program: () => undefined, operations: [], log: [], fails: /protected/ },
      { does: "preview", program: idle, operations: ["update a"], log: [] },
      { does: "up", program: idle, operations: ["update a"], log: [] },
      { does: "up", program: made, operations: ["update a"], log: ["a create"] },
      { does: "up", program: idle, operations: ["update a"], log: [] },
      { does: "up", program: () => undefined, operations: ["delete a"], log: [] },
    ],
  },
  {
    name: "remote: another host key is refused",
    steps: [
      {
        does: "up",
        program: (bed) => {
          const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJ1dCBhIHN0cmFuZ2VyJ3Mga2V5IG9mIDMyIGJ5dGVz";
          return void onHost(bed, "a", "true", { connection: { ...bed.connection, hostKey, dialErrorLimit: 0 } });
        },
        operations: ["create a"],
        log: [],
        fails: /host key mismatch/,
      },
    ],
  },
];

function host(version: string) {
  return (bed: Bed) => {
    const script = `verb=$1; echo "a $verb"${version} >> ${bed.log}; echo from ${version}`;
    const verbs = { create: "sh -s -- create", update: "sh -s -- update", delete: "sh -s -- delete" };
    const a = onHost(bed, "a", script, verbs);
    onHost(bed, "b", pulumi.interpolate`echo "b $(echo '${a.stdout}' | sed 's/from //')" >> ${bed.log}`);
    return { out: a.stdout };
  };
}

function made(bed: Bed): void {
  const verbs = { create: "sh -s -- create", delete: "sh -s -- delete" };
  onHost(bed, "a", `echo "a $1" >> ${bed.log}`, verbs, { protect: true });
}

function idle(bed: Bed): void {
  const { connection } = bed;
  new remote.Command("a", { connection, create: "true", addPreviousOutputInEnv: false }, { protect: false });
}

/** A remote command that runs the script in its stdin. */
function onHost(
  bed: Bed,
  name: string,
  script: pulumi.Input<string>,
  args: Partial<remote.CommandArgs> = {},
  options?: pulumi.CustomResourceOptions,
) {
  const connection = { ...bed.connection, dialErrorLimit: 2 };
  return new remote.Command(
    name,
    { connection, create: "sh -s", stdin: script, addPreviousOutputInEnv: false, ...args },
    options,
  );
}
