import type { Operation } from "../../kernel/operation";
import type { EntraDependencies } from "../entraDependencies";
import { discoverInstance } from "./discoverInstance";
import { getCloudMetadata } from "./getCloudMetadata";
import { getOpenIdConfiguration } from "./getOpenIdConfiguration";
import { getSigningKeys } from "./getSigningKeys";

/** The metadata that clients read before they sign in: cloud metadata, Entra's instance discovery, OpenID Connect Discovery 1.0. */
export const discoveryOperations = (deps: EntraDependencies): Operation[] =>
  [
    getCloudMetadata,
    discoverInstance,
    getOpenIdConfiguration("v2"),
    getOpenIdConfiguration("v1"),
    getSigningKeys("v2"),
    getSigningKeys("v1"),
  ].map((operation) => operation(deps));
