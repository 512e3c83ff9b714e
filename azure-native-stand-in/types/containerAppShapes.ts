import {
  any,
  computed,
  decimal,
  flag,
  ids,
  integer,
  list,
  map,
  object,
  optional,
  required,
  text,
} from "../propertyShape";

const environmentVar = object({ name: optional(text), secretRef: optional(text), value: optional(text) });

const volumeMount = object({ mountPath: optional(text), subPath: optional(text), volumeName: optional(text) });

const containerResources = object({
  cpu: optional(decimal),
  ephemeralStorage: computed(text),
  gpu: optional(decimal),
  memory: optional(text),
});

const scaleRuleAuth = object({ secretRef: optional(text), triggerParameter: optional(text) });

const containerAppProbe = object({
  failureThreshold: optional(integer),
  httpGet: optional(
    object({
      host: optional(text),
      httpHeaders: optional(list(object({ name: required(text), value: required(text) }))),
      path: optional(text),
      port: required(integer),
      scheme: optional(text),
    }),
  ),
  initialDelaySeconds: optional(integer),
  periodSeconds: optional(integer),
  successThreshold: optional(integer),
  tcpSocket: optional(object({ host: optional(text), port: required(integer) })),
  terminationGracePeriodSeconds: optional(integer),
  timeoutSeconds: optional(integer),
  type: optional(text),
});

const scale = object({
  cooldownPeriod: optional(integer),
  maxReplicas: optional(integer),
  minReplicas: optional(integer),
  pollingInterval: optional(integer),
  rules: optional(
    list(
      object({
        azureQueue: optional(
          object({
            accountName: optional(text),
            auth: optional(list(scaleRuleAuth)),
            identity: optional(text),
            queueLength: optional(integer),
            queueName: optional(text),
          }),
        ),
        custom: optional(
          object({
            auth: optional(list(scaleRuleAuth)),
            identity: optional(text),
            metadata: optional(map(text)),
            type: optional(text),
          }),
        ),
        http: optional(
          object({ auth: optional(list(scaleRuleAuth)), identity: optional(text), metadata: optional(map(text)) }),
        ),
        name: optional(text),
        tcp: optional(
          object({ auth: optional(list(scaleRuleAuth)), identity: optional(text), metadata: optional(map(text)) }),
        ),
      }),
    ),
  ),
});

const ingress = object({
  additionalPortMappings: optional(
    list(object({ exposedPort: optional(integer), external: required(flag), targetPort: required(integer) })),
  ),
  allowInsecure: optional(flag),
  clientCertificateMode: optional(text),
  corsPolicy: optional(
    object({
      allowCredentials: optional(flag),
      allowedHeaders: optional(list(text)),
      allowedMethods: optional(list(text)),
      allowedOrigins: required(list(text)),
      exposeHeaders: optional(list(text)),
      maxAge: optional(integer),
    }),
  ),
  customDomains: optional(
    list(object({ bindingType: optional(text), certificateId: optional(text), name: required(text) })),
  ),
  exposedPort: optional(integer),
  external: optional(flag),
  fqdn: computed(text),
  ipSecurityRestrictions: optional(
    list(
      object({
        action: required(text),
        description: optional(text),
        ipAddressRange: required(text),
        name: required(text),
      }),
    ),
  ),
  stickySessions: optional(object({ affinity: optional(text) })),
  targetPort: optional(integer),
  targetPortHttpScheme: optional(text),
  traffic: optional(
    list(
      object({
        label: optional(text),
        latestRevision: optional(flag),
        revisionName: optional(text),
        weight: optional(integer),
      }),
    ),
  ),
  transport: optional(text),
});

const dapr = object({
  appHealth: optional(
    object({
      enabled: optional(flag),
      path: optional(text),
      probeIntervalSeconds: optional(integer),
      probeTimeoutMilliseconds: optional(integer),
      threshold: optional(integer),
    }),
  ),
  appId: optional(text),
  appPort: optional(integer),
  appProtocol: optional(text),
  enableApiLogging: optional(flag),
  enabled: optional(flag),
  httpMaxRequestSize: optional(integer),
  httpReadBufferSize: optional(integer),
  logLevel: optional(text),
  maxConcurrency: optional(integer),
});

