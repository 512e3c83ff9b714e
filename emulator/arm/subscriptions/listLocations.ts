import type { Operation } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { SUBSCRIPTION_PATH } from "../armPaths";
import { REGION_NAMES, regionTitle } from "../regions";

/** The regions in which both IoT Hub and DPS are available. */
export const listLocations = ({ subscriptionId }: ArmDependencies): Operation => ({
  name: "Subscriptions_ListLocations",
  method: "GET",
  path: `${SUBSCRIPTION_PATH}/locations`,
  handle() {
    const value = REGION_NAMES.map((name) => ({
      id: `/subscriptions/${subscriptionId}/locations/${name}`,
      name,
      type: "Region",
      displayName: regionTitle(name),
      regionalDisplayName: regionTitle(name),
      metadata: { regionType: "Physical" },
    }));
    return { status: 200, body: { value } };
  },
});
