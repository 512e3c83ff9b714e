import type { JsonObject } from "../../../azure/wire/jsonObject";
import type { Operation, Request, Response } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { frontError } from "../armErrors";
import { NAME, objectAt, readBody, resourceOf } from "../armRequest";
import { identityBody } from "../microsoftManagedIdentity/managedIdentity";
import { armIdOf, commonBody, type Resource } from "../microsoftResources/resourceStore";
import { trackedResource } from "../trackedResource";
import {
  APP_TYPE,
  appOperations,
  ENVIRONMENT_TYPE,
  JOB_TYPE,
  provisioningState,
  removed,
  stored,
  withoutNulls,
} from "./appResource";

/** The members of a body that Azure does not return. */
const SECRET = ["daprAIConnectionString", "daprAIInstrumentationKey"];

/** The domain of an environment's apps: as Azure's, with a word of the local Azure and digits of its own. */
export const defaultDomain = ({ key, location }: Resource): string =>
  `local-${key.replaceAll("-", "").slice(0, 8)}.${location}.azurecontainerapps.io`;

/** The environment of an app or a job. Throws 400 (the code is a guess). */
export function environmentOf(id: unknown, deps: ArmDependencies): Resource {
  const wanted = String(id).toLowerCase();
  const found = deps.resources
    .list({ type: ENVIRONMENT_TYPE })
    .find((each) => armIdOf(each, deps.subscriptionId).toLowerCase() === wanted);
  if (found) return found;
  throw frontError(400, "ManagedEnvironmentNotFound", `The managed environment '${String(id)}' was not found.`);
}

/** An environment as GET, PUT and the lists return it. It has no address: the local Azure has no network. */
function environmentBody(resource: Resource, deps: ArmDependencies): JsonObject {
  const { kind, ...properties } = resource.properties;
  return {
    ...commonBody(resource, deps.subscriptionId),
    kind,
    identity: identityBody(resource.identity, deps),
    properties: {
      zoneRedundant: false,
      ...properties,
      provisioningState: provisioningState(resource, deps),
      defaultDomain: defaultDomain(resource),
      privateEndpointConnections: [],
    },
  };
}

/** The rules that a schema cannot say. The local Azure has no networks: it does not look for the subnet. Codes are guesses. */
function checkEnvironment(name: string, { vnetConfiguration }: JsonObject): void {
  if (!/^[A-Za-z][A-Za-z0-9-]{0,58}[A-Za-z0-9]$/.test(name)) {
    const message = `Invalid managed environment name '${name}': 2 to 60 letters, digits and hyphens, beginning with a letter and ending with a letter or digit.`;
    throw frontError(400, "ManagedEnvironmentInvalidName", message);
  }
  const { internal, infrastructureSubnetId } = objectAt({ vnetConfiguration }, "vnetConfiguration");
  if (internal !== true || typeof infrastructureSubnetId === "string") return;
  const message = "InfrastructureSubnetId must be provided when the environment is internal.";
  throw frontError(400, "ManagedEnvironmentInvalidNetworkConfiguration", message);
}

function createOrUpdate(request: Request, deps: ArmDependencies): Response {
  const body = readBody(request, "containerApps.managedEnvironment");
  const before = resourceOf(request, ENVIRONMENT_TYPE, deps);
  const planned = trackedResource(request, ENVIRONMENT_TYPE, body, before, deps);
  checkEnvironment(request.params[NAME] ?? "", planned.properties);
  const given = Object.entries(withoutNulls(planned.properties) as JsonObject);
  const properties = Object.fromEntries(given.filter(([key]) => !SECRET.includes(key)));
  const { logAnalyticsConfiguration, ...logs } = objectAt(properties, "appLogsConfiguration");
  const resource: Resource = {
    ...planned,
    properties: {
      ...properties,
      kind: body.kind ?? undefined,
      // Without the shared key.
      ...(properties.appLogsConfiguration !== undefined && { appLogsConfiguration: logs }),
    },
  };
  return stored(request, resource, "managedEnvironment", environmentBody, deps);
}

/** DELETE of an environment. Throws 409 while it has apps or jobs (the code is a guess). */
function remove(request: Request, deps: ArmDependencies): Response {
  const environment = resourceOf(request, ENVIRONMENT_TYPE, deps);
  const id = environment && armIdOf(environment, deps.subscriptionId).toLowerCase();
  const apps = [APP_TYPE, JOB_TYPE]
    .flatMap((type) => deps.resources.list({ type }))
    .filter(({ properties }) => String(properties.environmentId).toLowerCase() === id);
  if (apps.length > 0) {
    const message = `The environment '${request.params[NAME]}' cannot be deleted: it has the container apps or jobs ${apps.map(({ name }) => name).join(", ")}.`;
    throw frontError(409, "ManagedEnvironmentNotEmpty", message);
  }
  return removed(request, ENVIRONMENT_TYPE, "managedEnvironment", deps);
}

/** Environments of Container Apps (Azure REST API "Managed Environments", 2025-02-02-preview). They run nothing. */
export const managedEnvironmentOperations = (deps: ArmDependencies): Operation[] =>
  appOperations(deps, {
    name: "ManagedEnvironments",
    type: ENVIRONMENT_TYPE,
    kind: "managedEnvironment",
    bodyOf: environmentBody,
    createOrUpdate,
    remove,
  });
