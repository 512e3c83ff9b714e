/** Which stacks are production. */
import { wildcard } from "../azure/wildcard";

/** Configuration of policies for production. */
export interface ProductionConfig {
  /** Names of stacks; `*` matches anything. */
  readonly productionStacks: readonly string[];
}

/** Default names of production stacks. */
export const PRODUCTION_STACKS: readonly string[] = Object.freeze(["prod", "production", "prod-*", "*-prod"]);

/** The stack's name in a URN (`urn:pulumi:STACK::PROJECT::…`). */
export const stackOf = (urn: string): string => /^urn:pulumi:(.*?)::/.exec(urn)?.[1] ?? "";

/**
 * Whether a stack is production: by its tag `environment` (`prod`, `production`) if it has one, otherwise by its name.
 */
export function isProduction(
  stack: string,
  tags: ReadonlyMap<string, string> | undefined,
  { productionStacks }: ProductionConfig,
): boolean {
  const tag = tags?.get("environment");
  if (tag !== undefined) return /^prod(uction)?$/i.test(tag);
  return productionStacks.some((name) => wildcard(name).test(stack));
}
