import { StringDecoder } from "node:string_decoder";

/** Takes the bytes of a process's output and hands on whole lines as they come. */
export interface LineSplitter {
  readonly add: (bytes: Buffer) => void;
  /** Hands on what is left without a line end. */
  readonly end: () => void;
}

export function splitLines(onLine: (line: string) => void): LineSplitter {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  return {
    add: (bytes) => {
      const lines = (rest + decoder.write(bytes)).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) onLine(line.replace(/\r$/, ""));
    },
    end: () => {
      rest += decoder.end();
      if (rest !== "") onLine(rest);
      rest = "";
    },
  };
}
