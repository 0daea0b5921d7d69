import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";
import { logged, type Bed } from "./case";

class Group extends pulumi.ComponentResource {
  constructor(name: string, options: pulumi.ComponentResourceOptions, children: (parent: Group) => void) {
    super("test:index:Group", name, {}, options);
    children(this);
    this.registerOutputs({});
  }
}

export function chain(bed: Bed) {
  const a = logged(bed, "a");
  const group = new Group("g", { dependsOn: a }, () => undefined);
  const b = logged(bed, "b", {}, { dependsOn: [a, group] });
  const c = logged(bed, "c", { stdin: b.stdout });
  return { last: c.stdout };
}

export function onlyNew(bed: Bed) {
  const a = logged(bed, "a");
  new Group("g", { dependsOn: a }, () => undefined);
  logged(bed, "z", { delete: undefined });
}

export function updates(version: string, hasUpdate: boolean) {
  return (bed: Bed) => {
    const update = hasUpdate ? `echo a update${version} >> ${bed.log}; echo updated${version}` : undefined;
    return { out: logged(bed, "a", { version, update }).stdout };
  };
}

export function triggered(version: string) {
  return (bed: Bed) => void logged(bed, "a", { version, triggers: [version] });
}

export function deletesFirst(version: string) {
  return (bed: Bed) => {
    const a = logged(bed, "a", { version, triggers: [version] }, { deleteBeforeReplace: true });
    const b = logged(bed, "b", { version, triggers: [a.stdout] }, { dependsOn: a });
    logged(bed, "c", {}, { dependsOn: [a, b] });
  };
}

export function guarded(version: string, protect: boolean) {
  return (bed: Bed) => void logged(bed, "a", { version, triggers: [version] }, { protect });
}

export function inherited(protect: boolean) {
  return (bed: Bed) =>
    void new Group("g", { protect, retainOnDelete: true }, (parent) => logged(bed, "a", {}, { parent }));
}

export function hosted(bed: Bed) {
  const a = logged(bed, "a");
  logged(bed, "b", {}, { deletedWith: a });
}

export function rehosted(version: string) {
  return (bed: Bed) => {
    const a = logged(bed, "a", { version, triggers: [version] }, { deleteBeforeReplace: true });
    logged(bed, "b", {}, { deletedWith: a, dependsOn: a });
  };
}

export function renamed(name: string, formerNames: readonly string[]) {
  return (bed: Bed) => {
    const append = (verb: string) => `echo x ${verb} >> ${bed.log}`;
    const aliases = formerNames.map((former) => ({ name: former }));
    const x = new local.Command(name, { create: append("create"), delete: append("delete") }, { aliases });
    logged(bed, "user", {}, { dependsOn: x });
  };
}

export function deletedBy(version: string) {
  return (bed: Bed) =>
    void logged(bed, "a", { delete: `echo a gone${version} with $PULUMI_COMMAND_STDOUT >> ${bed.log}` });
}

export function ignoring(version: string, kept: string) {
  return (bed: Bed) => {
    const environment = { KEPT: kept };
    const a = logged(bed, "a", { version, environment }, { ignoreChanges: ["environment.KEPT"] });
    return { kept: a.environment.apply((e) => e?.["KEPT"]) };
  };
}

export function replacedOnChange(version: string) {
  return (bed: Bed) => void logged(bed, "a", { version, stdin: version }, { replaceOnChanges: ["stdin"] });
}

export function secrets(bed: Bed) {
  const password = new RandomPassword("p", { length: 20 });
  const a = logged(bed, "a", { stdin: password.result, logging: "none" }, { additionalSecretOutputs: ["stdout"] });
  return { out: a.stdout, length: password.result.apply((text) => text.length), open: "shown" };
}

export function failing(isBroken: boolean) {
  return (bed: Bed) => {
    const a = logged(bed, "a");
    const broken = isBroken ? { create: "echo no such luck >&2; exit 3" } : {};
    const b = logged(bed, "b", broken, { dependsOn: a });
    logged(bed, "c", {}, { dependsOn: b });
  };
}
