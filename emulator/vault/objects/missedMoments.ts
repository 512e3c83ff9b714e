/** Moments that are made up for at once. */
const LIMIT = 12;

/**
 * Returns the times up to `now` at which a new version was due since the last access: from `first`
 * on, `next` gives the one after a version that was made at a moment. All in seconds since 1970. Of more than 12 the last 12:
 * a clock that is moved by decades is not to make thousands of keys.
 */
export function missedMoments(
  first: number | undefined,
  next: (made: number) => number | undefined,
  now: number,
): number[] {
  const moments: number[] = [];
  let at = first;
  while (at !== undefined && at <= now) {
    moments.push(at);
    if (moments.length > LIMIT) moments.shift();
    const following = next(at);
    // A policy of an older state may ask for a renewal before the making.
    at = following !== undefined && following > at ? following : undefined;
  }
  return moments;
}
