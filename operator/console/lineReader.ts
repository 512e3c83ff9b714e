import { OperatorError } from "../operatorError";

/** A value of a command line. `a, b` has two items; a quoted comma separates nothing. */
export interface LineValue {
  readonly items: readonly string[];
}

export const SPACE = /[^\S\r\n\v\f]/;
// PowerShell reads typographic dashes and quotes as the plain ones: word processors put them into instructions.
export const DASHES = "-\u2013\u2014\u2015";
const SINGLE_QUOTES = "'\u2018\u2019\u201a\u201b";
const DOUBLE_QUOTES = '"\u201c\u201d\u201e';
/** What PowerShell reads in these characters, wherever they are outside of quotes. */
const CONSTRUCTS: readonly (readonly [string, string])[] = [
  ["&&", "several commands on a line (&&)"],
  ["||", "several commands on a line (||)"],
  [";", "several commands on a line (;)"],
  ["|", "a pipe (|)"],
  ["&", "a call or background operator (&)"],
  ["$(", "a subexpression ($( ))"],
  ["$", "a variable ($)"],
  ["`", "an escape character (`)"],
  [">", "a redirection (>)"],
  ["<", "a redirection (<)"],
  ["{", "a script block ({ })"],
  ["}", "a script block ({ })"],
  ["(", "an expression (( ))"],
  [")", "an expression (( ))"],
];

/** How a value keeps its quotation marks: the shell of the client's machine removes those that it reads itself. */
export const QUOTING =
  "a value with spaces or special characters needs single quotes, and in ssh HOST -- COMMAND the whole command double quotes around them: ssh HOST -- \"Get-Help 'two words'\"";

/** The error for a scripting construct. */
export function refused(construct: string): OperatorError {
  const remedy = `give one command with plain values; ${QUOTING}. Scripts run on your own machine: ssh HOST -- COMMAND --json`;
  return new OperatorError("ScriptsNotAllowed", `The line has ${construct}.`, remedy);
}

/** Reads a line character by character. */
export class LineReader {
  private at = 0;

  constructor(private readonly line: string) {}

  get isAtEnd(): boolean {
    return this.at >= this.line.length;
  }

  skipSpace(): void {
    while (!this.isAtEnd && SPACE.test(this.line.charAt(this.at))) this.at += 1;
  }

  /** The rest of the line. */
  get rest(): string {
    return this.line.slice(this.at);
  }

  skip(characters: number): void {
    this.at += characters;
  }

  private quoted(quotes: string): string {
    const from = this.at + 1;
    let text = "";
    for (this.at = from; !this.isAtEnd; this.at += 1) {
      const character = this.line.charAt(this.at);
      if (quotes.includes(character)) {
        // A doubled quote is one in the text.
        if (!quotes.includes(this.line.charAt(this.at + 1) || "\0")) {
          this.at += 1;
          return text;
        }
        this.at += 1;
      } else if (quotes === DOUBLE_QUOTES && (character === "$" || character === "`")) {
        throw refused(character === "$" ? "a variable ($) in double quotes" : "an escape character (`)");
      }
      text += this.line.charAt(this.at);
    }
    throw new OperatorError("ParameterInvalid", "A quotation mark has no counterpart.", "close the quotation");
  }

  /** A run of quoted and plain parts up to a space or comma; undefined where there is none. */
  item(): string | undefined {
    let text: string | undefined;
    while (!this.isAtEnd) {
      const character = this.line.charAt(this.at);
      if (SPACE.test(character) || character === ",") break;
      if (SINGLE_QUOTES.includes(character)) text = (text ?? "") + this.quoted(SINGLE_QUOTES);
      else if (DOUBLE_QUOTES.includes(character)) text = (text ?? "") + this.quoted(DOUBLE_QUOTES);
      else {
        const found = CONSTRUCTS.find(([sign]) => this.line.startsWith(sign, this.at));
        if (found !== undefined) throw refused(found[1]);
        if (text === undefined && character === "@") throw refused("an array, hash table or splat (@)");
        if (text === undefined && character === "#") throw refused("a comment (#)");
        text = (text ?? "") + character;
        this.at += 1;
      }
    }
    return text;
  }

  /** One value, its items separated by commas. */
  value(): LineValue {
    const items: string[] = [];
    for (;;) {
      const item = this.item();
      if (item === undefined) {
        throw new OperatorError(
          "ParameterInvalid",
          "A value is missing beside a comma or colon.",
          "quote a comma of a text",
        );
      }
      items.push(item);
      const before = this.at;
      this.skipSpace();
      if (this.line.charAt(this.at) !== ",") {
        this.at = before;
        return { items };
      }
      this.at += 1;
      this.skipSpace();
    }
  }
}
