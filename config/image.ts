/** Whether an image is the same tomorrow: it has a digest, or a tag other than latest. */
export function isPinnedImage(image: string): boolean {
  return (
    /@sha256:[0-9a-f]{64}$/.test(image) || /^[^@]*:(?!latest$)\w[\w.-]{0,127}$/.test(image.split("/").at(-1) ?? "")
  );
}
