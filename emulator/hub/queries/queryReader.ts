import { QuerySyntaxError } from "./querySyntaxError";
import { queryTokens, type Token } from "./queryTokens";

/** The tokens of a text, read from left to right. */
export class QueryReader {
  readonly #tokens: readonly Token[];
  #at = 0;

  /** Throws QuerySyntaxError. */
  constructor(text: string) {
    this.#tokens = queryTokens(text);
  }

  get token(): Token {
    return this.#tokens[this.#at] as Token;
  }

  /** Returns the token and moves on. */
  next(): Token {
    const { token } = this;
    if (token.kind !== "end") this.#at += 1;
    return token;
  }

  /** Whether the next token is a symbol, or a word in any letter case. */
  is(text: string): boolean {
    const { kind, text: given } = this.token;
    return kind === "symbol" ? given === text : kind === "word" && given.toUpperCase() === text;
  }

  /** Moves over a symbol or a word if it comes next. */
  take(text: string): boolean {
    const is = this.is(text);
    if (is) this.next();
    return is;
  }

  /** Throws unless the symbol or word comes next. */
  expect(text: string): void {
    if (!this.take(text)) throw this.unexpected(text);
  }

  /** Whether the token behind the next one is this symbol. */
  isFollowedBy(symbol: string): boolean {
    const following = this.#tokens[this.#at + 1];
    return following?.kind === "symbol" && following.text === symbol;
  }

  unexpected(wanted: string): QuerySyntaxError {
    const { kind, text, position } = this.token;
    const found = kind === "end" ? "the end" : JSON.stringify(text);
    return new QuerySyntaxError(`${wanted} is expected, not ${found},`, position);
  }
}
