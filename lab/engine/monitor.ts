import { withHashes } from "./asset";
import type { Goal } from "./step";
import type { Value, Values } from "./propertyValues";
import { REFERENCE_TYPE, referencedStack, type References } from "./stackReference";

/** How the deployment answers a registration. */
export interface Registered {
  readonly urn: string;
  readonly id?: string;
  readonly outputs: Values;
  readonly failed: boolean;
}

export interface Registrations {
  readonly register: (goal: Goal) => Promise<Registered>;
  readonly registerOutputs: (urn: string, outputs: Values) => void;
}

interface Struct {
  toJavaScript(): Values;
}
type ProtobufMap<T> = { entries(): Iterable<[string, T]> };

/** The part of Pulumi's RegisterResourceRequest (proto/pulumi/resource.proto) that is read here. */
interface RegisterResourceRequest {
  getType(): string;
  getName(): string;
  getParent(): string;
  getCustom(): boolean;
  getRemote(): boolean;
  getObject(): Struct | undefined;
  getProvider(): string;
  getDependenciesList(): string[];
  getPropertydependenciesMap(): ProtobufMap<{ getUrnsList(): string[] }>;
  hasProtect(): boolean;
  getProtect(): boolean;
  hasRetainondelete(): boolean;
  getRetainondelete(): boolean;
  getDeletedwith(): string;
  getDeletebeforereplace(): boolean;
  getIgnorechangesList(): string[];
  getReplaceonchangesList(): string[];
  getReplaceWithList(): string[];
  hasReplacementTrigger(): boolean;
  getAdditionalsecretoutputsList(): string[];
  getAliasesList(): Alias[];
  getAliasurnsList(): string[];
  getImportid(): string;
  getHooks(): object | undefined;
  getCustomtimeouts(): { getCreate(): string; getUpdate(): string; getDelete(): string } | undefined;
}

/** A former identity: a whole URN, or the parts of it that were others (proto/pulumi/alias.proto). */
interface Alias {
  getUrn(): string;
  getSpec(): { getName(): string; getType(): string; getParenturn(): string; getNoparent(): boolean } | undefined;
}

/** The part of ReadResourceRequest that is read here. */
interface ReadResourceRequest {
  getType(): string;
  getName(): string;
  getId(): string;
  getParent(): string;
}

type Callback<T> = (error: Error | null, response?: T) => void;

const UNIMPLEMENTED = 12;
const FEATURES = ["secrets", "resourceReferences", "deletedWith", "aliasSpecs"];
export const STACK_TYPE = "pulumi:pulumi:Stack";

/**
 * Pulumi's resource monitor inside this process: the object that the SDK talks to instead of an engine
 * (`runtime.setMockOptions` takes any object with these methods). Unlike the SDK's own mock monitor it hands on the
 * whole request, so that resource options take effect. The SDK waits for everything a resource depends on (inputs,
 * dependsOn, parent, provider, deletedWith) before it registers it: the order of the program is kept by itself.
 */
export class LabMonitor {
  readonly #registrations: Registrations;
  readonly #stack: string;
  readonly #project: string;
  readonly #references: References;

  constructor(registrations: Registrations, stack: string, project: string, references: References = () => undefined) {
    this.#registrations = registrations;
    this.#stack = stack;
    this.#project = project;
    this.#references = references;
  }

  registerResource(request: RegisterResourceRequest, callback: Callback<unknown>): void {
    const goal = this.#goalOf(request);
    const refused = refusal(request);
    const answer = refused !== undefined ? Promise.reject(new Error(refused)) : this.#register(goal);
    answer.then((registered) => callback(null, responseOf(registered)), callback);
  }

