/** A size for people. */
export function sizeText(bytes: number): string {
  const mib = bytes / 1024 ** 2;
  return `${mib < 10 ? mib.toFixed(1) : mib.toFixed(0)} MiB`;
}
