/** Which stacks are production. */

/** What a policy's configuration says about it. */
export interface ProductionConfig {
  /** Names of stacks; `*` matches anything. */
  readonly productionStacks: readonly string[];
}

/** Names that count as production where nothing else is configured. */
export const PRODUCTION_STACKS: readonly string[] = Object.freeze(["prod", "production", "prod-*", "*-prod"]);

const pattern = (name: string): RegExp =>
  new RegExp(
    `^${name
      .split("*")
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
      .join(".*")}$`,
    "i",
  );

/** The stack's name in a URN (`urn:pulumi:STACK::PROJECT::…`). */
export const stackOf = (urn: string): string => /^urn:pulumi:(.*?)::/.exec(urn)?.[1] ?? "";

/**
 * Whether a stack is production: what its tag `environment` says, where it has one (`prod`, `production`); otherwise
 * whether its name is among the configured ones.
 */
export function isProduction(
  stack: string,
  tags: ReadonlyMap<string, string> | undefined,
  { productionStacks }: ProductionConfig,
): boolean {
  const tag = tags?.get("environment");
  if (tag !== undefined) return /^prod(uction)?$/i.test(tag);
  return productionStacks.some((name) => pattern(name).test(stack));
}
