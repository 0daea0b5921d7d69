import { pathText } from "../../config/problem";
import type { Settings } from "../../config/settings";
import type { IssuedSettings } from "./settings/issued";

/** The certificates of a stack, by name. */
export function issuedOf({ certificates }: Settings): [string, IssuedSettings][] {
  return Object.entries(certificates.issued);
}

/** Where a certificate's setting stands. */
export function pathOf(name: string, ...below: (string | number)[]): string {
  return pathText(["certificates", "issued", name, ...below]);
}
