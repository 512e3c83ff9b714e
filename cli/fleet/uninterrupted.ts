/** The result of work; undefined if the user stops it: a program that it runs gets the same Ctrl+C, and fails. */
export async function uninterrupted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T | undefined> {
  try {
    const result = await work();
    return signal.aborted ? undefined : result;
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}
