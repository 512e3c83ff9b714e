import { nameError } from "../../../azure/names";
import type { JsonObject } from "../../../azure/wire/jsonObject";
import { frontError } from "../armErrors";
import { objectAt } from "../armRequest";

/** What a container app or a job consists of. */
export interface Definition {
  readonly configuration: JsonObject;
  readonly template: JsonObject;
}

const objects = (value: unknown): readonly JsonObject[] => (Array.isArray(value) ? (value as JsonObject[]) : []);

/** The environments' default workload profile takes these, up to four cores (Azure documentation, "Containers – Configuration"). */
function checkResources(containers: readonly JsonObject[]): void {
  const sum = (read: (resources: JsonObject) => number) =>
    containers.reduce((total, each) => total + read(objectAt(each, "resources")), 0);
  const cpu = sum((resources) => Number(resources.cpu ?? 0.5));
  const memory = sum((resources) => Number(/^([\d.]+)Gi$/.exec(String(resources.memory ?? "1Gi"))?.[1] ?? Number.NaN));
  const isStep = cpu >= 0.25 && cpu <= 4 && Number.isInteger(cpu * 4);
  if (isStep && memory === 2 * cpu) return;
  const message = `The total requested CPU and memory resources for this application (CPU: ${cpu}, memory: ${memory}) is invalid. Total CPU and memory for all containers defined in a Container App must add up to one of the following CPU - Memory combinations: [cpu: 0.25, memory: 0.5Gi]; [cpu: 0.5, memory: 1.0Gi]; … [cpu: 4.0, memory: 8.0Gi]`;
  throw frontError(400, "ContainerAppInvalidResourceTotal", message);
}

/** Every reference to a secret names one of the app's. */
function checkSecrets({ configuration, template }: Definition): void {
  const secrets = objects(configuration.secrets);
  for (const { name, value, keyVaultUrl, identity } of secrets) {
    if (value !== undefined || (keyVaultUrl !== undefined && identity !== undefined)) continue;
    const message = `Invalid value for secret '${String(name)}': it has a value, or a keyVaultUrl and an identity.`;
    throw frontError(400, "ContainerAppSecretInvalid", message);
  }
  const names = secrets.map(({ name }) => name);
  const references = [
    ...objects(template.containers).flatMap(({ env }) => objects(env).map(({ secretRef }) => secretRef)),
    ...objects(template.volumes).flatMap(({ secrets: files }) => objects(files).map(({ secretRef }) => secretRef)),
    ...objects(configuration.registries).map(({ passwordSecretRef }) => passwordSecretRef),
  ];
  const missing = references.find((name) => name !== undefined && name !== "" && !names.includes(name));
  if (missing === undefined) return;
  throw frontError(400, "ContainerAppSecretRefNotFound", `SecretRef '${String(missing)}' not found.`);
}

/** A definition's secrets without their values, as Azure returns them; undefined without secrets. */
export const namedSecrets = (secrets: unknown): readonly JsonObject[] | undefined =>
  Array.isArray(secrets) ? secrets.map(({ value: _, ...secret }: JsonObject) => secret) : undefined;

/**
 * The rules of container apps and jobs that a schema cannot say: name, images, resources, secrets. Throws 400. Codes as in public
 * issues of azure-container-apps, except for `ContainerAppSecretInvalid`, a guess. Names of jobs follow the same rule
 * (Azure/azure-cli-extensions#5956).
 */
export function checkDefinition(name: string, { configuration, template }: Definition): void {
  if (nameError("containerApp", name)) {
    const message = `Invalid ContainerApp name '${name}'. A name must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character and cannot have '--'. The length must not be more than 32 characters.`;
    throw frontError(400, "ContainerAppInvalidName", message);
  }
  const containers = objects(template.containers);
  const unnamed = containers.find(({ image }) => image === undefined || image === "");
  if (containers.length === 0 || unnamed) {
    const message = `Container with name '${String(unnamed?.name ?? "")}' must have an 'Image' property specified.`;
    throw frontError(400, "ContainerAppImageRequired", message);
  }
  checkResources(containers);
  checkSecrets({ configuration, template });
}

/** The rules of a container app that a schema cannot say. Throws 400. */
export function checkContainerApp(name: string, definition: Definition, environment: JsonObject): void {
  checkDefinition(name, definition);
  const { external, transport } = objectAt(definition.configuration, "ingress");
  const { infrastructureSubnetId } = objectAt(environment, "vnetConfiguration");
  if (external === true && String(transport).toLowerCase() === "tcp" && infrastructureSubnetId === undefined) {
    const message =
      "Applications with external TCP ingress can only be deployed to Container App Environments that have a custom VNET. Set ingress traffic to 'Limited to Container Apps Environment' if you wish to deploy to a Container App Environment without a custom VNET.";
    throw frontError(400, "ContainerAppTcpRequiresVnet", message);
  }
}
