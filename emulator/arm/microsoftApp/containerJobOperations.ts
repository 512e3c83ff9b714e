import type { JsonObject } from "../../../azure/wire/jsonObject";
import type { Operation, Request, Response } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { frontError } from "../armErrors";
import { listResponse } from "../armList";
import { armOperations } from "../armOperations";
import { existingResource, NAME, objectAt, RESOURCE_GROUP_PATH, readBody, resourceOf } from "../armRequest";
import { identityBody } from "../microsoftManagedIdentity/managedIdentity";
import { commonBody, type Resource } from "../microsoftResources/resourceStore";
import { trackedResource } from "../trackedResource";
import { appOperations, JOB_TYPE, provisioningState, removed, stored, withoutNulls } from "./appResource";
import { checkDefinition, namedSecrets } from "./containerAppRules";
import { environmentOf } from "./managedEnvironmentOperations";

/** The member of `configuration` that belongs to each trigger. */
const TRIGGERS: Readonly<Record<string, string>> = Object.freeze({
  manual: "manualTriggerConfig",
  schedule: "scheduleTriggerConfig",
  event: "eventTriggerConfig",
});

/** A manual trigger may leave its configuration out, and has one replica then; the others need theirs. Throws 400 (the codes are guesses). */
function checkTrigger(configuration: JsonObject): void {
  const trigger = String(configuration.triggerType).toLowerCase();
  const wanted = TRIGGERS[trigger] ?? "";
  if (trigger !== "manual" && configuration[wanted] === undefined) {
    const message = `A job with the trigger type '${trigger}' must have a '${wanted}'.`;
    throw frontError(400, "ContainerAppJobTriggerConfigRequired", message);
  }
  const { parallelism, replicaCompletionCount } = objectAt(configuration, wanted);
  const { replicaTimeout, replicaRetryLimit } = configuration;
  const wrong = Object.entries({ parallelism, replicaCompletionCount, replicaTimeout }).find(
    ([, count]) => count !== undefined && Number(count) < 1,
  );
  const name = wrong?.[0] ?? (Number(replicaRetryLimit ?? 0) < 0 ? "replicaRetryLimit" : undefined);
  if (name !== undefined) throw frontError(400, "ContainerAppJobInvalid", `The value of '${name}' is too small.`);
}

/** A job as GET, PUT and the lists return it. */
const jobBody = (resource: Resource, deps: ArmDependencies): JsonObject => ({
  ...commonBody(resource, deps.subscriptionId),
  identity: identityBody(resource.identity, deps),
  properties: {
    ...resource.properties,
    provisioningState: provisioningState(resource, deps),
    runningState: "Ready",
    outboundIpAddresses: [],
  },
});

/** PUT of a job. The values of its secrets are not stored: no container reads them. */
function createOrUpdate(request: Request, deps: ArmDependencies): Response {
  const body = readBody(request, "containerApps.job");
  const before = resourceOf(request, JOB_TYPE, deps);
  const planned = trackedResource(request, JOB_TYPE, body, before, deps);
  const properties = withoutNulls(planned.properties) as JsonObject;
  environmentOf(properties.environmentId, deps);
  const [configuration, template] = [objectAt(properties, "configuration"), objectAt(properties, "template")];
  checkDefinition(request.params[NAME] ?? "", { configuration, template });
  checkTrigger(configuration);
  const secrets = namedSecrets(configuration.secrets);
  const resource: Resource = {
    ...planned,
    identity: planned.identity ?? { type: "None" },
    properties: { ...properties, configuration: { ...configuration, ...(secrets && { secrets }) } },
  };
  return stored(request, resource, "containerappsjob", jobBody, deps);
}

const remove = (request: Request, deps: ArmDependencies): Response =>
  removed(request, JOB_TYPE, "containerappsjob", deps);

/** The executions of a job: none, because no container runs, and its start is not emulated. */
function listExecutions(request: Request, deps: ArmDependencies): Response {
  existingResource(request, JOB_TYPE, deps);
  return listResponse(request, []);
}

/** Container Apps jobs (Azure REST API "Jobs" and "Jobs Executions", 2025-02-02-preview): their definitions. */
export const containerJobOperations = (deps: ArmDependencies): Operation[] => [
  ...appOperations(deps, {
    name: "Jobs",
    type: JOB_TYPE,
    kind: "containerappsjob",
    bodyOf: jobBody,
    createOrUpdate,
    remove,
  }),
  ...armOperations(deps, [
    ["JobsExecutions_List", "GET", `${RESOURCE_GROUP_PATH}/providers/${JOB_TYPE}/:${NAME}/executions`, listExecutions],
  ]),
];
