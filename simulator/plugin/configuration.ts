import type { Account } from "./arm/transport";
import type { Fault } from "./validate";
import { isUnknown, open, type Properties } from "./values";

/** The provider's settings: its own configuration (`azure-native:location`) before the environment (`ARM_*`). */
export interface Configuration {
  /** For resources that name no location, before the resource group's. */
  readonly location: string | undefined;
  /** @throws {Error} naming every variable that is missing. */
  account(): Account;
  /** @throws {Error} when no subscription is configured. */
  subscriptionId(): string;
}

const VARIABLES = {
  subscriptionId: "ARM_SUBSCRIPTION_ID",
  tenantId: "ARM_TENANT_ID",
  clientId: "ARM_CLIENT_ID",
  clientSecret: "ARM_CLIENT_SECRET",
} as const;
type Setting = keyof typeof VARIABLES;

/** Settings of the genuine plugin that mean nothing here and do no harm. */
const HARMLESS = new Set(["version", "environment", "partnerId", "disablePulumiPartnerId", "pluginDownloadURL"]);
const HONOURED = new Set<string>([...Object.keys(VARIABLES), "location"]);

/** Reads the configuration; nothing is asked of anybody, and what is missing is said when it is needed. */
export function configuration(given: Properties, environment: NodeJS.ProcessEnv): Configuration {
  const text = (name: string): string | undefined => {
    const value = open(given[name] ?? null);
    return typeof value === "string" && value !== "" && !isUnknown(value) ? value : undefined;
  };
  const need = (names: readonly Setting[]): string[] => {
    const values = names.map((name) => text(name) ?? (environment[VARIABLES[name]] || undefined));
    const missing = names.filter((_, index) => values[index] === undefined).map((name) => VARIABLES[name]);
    if (missing.length > 0) {
      throw new Error(`${missing.join(", ")} not set; run: eval "$(npm run -s env)"`);
    }
    return values.map((value) => value ?? "");
  };
  return {
    location: text("location"),
    account() {
      const [tenantId = "", clientId = "", clientSecret = ""] = need(["tenantId", "clientId", "clientSecret"]);
      return { tenantId, clientId, clientSecret };
    },
    subscriptionId: () => need(["subscriptionId"])[0] ?? "",
  };
}

/** Settings that the stand-in does not honour, each with what to do. */
export function configurationFaults(given: Properties): Fault[] {
  return Object.keys(given)
    .filter((key) => !HONOURED.has(key) && !HARMLESS.has(key))
    .map((property) => ({
      property,
      reason: `'${property}' is not honoured by the stand-in azure-native plugin for the local Azure, which signs in with a client secret only`,
    }));
}
