/**
 * Where a session shows text and asks for values: a terminal, or the streams of `ssh HOST COMMAND`. Control and invisible
 * characters of a text are shown as escapes, so that nothing that a command returns acts on the terminal.
 */
export interface SessionConsole {
  /** Columns of the terminal; undefined without one. */
  readonly columns?: number;
  /** Whether somebody sees prompts. Without a terminal only secrets are read, each from a line of standard input. */
  readonly isTerminal: boolean;
  /** Whether it waits for input. */
  readonly isReading: boolean;
  /** Writes text to standard output, `\n` after each line. */
  show(text: string): void;
  /** Writes text to standard error. */
  showError(text: string): void;
  /** Asks for a value. Errors: OperatorError Cancelled at Ctrl+C or the end of input. */
  ask(prompt: string): Promise<string>;
  /** Asks for a secret, without echo. Errors: as {@link ask}. */
  askHidden(prompt: string): Promise<string>;
  /** Drops input that no line or prompt has read yet; without a terminal all of it, also what is still to come. */
  dropInput(): void;
  /** Ends what waits for input, as the end of the input does. */
  end(): void;
}
