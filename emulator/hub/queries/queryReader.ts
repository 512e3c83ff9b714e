import { QuerySyntaxError } from "./querySyntaxError";
import { readToken, type Token, type TokenAndEnd } from "./queryTokens";

/** Reads a text token by token, from left to right. */
export class QueryReader {
  #current: TokenAndEnd;

  /** Throws QuerySyntaxError. */
  constructor(private readonly text: string) {
    this.#current = readToken(text, 0);
  }

  get token(): Token {
    return this.#current[0];
  }

  /** Returns the token and moves on. */
  next(): Token {
    const { token } = this;
    this.#current = readToken(this.text, this.#current[1]);
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
    const [{ kind, text }] = readToken(this.text, this.#current[1]);
    return kind === "symbol" && text === symbol;
  }

  unexpected(wanted: string): QuerySyntaxError {
    const { kind, text, position } = this.token;
    const found = kind === "end" ? "the end" : JSON.stringify(text);
    return new QuerySyntaxError(`${wanted} is expected, not ${found},`, position);
  }
}
