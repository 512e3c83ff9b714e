/** An error without its stack trace: rendering one can take the host many seconds. */
export function withoutStack<E extends Error>(error: E): E {
  delete error.stack;
  return error;
}