const runtime = object({
  dotnet: optional(object({ autoConfigureDataProtection: optional(flag) })),
  java: optional(
    object({
      enableMetrics: optional(flag),
      javaAgent: optional(
        object({
          enabled: optional(flag),
          logging: optional(
            object({ loggerSettings: optional(list(object({ level: required(text), logger: required(text) }))) }),
          ),
        }),
      ),
    }),
  ),
});

const identitySettings = list(object({ identity: required(text), lifecycle: optional(text) }));

const registries = list(
  object({
    identity: optional(text),
    passwordSecretRef: optional(text),
    server: optional(text),
    username: optional(text),
  }),
);

const secrets = list(
  object({ identity: optional(text), keyVaultUrl: optional(text), name: optional(text), value: optional(text) }),
);

/** The `configuration` of a container app. */
export const containerAppConfiguration = object({
  activeRevisionsMode: optional(text),
  dapr: optional(dapr),
  identitySettings: optional(identitySettings),
  ingress: optional(ingress),
  maxInactiveRevisions: optional(integer),
  registries: optional(registries),
  revisionTransitionThreshold: optional(integer),
  runtime: optional(runtime),
  secrets: optional(secrets),
  service: optional(object({ type: required(text) })),
  targetLabel: optional(text),
});

/** The `identity` of a container app or a job. */
export const managedIdentity = object({
  principalId: computed(text),
  tenantId: computed(text),
  type: required(text),
  userAssignedIdentities: optional(ids),
});

/** What containers and initialization containers have. */
const container = {
  args: optional(list(text)),
  command: optional(list(text)),
  env: optional(list(environmentVar)),
  image: optional(text),
  imageType: optional(text),
  name: optional(text),
  resources: optional(containerResources),
  volumeMounts: optional(list(volumeMount)),
};

const containers = list(object({ ...container, probes: optional(list(containerAppProbe)) }));

const initContainers = list(object(container));

const volumes = list(
  object({
    mountOptions: optional(text),
    name: optional(text),
    secrets: optional(list(object({ path: optional(text), secretRef: optional(text) }))),
    storageName: optional(text),
    storageType: optional(text),
  }),
);

/** The `template` of a container app. */
export const containerAppTemplate = object({
  containers: optional(containers),
  initContainers: optional(initContainers),
  revisionSuffix: optional(text),
  scale: optional(scale),
  serviceBinds: optional(
    list(
      object({
        clientType: optional(text),
        customizedKeys: optional(map(text)),
        name: optional(text),
        serviceId: optional(text),
      }),
    ),
  ),
  terminationGracePeriodSeconds: optional(integer),
  volumes: optional(volumes),
});

const replicas = { parallelism: optional(integer), replicaCompletionCount: optional(integer) };

/** The `configuration` of a Container Apps job. */
export const jobConfiguration = object({
  eventTriggerConfig: optional(
    object({
      ...replicas,
      scale: optional(
        object({
          maxExecutions: optional(integer),
          minExecutions: optional(integer),
          pollingInterval: optional(integer),
          rules: optional(
            list(
              object({
                auth: optional(list(scaleRuleAuth)),
                identity: optional(text),
                metadata: optional(any),
                name: optional(text),
                type: optional(text),
              }),
            ),
          ),
        }),
      ),
    }),
  ),
  identitySettings: optional(identitySettings),
  manualTriggerConfig: optional(object(replicas)),
  registries: optional(registries),
  replicaRetryLimit: optional(integer),
  replicaTimeout: required(integer),
  scheduleTriggerConfig: optional(object({ ...replicas, cronExpression: required(text) })),
  secrets: optional(secrets),
  triggerType: required(text),
});

/** The `template` of a Container Apps job. */
export const jobTemplate = object({
  containers: optional(containers),
  initContainers: optional(initContainers),
  volumes: optional(volumes),
});
