import { SETTING_VARIABLES, type SignIn, signInOf, signInSettings } from "../azure/clients/signIn";
import { isUnknown, type Properties, revealed } from "../plugin-protocol/propertyValue";
import type { CheckFailure } from "../plugin-protocol/resourceProvider";

/** The provider's settings: its own configuration (`azure-native:location`) before the environment (`ARM_*`). */
export interface Configuration {
  /** For resources that name no location, before the resource group's. */
  readonly location: string | undefined;
  /** @throws {Error} naming every variable that is missing of a way to sign in. */
  signIn(): SignIn;
  /** @throws {Error} when no subscription is configured. */
  subscriptionId(): string;
}

/** Settings of the genuine plugin that have no effect here and do no harm. */
const HARMLESS = new Set([
  "version",
  "environment",
  "partnerId",
  "disablePulumiPartnerId",
  "pluginDownloadURL",
  "disableInstanceDiscovery",
]);
const HONOURED = new Set<string>([...Object.keys(SETTING_VARIABLES), "subscriptionId", "location"]);

/** Reads the configuration without a request; what is missing is an error when it is needed. */
export function configuration(given: Properties, environment: NodeJS.ProcessEnv): Configuration {
  const text = (name: string): string | undefined => {
    const value = revealed(given[name] ?? null);
    if (typeof value === "boolean") return String(value);
    return typeof value === "string" && value !== "" && !isUnknown(value) ? value : undefined;
  };
  return {
    location: text("location"),
    signIn() {
      const configured = Object.keys(SETTING_VARIABLES).flatMap((name) => {
        const value = text(name);
        return value === undefined ? [] : [[name, value]];
      });
      return signInOf({ ...signInSettings(environment), ...Object.fromEntries(configured) });
    },
    subscriptionId() {
      const subscription = text("subscriptionId") ?? environment.ARM_SUBSCRIPTION_ID;
      if (subscription) return subscription;
      throw new Error('ARM_SUBSCRIPTION_ID not set; run: eval "$(npm run -s env)"');
    },
  };
}

/** A failure for each setting that the stand-in does not honour. */
export function configurationFailures(given: Properties): CheckFailure[] {
  return Object.keys(given)
    .filter((key) => !HONOURED.has(key) && !HARMLESS.has(key))
    .map((property) => ({
      property,
      reason: `'${property}' is not honoured by the stand-in azure-native plugin for the local Azure`,
    }));
}
