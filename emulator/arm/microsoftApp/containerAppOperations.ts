import type { JsonObject } from "../../../azure/wire/jsonObject";
import type { Operation, Request, Response } from "../../kernel/operation";
import type { ArmDependencies } from "../armDependencies";
import { NAME, objectAt, readBody, resourceOf } from "../armRequest";
import { identityBody } from "../microsoftManagedIdentity/managedIdentity";
import { commonBody, type Resource } from "../microsoftResources/resourceStore";
import { trackedResource } from "../trackedResource";
import { APP_TYPE, appOperations, provisioningState, removed, stored, withoutNulls } from "./appResource";
import { checkContainerApp, namedSecrets } from "./containerAppRules";
import { defaultDomain, environmentOf } from "./managedEnvironmentOperations";

/** What GET of every app says: the definition is kept, and nothing runs. */
const NOT_RUN = "NotEmulated: the local Azure keeps the definition of the container app and runs no containers.";

/** The host name of an app with ingress: inside of the environment only, unless the ingress is external. */
const fqdnOf = (name: string, environment: Resource, { external }: JsonObject): string =>
  `${name}.${external === true ? "" : "internal."}${defaultDomain(environment)}`;

/** `configuration` as Azure returns it: without the values of secrets. */
function configurationBody({ secrets, ingress, ...configuration }: JsonObject, fqdn: string): JsonObject {
  const named = namedSecrets(secrets);
  return {
    activeRevisionsMode: "Single",
    ...configuration,
    ...(named && { secrets: named }),
    ...(ingress !== undefined && { ingress: { ...(ingress as JsonObject), fqdn } }),
  };
}

/** A container app as GET, PUT and the lists return it. */
function appBody(resource: Resource, deps: ArmDependencies): JsonObject {
  const { kind, managedBy, revision, ...properties } = resource.properties;
  return {
    ...commonBody(resource, deps.subscriptionId),
    kind,
    managedBy,
    identity: identityBody(resource.identity, deps),
    properties: {
      ...properties,
      provisioningState: provisioningState(resource, deps),
      runningStatus: "Stopped",
      deploymentErrors: NOT_RUN,
      latestRevisionName: revision,
      outboundIpAddresses: [],
    },
  };
}

/** PUT of a container app. The values of its secrets are not stored: no container reads them. */
function createOrUpdate(request: Request, deps: ArmDependencies): Response {
  const name = request.params[NAME] ?? "";
  const body = readBody(request, "containerApps.containerApp");
  const before = resourceOf(request, APP_TYPE, deps);
  const planned = trackedResource(request, APP_TYPE, body, before, deps);
  const properties = withoutNulls(planned.properties) as JsonObject;
  const environmentId = properties.environmentId ?? properties.managedEnvironmentId;
  const environment = environmentOf(environmentId, deps);
  const [configuration, template] = [objectAt(properties, "configuration"), objectAt(properties, "template")];
  checkContainerApp(name, { configuration, template }, environment.properties);
  const { identity, key } = planned;
  const resource: Resource = {
    ...planned,
    identity: identity ?? { type: "None" },
    properties: {
      ...properties,
      environmentId,
      managedEnvironmentId: environmentId,
      configuration: configurationBody(configuration, fqdnOf(name, environment, objectAt(configuration, "ingress"))),
      kind: body.kind ?? undefined,
      managedBy: body.managedBy ?? undefined,
      revision: `${name}--${key.slice(0, 7)}`,
    },
  };
  return stored(request, resource, "containerapp", appBody, deps);
}

const remove = (request: Request, deps: ArmDependencies): Response => removed(request, APP_TYPE, "containerapp", deps);

/** Container apps (Azure REST API "Container Apps", 2025-02-02-preview): their definitions. No container runs. */
export const containerAppOperations = (deps: ArmDependencies): Operation[] =>
  appOperations(deps, {
    name: "ContainerApps",
    type: APP_TYPE,
    kind: "containerapp",
    bodyOf: appBody,
    createOrUpdate,
    remove,
  });
