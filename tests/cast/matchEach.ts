import { strict as assert } from "node:assert";

/** Asserts that there are as many messages as patterns, and that each message matches the pattern of its place. */
export function matchEach(messages: readonly string[], ...patterns: readonly RegExp[]): void {
  assert.equal(messages.length, patterns.length, messages.join("\n"));
  for (const [index, pattern] of patterns.entries()) assert.match(messages[index] ?? "", pattern);
}
