import { StringDecoder } from "node:string_decoder";
import type { ReadStream } from "node:tty";

/** Prompts on a terminal for a hidden line. Rejects if the user cancels (Ctrl-C, Ctrl-D). */
export function promptHidden(input: ReadStream, output: NodeJS.WritableStream, question: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const decoder = new StringDecoder("utf8");
    let typed: string[] = [];
    const end = (): void => {
      input.off("data", read);
      input.setRawMode(false);
      input.pause();
      output.write("\n");
    };
    const read = (bytes: Buffer): void => {
      for (const character of decoder.write(bytes)) {
        if (character === "\r" || character === "\n") {
          end();
          resolve(typed.join(""));
          return;
        }
        if (character === "\u0003" || character === "\u0004") {
          end();
          reject(new Error("cancelled"));
          return;
        }
        if (character === "\u007f" || character === "\b") typed = typed.slice(0, -1);
        else if (character >= " ") typed.push(character);
      }
    };
    output.write(question);
    input.setRawMode(true);
    input.on("data", read);
    input.resume();
  });
}
