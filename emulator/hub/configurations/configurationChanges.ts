import type { HubDependencies } from "../hubDependencies";
import { checkIfMatch, hubError } from "../hubErrors";
import type { Configuration, ConfigurationDraft } from "./configurationStore";

type Dependencies = Pick<HubDependencies, "configurations">;

/** Most configurations of a hub (Azure documentation, "IoT Hub quotas and throttling"). */
const CONFIGURATION_LIMIT = 100;

/** Returns a configuration. Throws ConfigurationNotFound. */
export function existingConfiguration(hub: string, id: string, { configurations }: Dependencies): Configuration {
  const configuration = configurations.find(hub, id);
  if (!configuration) throw hubError("ConfigurationNotFound", id);
  return configuration;
}

/**
 * Creates a configuration without If-Match, or changes it: the content of a configuration never changes, and another one is ignored (measured on Azure, as
 * that an ETag without quotes is no precondition: mwalser/terraform-provider-iothub). Throws
 * ConfigurationAlreadyExists, ConfigurationNotFound, ConfigurationCountLimitExceeded or PreconditionFailed. Call it inside a transaction.
 */
export function saveConfiguration(
  hub: string,
  draft: ConfigurationDraft,
  ifMatch: string | undefined,
  deps: Dependencies,
): Configuration {
  const known = deps.configurations.find(hub, draft.id);
  if (ifMatch === undefined || (known && !/^(\*|".*")$/.test(ifMatch))) {
    if (known) throw hubError("ConfigurationAlreadyExists", `A configuration with ID '${draft.id}' exists already.`);
    if (deps.configurations.list(hub).length >= CONFIGURATION_LIMIT) {
      throw hubError("ConfigurationCountLimitExceeded", `a hub has at most ${CONFIGURATION_LIMIT} configurations`);
    }
    return deps.configurations.save(hub, draft);
  }
  const { etag, content } = existingConfiguration(hub, draft.id, deps);
  checkIfMatch(ifMatch, etag, "Configuration");
  return deps.configurations.save(hub, { ...draft, content });
}
