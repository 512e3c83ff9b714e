/** A change of the environment: what to set, and what to take away. */
export interface Environment {
  readonly set: Readonly<Record<string, string>>;
  readonly unset: readonly string[];
}

/** Shells that lines can be written for. */
export const SHELLS = ["posix", "fish", "powershell", "cmd", "env-file"] as const;
export type Shell = (typeof SHELLS)[number];

/** How one shell spells the setting and the taking away of a variable. */
interface Dialect {
  readonly quote: (value: string) => string;
  readonly set: (name: string, quoted: string) => string;
  readonly unset: (name: string) => string;
}

/** Values come from paths and generated secrets; nothing in them may be expanded, run or end the line. */
const DIALECTS: Readonly<Record<Shell, Dialect>> = Object.freeze({
  // POSIX 2.2.2: within single quotes every character is literal; a single quote cannot occur there.
  posix: {
    quote: (value) => `'${value.replaceAll("'", "'\\''")}'`,
    set: (name, quoted) => `export ${name}=${quoted}`,
    unset: (name) => `unset ${name}`,
  },
  // fish: within single quotes only \' and \\ are escapes.
  fish: {
    quote: (value) => `'${value.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`,
    set: (name, quoted) => `set -gx ${name} ${quoted}`,
    unset: (name) => `set -e ${name}`,
  },
  // PowerShell, about_Quoting_Rules: a doubled single quote is one; it also reads typographic quotes as quotes.
  powershell: {
    quote: (value) => `'${value.replace(/['\u2018\u2019\u201a\u201b]/g, "$&$&")}'`,
    set: (name, quoted) => `$env:${name} = ${quoted}`,
    unset: (name) => `Remove-Item Env:${name} -ErrorAction SilentlyContinue`,
  },
  // cmd: in a batch file (the output is meant to be saved and called) a percent sign is doubled; the quotes around the
  // whole assignment keep & | < > ^ plain. Quotes inside a value are kept as they are by set "name=value".
  cmd: {
    quote: (value) => value.replaceAll("%", "%%"),
    set: (name, quoted) => `set "${name}=${quoted}"`,
    unset: (name) => `set "${name}="`,
  },
  // A file of variables, for `docker run --env-file` and $GITHUB_ENV: a line is taken as it is.
  "env-file": {
    quote: (value) => value,
    set: (name, quoted) => `${name}=${quoted}`,
    unset: (name) => `${name}=`,
  },
});

/** No way to write a line break. */
const ONE_LINE: ReadonlySet<Shell> = new Set(["cmd", "env-file"]);

/**
 * The lines that make a shell's environment the given one, ending in a newline. Errors: a TypeError for a value with a
 * line break under cmd or in a file of variables, which have no way to write one, and for NUL, which no environment can hold.
 */
export function exportLines(environment: Environment, shell: Shell): string {
  const dialect = DIALECTS[shell];
  const lines = environment.unset.map(dialect.unset);
  for (const [name, value] of Object.entries(environment.set)) {
    if (value.includes("\0") || (ONE_LINE.has(shell) && /[\r\n]/.test(value))) {
      throw new TypeError(`The value of ${name} cannot be written for ${shell}.`);
    }
    lines.push(dialect.set(name, dialect.quote(value)));
  }
  return `${lines.join("\n")}\n`;
}
