import * as pulumi from "@pulumi/pulumi";
import { childName, containerAppName } from "./naming";

/** The containers that run the instances of an operator endpoint. */
export interface OperatorContainersArgs {
  /** The image that is built from `operator/container/Containerfile`, by its digest or tag. */
  image: pulumi.Input<string>;
  /** The host of a registry from which the identity pulls, such as `NAME.azurecr.io`. Default: a public image. */
  registry?: pulumi.Input<string>;
  /** The ID of the subnet, delegated to `Microsoft.App/environments`, in which the instances are reached. */
  subnetId: pulumi.Input<string>;
  /**
   * The resource ID of the key vault with the instances' keys, as secrets `operator-ztNN-host-key` (SSH, Ed25519) and
   * `operator-ztNN-instance-key` (Ed25519, PKCS#8), NN from 01 to 03.
   */
  keyVaultId: pulumi.Input<string>;
  /** The URL of the stack's Pulumi backend, such as `azblob://CONTAINER?storage_account=ACCOUNT`. The identity needs its data role there. */
  backendUrl: pulumi.Input<string>;
  /** The SSH public key of the first administrator, `operator`. */
  administratorKey: pulumi.Input<string>;
  /** The certificate of the support authority, PEM. Default: no session can be unlocked. */
  authority?: pulumi.Input<string>;
}

interface OperatorContainersInputs {
  readonly containers: OperatorContainersArgs;
  readonly resourceGroupName: pulumi.Input<string>;
  readonly location: pulumi.Input<string>;
  readonly tags?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  readonly identityId: pulumi.Output<string>;
  readonly clientId: pulumi.Output<string>;
  readonly subscriptionId: pulumi.Output<string>;
  readonly tenantId: pulumi.Output<string>;
  /** The URL of the blob container that the instances share. */
  readonly store: pulumi.Output<string>;
  /** The URL of the container to which transcripts are moved. */
  readonly transcripts: pulumi.Output<string>;
  readonly options: pulumi.CustomResourceOptions;
}

const INSTANCES = ["zt01", "zt02", "zt03"] as const;

/** The port in the container, and the first of those that clients connect to: one for each instance. */
const PORT = 2222;

/** Where the container finds its keys. */
const KEYS_FOLDER = "/run/operator-keys";

const load = () => require("@pulumi/azure-native/app") as typeof import("@pulumi/azure-native/app");

/**
 * Creates a Container Apps environment that only its virtual network reaches, and an app of one replica for each instance, each
 * with its own keys and port: a client that cannot connect to one instance connects to the next. Returns hosts with ports.
 */
export function createOperatorContainers(name: string, given: OperatorContainersInputs): pulumi.Output<string>[] {
  const { resourceGroupName, location, tags, options } = given;
  const environment = new (load().ManagedEnvironment)(
    childName(name, "operator-environment"),
    {
      resourceGroupName,
      location,
      tags,
      vnetConfiguration: { infrastructureSubnetId: given.containers.subnetId, internal: true },
      zoneRedundant: true,
    },
    options,
  );
  const apps = INSTANCES.map((instance, index) => {
    const exposedPort = PORT + index;
    const app = new (load().ContainerApp)(
      containerAppName(name, instance),
      {
        resourceGroupName,
        location,
        tags,
        managedEnvironmentId: environment.id,
        identity: { type: "UserAssigned", userAssignedIdentities: [given.identityId] },
        configuration: {
          activeRevisionsMode: "Single",
          // In an internal environment this is the virtual network, not the internet.
          ingress: { external: true, transport: "tcp", targetPort: PORT, exposedPort },
          registries: registriesOf(given),
          secrets: ["host-key", "instance-key"].map((key) => ({
            name: key,
            keyVaultUrl: pulumi
              .output(given.containers.keyVaultId)
              .apply((id) => secretUrl(id, `operator-${instance}-${key}`)),
            identity: given.identityId,
          })),
        },
        template: templateOf(given, instance),
      },
      options,
    );
    const host = app.configuration.apply((configuration) => configuration?.ingress?.fqdn ?? "");
    return { app, address: pulumi.interpolate`${host}:${exposedPort}` };
  });
  const errors = pulumi.all(apps.map(({ app }) => app.deploymentErrors));
  errors.apply((texts) => warnOnce(texts, environment));
  return apps.map(({ address }) => address);
}

/** Shows what Azure says of the deployment of apps, the same text once. */
function warnOnce(texts: readonly (string | undefined)[], resource: pulumi.Resource): void {
  for (const text of new Set(texts)) if (text) pulumi.log.warn(`Operator endpoint: ${text}`, resource);
}

function registriesOf({ containers: { registry }, identityId }: OperatorContainersInputs) {
  return registry === undefined ? undefined : [{ server: registry, identity: identityId }];
}

function templateOf(given: OperatorContainersInputs, instance: string) {
  const mount = { volumeName: "keys", mountPath: KEYS_FOLDER };
  const env = [
    { name: "OPERATOR_INSTANCE", value: instance },
    { name: "OPERATOR_PORT", value: String(PORT) },
    { name: "OPERATOR_STACK", value: pulumi.getStack() },
    { name: "OPERATOR_STORE", value: given.store },
    { name: "OPERATOR_TRANSCRIPTS", value: given.transcripts },
    { name: "OPERATOR_ADMINISTRATOR_KEY", value: given.containers.administratorKey },
    { name: "OPERATOR_AUTHORITY", value: given.containers.authority ?? "" },
    { name: "PULUMI_BACKEND_URL", value: given.containers.backendUrl },
    { name: "AZURE_CLIENT_ID", value: given.clientId },
    // The same identity for azure-native.
    { name: "ARM_USE_MSI", value: "true" },
    { name: "ARM_CLIENT_ID", value: given.clientId },
    { name: "ARM_SUBSCRIPTION_ID", value: given.subscriptionId },
    { name: "ARM_TENANT_ID", value: given.tenantId },
  ];
  return {
    containers: [
      {
        name: "operator",
        image: given.containers.image,
        env,
        resources: { cpu: 0.5, memory: "1Gi" },
        volumeMounts: [mount],
      },
    ],
    scale: { minReplicas: 1, maxReplicas: 1 },
    volumes: [
      {
        name: "keys",
        storageType: "Secret",
        secrets: [
          { secretRef: "host-key", path: "ssh_host_ed25519_key" },
          { secretRef: "instance-key", path: "instance.key" },
        ],
      },
    ],
  };
}

/** The URL of a secret's latest version in the vault with a resource ID. */
function secretUrl(keyVaultId: string, secret: string): string {
  return `https://${keyVaultId.split("/").at(-1)}.vault.azure.net/secrets/${secret}`;
}
