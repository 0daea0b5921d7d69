import { local, remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";

/** Where a case's programs leave their traces, and the host they reach. */
export interface Bed {
  /** A file that commands append a line to. */
  readonly log: string;
  readonly connection: { host: string; port: number; user: string; privateKey: string; hostKey: string };
  /** Path of the kubeconfig of a cluster that the cases on Kubernetes may use; absent where there is none. */
  readonly kubeconfig?: string;
}

export interface CaseStep {
  readonly does: "up" | "preview" | "destroy";
  /** Absent for `destroy`. */
  readonly program?: (bed: Bed) => unknown;
  /** `<operation> <name>` of everything that is not the same, in any order. */
  readonly operations: readonly string[];
  /** What the commands appended in this step, in this order. */
  readonly log?: readonly string[];
  readonly outputs?: Record<string, { value: unknown; secret: boolean }>;
  /** The step fails, and says this. */
  readonly fails?: RegExp;
}

export interface ConformanceCase {
  readonly name: string;
  readonly steps: readonly CaseStep[];
}

/** A local command that appends `<name> <verb><version>` to the log on each of its occasions. */
function logged(
  bed: Bed,
  name: string,
  args: Partial<local.CommandArgs> & { version?: string } = {},
  options?: pulumi.CustomResourceOptions,
) {
  const { version = "", ...rest } = args;
  const append = (verb: string) => `echo ${name} ${verb}${version} >> ${bed.log}; echo ${name}-out${version}`;
  return new local.Command(name, { create: append("create"), delete: append("delete"), ...rest }, options);
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

class Group extends pulumi.ComponentResource {
  constructor(name: string, options: pulumi.ComponentResourceOptions, children: (parent: Group) => void) {
    super("test:index:Group", name, {}, options);
    children(this);
    this.registerOutputs({});
  }
}

const plainOutput = (value: unknown) => ({ value, secret: false });

export const cases: readonly ConformanceCase[] = [
  {
    name: "creates in the program's order, changes nothing the second time, deletes in reverse order",
    steps: [
      {
        does: "up",
        program: chain,
        operations: ["create a", "create b", "create c"],
        log: ["a create", "b create", "c create"],
        outputs: { last: plainOutput("c-out") },
      },
      { does: "preview", program: chain, operations: [], log: [] },
      { does: "up", program: chain, operations: [], log: [], outputs: { last: plainOutput("c-out") } },
      { does: "destroy", operations: ["delete a", "delete b", "delete c"], log: ["c delete", "b delete", "a delete"] },
    ],
  },
  {
    name: "update runs update, or create where there is none; stdout is the last run's",
    steps: [
      { does: "up", program: updates("1", true), operations: ["create a"], log: ["a create1"] },
      { does: "preview", program: updates("2", true), operations: ["update a"], log: [] },
      {
        does: "up",
        program: updates("2", true),
        operations: ["update a"],
        log: ["a update2"],
        outputs: { out: plainOutput("updated2") },
      },
      {
        does: "up",
        program: updates("3", false),
        operations: ["update a"],
        log: ["a create3"],
        outputs: { out: plainOutput("a-out3") },
      },
    ],
  },
  {
    name: "a trigger replaces: creates the new one, deletes the old one with its own recorded command",
    steps: [
      { does: "up", program: triggered("1"), operations: ["create a"], log: ["a create1"] },
      { does: "preview", program: triggered("2"), operations: ["replace a"], log: [] },
      { does: "up", program: triggered("2"), operations: ["replace a"], log: ["a create2", "a delete1"] },
      { does: "up", program: triggered("2"), operations: [], log: [] },
    ],
  },
  {
    name: "deleteBeforeReplace deletes first, and with it whom the change forces to be replaced",
    steps: [
      {
        does: "up",
        program: deletesFirst("1"),
        operations: ["create a", "create b", "create c"],
        log: ["a create1", "b create1", "c create"],
      },
      {
        does: "up",
        program: deletesFirst("2"),
        operations: ["replace a", "replace b"],
        log: ["b delete1", "a delete1", "a create2", "b create2"],
      },
    ],
  },
  {
    name: "what the program leaves out is deleted after everything else, dependents first",
    steps: [
      { does: "up", program: chain, operations: ["create a", "create b", "create c"] },
      { does: "preview", program: onlyNew, operations: ["create z", "delete b", "delete c"], log: [] },
      {
        does: "up",
        program: onlyNew,
        operations: ["create z", "delete b", "delete c"],
        log: ["z create", "c delete", "b delete"],
      },
    ],
  },
  {
    name: "protect: refuses deletion and replacement until it is taken away",
    steps: [
      { does: "up", program: guarded("1", true), operations: ["create a"], log: ["a create1"] },
      { does: "up", program: guarded("2", true), operations: [], log: [], fails: /marked for protection/ },
      { does: "up", program: () => undefined, operations: [], log: [], fails: /cannot be deleted[\s\S]*protected/ },
      { does: "destroy", operations: [], log: [], fails: /cannot be deleted[\s\S]*protected/ },
      { does: "up", program: guarded("1", false), operations: [], log: [] },
      { does: "up", program: () => undefined, operations: ["delete a"], log: ["a delete1"] },
    ],
  },
  {
    name: "a component hands protect, retainOnDelete and deletedWith on to its children",
    steps: [
      { does: "up", program: inherited(true), operations: ["create g", "create a"], log: ["a create"] },
      { does: "up", program: () => undefined, operations: [], log: [], fails: /protected/ },
      { does: "up", program: inherited(false), operations: [], log: [] },
      { does: "up", program: () => undefined, operations: ["delete a", "delete g"], log: [] },
    ],
  },
  {
    name: "retainOnDelete forgets without deleting",
    steps: [
      {
        does: "up",
        program: (bed) => void logged(bed, "a", {}, { retainOnDelete: true }),
        operations: ["create a"],
        log: ["a create"],
      },
      { does: "up", program: () => undefined, operations: ["delete a"], log: [] },
    ],
  },
  {
    name: "deletedWith: what lives on a deleted resource is not deleted by itself",
    steps: [
      { does: "up", program: hosted, operations: ["create a", "create b"], log: ["a create", "b create"] },
      { does: "destroy", operations: ["delete a", "delete b"], log: ["a delete"] },
    ],
  },
  {
    name: "deletedWith: what lives on a resource that is deleted before its replacement is made again with it",
    steps: [
      { does: "up", program: rehosted("1"), operations: ["create a", "create b"], log: ["a create1", "b create"] },
      {
        does: "up",
        program: rehosted("2"),
        operations: ["replace a", "replace b"],
        log: ["a delete1", "a create2", "b create"],
      },
    ],
  },
  {
    name: "an alias takes over what was made under another name",
    steps: [
      {
        does: "up",
        program: renamed("old", []),
        operations: ["create old", "create user"],
        log: ["x create", "user create"],
      },
      { does: "preview", program: renamed("new", ["old"]), operations: [], log: [] },
      { does: "up", program: renamed("new", ["old"]), operations: [], log: [] },
      { does: "destroy", operations: ["delete new", "delete user"], log: ["user delete", "x delete"] },
    ],
  },
  {
    name: "a changed delete command is an update, and is the one that counts",
    steps: [
      { does: "up", program: deletedBy("1"), operations: ["create a"], log: ["a create"] },
      { does: "up", program: deletedBy("2"), operations: ["update a"], log: ["a create"] },
      { does: "up", program: () => undefined, operations: ["delete a"], log: ["a gone2 with a-out"] },
    ],
  },
  {
    name: "two resources of one URN are refused",
    steps: [
      {
        does: "up",
        program: (bed) => {
          const a = logged(bed, "a", {});
          logged(bed, "a", {}, { dependsOn: a });
        },
        operations: [],
        fails: /Duplicate resource URN/,
      },
    ],
  },
  {
    name: "ignoreChanges keeps what is recorded, down to a nested property",
    steps: [
      { does: "up", program: ignoring("1", "x1"), operations: ["create a"], log: ["a create1"] },
      { does: "up", program: ignoring("1", "x2"), operations: [], log: [] },
      {
        does: "up",
        program: ignoring("2", "x3"),
        operations: ["update a"],
        log: ["a create2"],
        outputs: { kept: plainOutput("x1") },
      },
    ],
  },
  {
    name: "replaceOnChanges makes an update a replacement",
    steps: [
      { does: "up", program: replacedOnChange("1"), operations: ["create a"], log: ["a create1"] },
      { does: "up", program: replacedOnChange("2"), operations: ["replace a"], log: ["a create2", "a delete1"] },
    ],
  },
  {
    name: "secrets: additionalSecretOutputs and what is derived from a secret stay secret in the outputs",
    steps: [
      {
        does: "up",
        program: secrets,
        operations: ["create a", "create p"],
        outputs: {
          out: { value: "a-out", secret: true },
          length: { value: 20, secret: true },
          open: plainOutput("shown"),
        },
      },
      { does: "up", program: secrets, operations: [], log: [] },
    ],
  },
  {
    name: "a failed command stops what depends on it and all deletions; the next run goes on from there",
    steps: [
      { does: "up", program: (bed) => void logged(bed, "old"), operations: ["create old"], log: ["old create"] },
      {
        does: "up",
        program: failing(true),
        operations: ["create a", "create b"],
        log: ["a create"],
        fails: /exit status 3[\s\S]*no such luck/,
      },
      {
        does: "up",
        program: failing(false),
        operations: ["create b", "create c", "delete old"],
        log: ["b create", "c create", "old delete"],
      },
    ],
  },
  {
    name: "a failed update keeps the old record and is tried again",
    steps: [
      { does: "up", program: (bed) => void logged(bed, "a", { update: "true", stdin: "1" }), operations: ["create a"] },
      {
        does: "up",
        program: (bed) => void logged(bed, "a", { update: "exit 7", stdin: "2" }),
        operations: ["update a"],
        fails: /exit status 7/,
      },
      { does: "up", program: (bed) => void logged(bed, "a", { update: "true", stdin: "2" }), operations: ["update a"] },
      { does: "up", program: (bed) => void logged(bed, "a", { update: "true", stdin: "2" }), operations: [] },
    ],
  },
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

function chain(bed: Bed) {
  const a = logged(bed, "a");
  const group = new Group("g", { dependsOn: a }, () => undefined);
  const b = logged(bed, "b", {}, { dependsOn: [a, group] });
  const c = logged(bed, "c", { stdin: b.stdout });
  return { last: c.stdout };
}

function onlyNew(bed: Bed) {
  const a = logged(bed, "a");
  new Group("g", { dependsOn: a }, () => undefined);
  logged(bed, "z", { delete: undefined });
}

function updates(version: string, hasUpdate: boolean) {
  return (bed: Bed) => {
    const update = hasUpdate ? `echo a update${version} >> ${bed.log}; echo updated${version}` : undefined;
    return { out: logged(bed, "a", { version, update }).stdout };
  };
}

function triggered(version: string) {
  return (bed: Bed) => void logged(bed, "a", { version, triggers: [version] });
}

function deletesFirst(version: string) {
  return (bed: Bed) => {
    const a = logged(bed, "a", { version, triggers: [version] }, { deleteBeforeReplace: true });
    const b = logged(bed, "b", { version, triggers: [a.stdout] }, { dependsOn: a });
    logged(bed, "c", {}, { dependsOn: [a, b] });
  };
}

function guarded(version: string, protect: boolean) {
  return (bed: Bed) => void logged(bed, "a", { version, triggers: [version] }, { protect });
}

function inherited(protect: boolean) {
  return (bed: Bed) =>
    void new Group("g", { protect, retainOnDelete: true }, (parent) => logged(bed, "a", {}, { parent }));
}

function hosted(bed: Bed) {
  const a = logged(bed, "a");
  logged(bed, "b", {}, { deletedWith: a });
}

function rehosted(version: string) {
  return (bed: Bed) => {
    const a = logged(bed, "a", { version, triggers: [version] }, { deleteBeforeReplace: true });
    logged(bed, "b", {}, { deletedWith: a, dependsOn: a });
  };
}

function renamed(name: string, formerNames: readonly string[]) {
  return (bed: Bed) => {
    const append = (verb: string) => `echo x ${verb} >> ${bed.log}`;
    const aliases = formerNames.map((former) => ({ name: former }));
    const x = new local.Command(name, { create: append("create"), delete: append("delete") }, { aliases });
    logged(bed, "user", {}, { dependsOn: x });
  };
}

function deletedBy(version: string) {
  return (bed: Bed) =>
    void logged(bed, "a", { delete: `echo a gone${version} with $PULUMI_COMMAND_STDOUT >> ${bed.log}` });
}

function ignoring(version: string, kept: string) {
  return (bed: Bed) => {
    const environment = { KEPT: kept };
    const a = logged(bed, "a", { version, environment }, { ignoreChanges: ["environment.KEPT"] });
    return { kept: a.environment.apply((e) => e?.["KEPT"]) };
  };
}

function replacedOnChange(version: string) {
  return (bed: Bed) => void logged(bed, "a", { version, stdin: version }, { replaceOnChanges: ["stdin"] });
}

function secrets(bed: Bed) {
  const password = new RandomPassword("p", { length: 20 });
  const a = logged(bed, "a", { stdin: password.result, logging: "none" }, { additionalSecretOutputs: ["stdout"] });
  return { out: a.stdout, length: password.result.apply((text) => text.length), open: "shown" };
}

function failing(isBroken: boolean) {
  return (bed: Bed) => {
    const a = logged(bed, "a");
    const broken = isBroken ? { create: "echo no such luck >&2; exit 3" } : {};
    const b = logged(bed, "b", broken, { dependsOn: a });
    logged(bed, "c", {}, { dependsOn: b });
  };
}

function host(version: string) {
  return (bed: Bed) => {
    const script = `verb=$1; echo "a $verb"${version} >> ${bed.log}; echo from ${version}`;
    const verbs = { create: "sh -s -- create", update: "sh -s -- update", delete: "sh -s -- delete" };
    const a = onHost(bed, "a", script, verbs);
    onHost(bed, "b", pulumi.interpolate`echo "b $(echo '${a.stdout}' | sed 's/from //')" >> ${bed.log}`);
    return { out: a.stdout };
  };
}
