/** The release of the CLI that is prepared where none is found; its minor is that of `@pulumi/pulumi` in package.json. */
export const PINNED = "3.256.0";

/** A version in three numbers; what follows them (`-alpha.1`, `+build`) is left out. */
export type Version = readonly [major: number, minor: number, patch: number];

/** Reads `v3.256.0`, `3.256.0-dev+1` or `go1.26` (a missing patch is 0); undefined for anything else. */
export function parseVersion(text: string): Version | undefined {
  const match = /^(?:v|go)?(\d+)\.(\d+)(?:\.(\d+))?(?:[^\d.].*)?$/s.exec(text.trim());
  return match === null ? undefined : [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
}

/** Negative when `a` is older than `b`, positive when newer, 0 when equal. */
export function compareVersions(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

/** Whether a CLI of that version serves: same major, the pinned minor or a newer one. */
export function serves(text: string, pinned: string = PINNED): boolean {
  const have = parseVersion(text);
  const want = parseVersion(pinned);
  if (have === undefined || want === undefined) return false;
  return have[0] === want[0] && have[1] >= want[1];
}
