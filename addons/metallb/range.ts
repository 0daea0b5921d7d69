import { BlockList, isIP } from "node:net";
import { addressBlock } from "../../config/addresses";

/** Addresses that lie side by side. */
export interface Range {
  /** Some of them; the first and the last where they are known. */
  readonly some: readonly string[];
  readonly has: (address: string) => boolean;
}

/** Reads `192.168.10.0/28` and `192.168.10.240-192.168.10.250`, as MetalLB does; undefined for anything else. */
export function addressRange(text: string): Range | undefined {
  const list = new BlockList();
  const ends = text.split("-").map((end) => end.trim());
  const family = isIP(ends[0] ?? "") === 6 || text.includes(":") ? "ipv6" : "ipv4";
  const has = (address: string): boolean =>
    isIP(address) === (family === "ipv6" ? 6 : 4) && list.check(address, family);
  const [first = "", last] = ends;
  if (last === undefined) {
    const block = first.includes("/") ? addressBlock(first) : undefined;
    if (block === undefined) return undefined;
    list.addSubnet(block.address, block.prefix, family);
    return { some: [block.address], has };
  }
  if (ends.length > 2 || isIP(first) === 0 || isIP(first) !== isIP(last)) return undefined;
  try {
    list.addRange(first, last, family);
  } catch {
    return undefined;
  }
  return { some: [first, last], has };
}

/** Whether two ranges share an address: then one has an end of the other, or any address of one that lies inside. */
export function rangesOverlap(one: Range, other: Range): boolean {
  return one.some.some(other.has) || other.some.some(one.has);
}
