import * as pulumi from "@pulumi/pulumi";
import { createStack, type StackOutputs } from "./components/stack";
import { engineSource, loadSettings } from "./config/read/load";
import type { SettingsSource } from "./config/read/source";
import { desiredStack } from "./desired/cluster";

/** The whole program: from a stack's settings to a cluster. The engine, the tests and the Automation API run this. */
export function groundwork(source: SettingsSource = engineSource()): StackOutputs {
  const settings = loadSettings(source, pulumi.getStack());
  return createStack(desiredStack(settings, pulumi.getProject()));
}
