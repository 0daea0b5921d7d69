import { impactOf, type Given, type Impact } from "../../desired/host/impact";
import type { PlanNode } from "../model";
import { factsOf } from "./documents";

/** What becomes of a node's k3s between two plans. */
export function impactOn(before: PlanNode, after: PlanNode): Impact {
  return impactOf(givenTo(before), givenTo(after));
}

/** What the node's scripts decide by. */
export function givenTo(node: PlanNode): Given {
  return { version: node.version, role: node.role, facts: factsOf(node) };
}
