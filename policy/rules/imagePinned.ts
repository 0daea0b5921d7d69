import { isPinnedImage } from "../../config/image";
import { text } from "../object";
import { allContainers, called, podSpec } from "./pods";
import type { Rule } from "./rule";

export const imagePinned: Rule = {
  reason: "each node may run another version, and nothing says which one ran before",
  remedy: "write a tag other than latest, or a digest (@sha256:…)",
  find: (object) =>
    allContainers(podSpec(object) ?? {}).flatMap((container) => {
      const image = text(container["image"]);
      return image === undefined || isPinnedImage(image) ? [] : [`${called(container)} runs ${image}`];
    }),
};
