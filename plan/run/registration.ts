import * as pulumi from "@pulumi/pulumi";
import { planFields, type PlanValue } from "../values";

/** Type of a remote command: a node's step. */
export const COMMAND_TYPE = "command:remote:Command";
/** Type of the resource that is the stack itself. */
export const STACK_TYPE = "pulumi:pulumi:Stack";

/** A resource as the program registered it. */
export interface Registration {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** URN of the component that it belongs to; empty for the stack itself. */
  readonly parent: string;
  /** Whether it is more than a grouping: false for components. */
  readonly custom: boolean;
  readonly inputs: Readonly<Record<string, PlanValue>>;
  /** URNs of the resources that are there before this one, its provider included. */
  readonly dependsOn: readonly string[];
  readonly protect: boolean;
}

/** A structure of the SDK's protocol, as far as it is used here. */
export interface Structure {
  toJavaScript(): Record<string, unknown>;
}

/** The SDK's request to register a resource, as far as it is read here. */
export interface RegisterRequest {
  getType(): string;
  getName(): string;
  getParent(): string;
  getCustom(): boolean;
  getObject(): Structure | undefined;
  getProtect(): boolean | undefined;
  getProvider(): string;
  getDependenciesList(): string[];
  getAdditionalsecretoutputsList(): string[];
}

/** What the SDK reads of an answer (runtime/resource.js, registerResource). */
export interface RegisterAnswer {
  getUrn(): string;
  getId(): undefined;
  getObject(): Structure;
  getPropertydependenciesMap(): undefined;
  getResult(): number;
  getUnknown(): boolean;
}

/** A request as data, and the answer of a provider in a preview: as given, the rest known after up. */
export function register(request: RegisterRequest): { registration: Registration; answer: RegisterAnswer } {
  const urn = urnOf(request);
  const given = request.getObject()?.toJavaScript() ?? {};
  // `urn::id`; the id is unknown here.
  const provider = request.getProvider().split("::").slice(0, 4).join("::");
  const dependsOn = new Set([...request.getDependenciesList(), ...(provider === "" ? [] : [provider])]);
  const registration = {
    urn,
    type: request.getType(),
    name: request.getName(),
    parent: request.getParent(),
    custom: request.getCustom(),
    inputs: planFields(given),
    dependsOn: [...dependsOn].sort(),
    protect: request.getProtect() ?? false,
  };
  const answered = answeredFields(request, given);
  const answer = {
    getUrn: () => urn,
    getId: () => undefined,
    getObject: () => ({ toJavaScript: () => answered }),
    getPropertydependenciesMap: () => undefined,
    getResult: () => 0,
    getUnknown: () => false,
  };
  return { registration, answer };
}

/** A secret output of a provider, in the SDK's own encoding: not known here, and still secret in all that is made of it. */
const UNKNOWN_SECRET = {
  [pulumi.runtime.specialSigKey]: pulumi.runtime.specialSecretSig,
  value: pulumi.runtime.unknownValue,
};

function answeredFields(request: RegisterRequest, given: Record<string, unknown>): Record<string, unknown> {
  // What a command was given is read by nobody, and with many nodes it would be most of the work.
  const echoed = request.getType() === COMMAND_TYPE ? {} : given;
  const secrets = request.getAdditionalsecretoutputsList().filter((name) => !Object.hasOwn(echoed, name));
  return { ...echoed, ...Object.fromEntries(secrets.map((name) => [name, UNKNOWN_SECRET])) };
}

/** As the engine makes it: the types of all parents but the stack, then its own. */
function urnOf(request: RegisterRequest): string {
  const [, , parentType = ""] = request.getParent().split("::");
  const prefix = parentType === "" || parentType === STACK_TYPE ? "" : `${parentType}$`;
  const place = `urn:pulumi:${pulumi.runtime.getStack()}::${pulumi.runtime.getProject()}`;
  return `${place}::${prefix}${request.getType()}::${request.getName()}`;
}
