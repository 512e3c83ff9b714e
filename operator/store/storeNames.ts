const NAME = /^[a-z0-9][a-z0-9.-]*(\/[a-z0-9][a-z0-9.-]*)*$/;

/** Returns the name of a document or log. Errors: TypeError where it is no path of lower-case letters, digits, `-` and `.`. */
export function storeName(name: string): string {
  if (name.length > 200 || !NAME.test(name)) throw new TypeError(`"${name}" is no name of a document or log`);
  return name;
}

/** The bounds of a lease in seconds, those of Azure Blob Storage. Errors: TypeError. */
export function leaseSeconds(seconds: number): number {
  if (!Number.isInteger(seconds) || seconds < 15 || seconds > 60) throw new TypeError("a lease has 15 to 60 seconds");
  return seconds;
}
