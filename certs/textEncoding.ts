import { TextDecoder } from "node:util";
import { CertsError } from "./errors";

/** The encoding of a text, by its byte-order mark or, for UTF-16 without one, by the zero byte of an ASCII character. */
function encodingOf([first, second]: Uint8Array): string {
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0)) return "utf-16le";
  if ((first === 0xfe && second === 0xff) || (first === 0 && second !== 0)) return "utf-16be";
  return "utf-8";
}

const lineBreaks = (text: string): number => text.split("\n").length - 1;

/**
 * Decodes UTF-8 or UTF-16, with or without a byte-order mark, chunk by chunk. Throws `malformed` with the line for other
 * encodings, such as Windows-1252: to guess them would destroy text.
 */
export async function* decodeText(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): AsyncGenerator<string, void, undefined> {
  let strict: TextDecoder | undefined;
  let [encoding, line] = ["utf-8", 1];
  const decode = (chunk?: Uint8Array): string => {
    try {
      return strict?.decode(chunk, { stream: chunk !== undefined }) ?? "";
    } catch (cause) {
      line += lineBreaks(new TextDecoder(encoding).decode(chunk).split("\uFFFD")[0] ?? "");
      throw new CertsError(
        "malformed",
        `Line ${line} holds bytes that are not ${encoding.toUpperCase()}: save the file as UTF-8 (in Excel: "CSV UTF-8")`,
        { data: { line }, cause },
      );
    }
  };
  for await (const chunk of chunks) {
    if (strict === undefined) {
      encoding = encodingOf(chunk);
      strict = new TextDecoder(encoding, { fatal: true });
    }
    const text = decode(chunk);
    line += lineBreaks(text);
    yield text;
  }
  yield decode();
}
