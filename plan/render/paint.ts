import { styleText } from "node:util";

/** How words are set off: by colour on a terminal, not at all elsewhere. */
export interface Paint {
  readonly heading: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly warning: (text: string) => string;
  readonly added: (text: string) => string;
  readonly removed: (text: string) => string;
}

const same = (text: string): string => text;

/** For files, pipes and comments. */
export const plainPaint: Paint = { heading: same, faint: same, warning: same, added: same, removed: same };

type Style = Parameters<typeof styleText>[0];
const styled = (style: Style) => (text: string) => styleText(style, text, { validateStream: false });

/** For a terminal. */
export const colourPaint: Paint = {
  heading: styled("bold"),
  faint: styled("dim"),
  warning: styled("yellow"),
  added: styled("green"),
  removed: styled("red"),
};