  async #register(goal: Goal): Promise<Registered> {
    return this.#registrations.register({ ...goal, inputs: (await withHashes(goal.inputs)) as Values });
  }

  registerResourceOutputs(
    request: { getUrn(): string; getOutputs(): Struct | undefined },
    callback: Callback<object>,
  ): void {
    this.#registrations.registerOutputs(request.getUrn(), request.getOutputs()?.toJavaScript() ?? {});
    callback(null, {});
  }

  supportsFeature(request: { getId(): string }, callback: Callback<{ getHassupport(): boolean }>): void {
    const isSupported = FEATURES.includes(request.getId());
    callback(null, { getHassupport: () => isSupported });
  }

  /** Not implemented, which makes the SDK ask for each feature by its name. */
  getDeploymentInfo(_: unknown, callback: Callback<never>): void {
    callback(Object.assign(new Error("not imitated"), { code: UNIMPLEMENTED }));
  }

  invoke(request: { getTok(): string }, callback: Callback<never>): void {
    callback(errorOf(`the lab engine does not know the function ${request.getTok()}`));
  }

  call(request: { getTok(): string }, callback: Callback<never>): void {
    callback(errorOf(`the lab engine does not know the method ${request.getTok()}`));
  }

  /** Of what it does not manage itself it reads another stack's outputs only; they are not recorded. */
  readResource(request: ReadResourceRequest, callback: Callback<unknown>): void {
    const [type, name] = [request.getType(), request.getName()];
    if (type !== REFERENCE_TYPE) {
      callback(errorOf(`the lab engine cannot read ${name} (${type}): it only manages`));
      return;
    }
    try {
      const read = referencedStack(request.getId(), this.#references);
      const urn = this.#urn(request.getParent(), type, name);
      callback(null, {
        getUrn: () => urn,
        getProperties: () => ({ toJavaScript: () => read }),
        getUnknown: () => false,
      });
    } catch (error) {
      callback(errorOf((error as Error).message));
    }
  }

  existsResource(request: { getType(): string }, callback: Callback<never>): void {
    callback(errorOf(`the lab engine cannot look whether a ${request.getType()} exists`));
  }

  registerPackage(_: unknown, callback: Callback<never>): void {
    callback(errorOf("the lab engine has no parameterized providers"));
  }

  close(): void {
    // Nothing to close: there is no connection.
  }

  #goalOf(request: RegisterResourceRequest): Goal {
    const timeouts = request.getCustomtimeouts();
    const dependencies = [...request.getPropertydependenciesMap().entries()];
    return {
      urn: this.#urn(request.getParent(), request.getType(), request.getName()),
      type: request.getType(),
      name: request.getName(),
      aliases: [
        ...request.getAliasurnsList(),
        ...request.getAliasesList().map((alias) => this.#aliasUrn(alias, request)),
      ],
      custom: request.getCustom(),
      parent: given(request.getParent()),
      provider: given(request.getProvider()),
      inputs: request.getObject()?.toJavaScript() ?? {},
      dependencies: request.getDependenciesList(),
      propertyDependencies: Object.fromEntries(dependencies.map(([name, urns]) => [name, urns.getUrnsList()])),
      protect: request.hasProtect() ? request.getProtect() : undefined,
      retainOnDelete: request.hasRetainondelete() ? request.getRetainondelete() : undefined,
      deletedWith: given(request.getDeletedwith()),
      deleteBeforeReplace: request.getDeletebeforereplace(),
      ignoreChanges: request.getIgnorechangesList(),
      replaceOnChanges: request.getReplaceonchangesList(),
      additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
      timeoutSeconds: {
        create: seconds(timeouts?.getCreate()),
        update: seconds(timeouts?.getUpdate()),
        delete: seconds(timeouts?.getDelete()),
      },
    };
  }

  #aliasUrn(alias: Alias, request: RegisterResourceRequest): string {
    const spec = alias.getSpec();
    if (!spec) return alias.getUrn();
    const parent = spec.getNoparent() ? "" : (given(spec.getParenturn()) ?? request.getParent());
    return this.#urn(parent, given(spec.getType()) ?? request.getType(), given(spec.getName()) ?? request.getName());
  }

  /** As Pulumi forms it: the types of the parents up to, and without, the stack itself. */
  #urn(parent: string, type: string, name: string): string {
    const parentType = parent.split("::")[2];
    const qualified = parentType !== undefined && parentType !== STACK_TYPE ? `${parentType}$${type}` : type;
    return `urn:pulumi:${this.#stack}::${this.#project}::${qualified}::${name}`;
  }
}

/** What would take effect on a real engine and does not here is refused, never ignored. */
function refusal(request: RegisterResourceRequest): string | undefined {
  const refused = (option: string) => `the lab engine does not imitate ${option} (of ${request.getName()})`;
  if (request.getRemote()) return refused("remote components");
  if (request.getImportid() !== "") return refused("import");
  if (request.getReplaceWithList().length > 0) return refused("replaceWith");
  if (request.hasReplacementTrigger()) return refused("replacementTrigger");
  if (request.getHooks() !== undefined) return refused("hooks");
  return undefined;
}

/** An error as the SDK reads it from a call: some calls show its message, others its details. */
function errorOf(message: string): Error {
  return Object.assign(new Error(message), { details: message });
}

/** The getters of RegisterResourceResponse that the SDK calls. */
function responseOf(registered: Registered): Record<string, () => Value> {
  // The wire has no undefined, and what reads it throws on one: the program would wait for ever.
  const outputs = JSON.parse(JSON.stringify(registered.outputs)) as Values;
  return {
    getUrn: () => registered.urn,
    getId: () => registered.id ?? "",
    getObject: () => ({ toJavaScript: () => outputs }),
    getPropertydependenciesMap: () => undefined,
    getResult: () => (registered.failed ? 1 : 0),
    getUnknown: () => false,
  };
}

/** Protobuf has no absent text: what is not given is empty. */
function given(text: string): string | undefined {
  return text === "" ? undefined : text;
}

const SECONDS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001 };

/** A Go duration such as `1h10m` or `90s`, in seconds. */
function seconds(duration: string | undefined): number | undefined {
  if (duration === undefined || duration === "") return undefined;
  return [...duration.matchAll(/([\d.]+)(ms|h|m|s)/g)].reduce(
    (sum, [, n, unit]) => sum + Number(n) * (SECONDS[unit ?? ""] ?? 0),
    0,
  );
}
