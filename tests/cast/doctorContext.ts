import type {
  Arm,
  ArmResponse,
  DeploymentPlan,
  DoctorContext,
  ProbeResult,
  SignedIn,
  TlsPeer,
} from "../../doctor/doctorContext";

/** The time on every host. */
export const AZURE_TIME = new Date("2030-01-01T12:00:00Z");
export const SUBSCRIPTION = "22222222-2222-4222-8222-222222222222";
export const OTHER_TENANT = "99999999-9999-4999-8999-999999999999";

/** A reachable, trusted host of Azure. */
export const GOOD_HOST: TlsPeer = {
  reached: true,
  isTrusted: true,
  isPublic: true,
  topIssuer: "C=US, O=DigiCert Inc, CN=DigiCert Global Root G2",
  date: AZURE_TIME,
};

export const GOOD_PLAN: DeploymentPlan = {
  cloud: "public",
  location: "westeurope",
  resourceGroup: undefined,
  hub: undefined,
  hubSku: "S1",
  provisioningService: undefined,
  vault: undefined,
};

export const GOOD_SIGN_IN: SignedIn = {
  way: "az login",
  claims: { tid: "11111111-1111-4111-8111-111111111111", oid: "o-1", upn: "someone@example.com" },
  subscriptions: [
    {
      subscriptionId: SUBSCRIPTION,
      tenantId: "11111111-1111-4111-8111-111111111111",
      displayName: "Plant 4",
      state: "Enabled",
    },
  ],
};

/** ARM's responses by `METHOD path`; others are 404. */
export type ArmResponses = Readonly<Record<string, unknown>>;

/** ARM with nothing in the subscription, and everything allowed. */
export const GOOD_ARM: ArmResponses = {
  "GET /providers/Microsoft.Authorization/permissions": { value: [{ actions: ["*"], dataActions: ["*"] }] },
  "GET /providers/Microsoft.Devices": { registrationState: "Registered", resourceTypes: [] },
  "GET /providers/Microsoft.KeyVault": { registrationState: "Registered", resourceTypes: [] },
  "GET /providers/Microsoft.Devices/IotHubs": { value: [] },
  "GET /providers/Microsoft.Devices/provisioningServices": { value: [] },
};

/** ARM with these responses. An Error is thrown. */
export function fakeArm(responses: ArmResponses): Arm {
  return {
    subscriptionId: SUBSCRIPTION,
    async send(method, path): Promise<ArmResponse> {
      const found = responses[`${method} ${path}`];
      if (found instanceof Error) throw found;
      return found === undefined ? { status: 404, body: undefined } : { status: 200, body: found };
    },
  };
}

/** What a test overrides. */
export interface DoctorOverrides extends Partial<Omit<DoctorContext, "stack" | "probe" | "arm" | "signIn">> {
  readonly plan?: Partial<DeploymentPlan>;
  readonly stack?: DoctorContext["stack"];
  /** By `host:port`; default {@link GOOD_HOST}. */
  readonly hosts?: Readonly<Record<string, ProbeResult>>;
  readonly signedIn?: Partial<SignedIn> | Error;
  readonly armResponses?: ArmResponses;
}

/** A context without problems, except for what a test overrides. */
export function context(parts: DoctorOverrides = {}): DoctorContext {
  const { plan, hosts = {}, signedIn, armResponses, ...more } = parts;
  const signIn = async (): Promise<SignedIn> => {
    if (signedIn instanceof Error) throw signedIn;
    return { ...GOOD_SIGN_IN, ...signedIn };
  };
  return {
    env: {},
    now: () => AZURE_TIME,
    nodeVersion: "20.20.2",
    pulumi: async () => ({ version: "v3.256.0", notes: [] }),
    go: async () => undefined,
    localAzure: () => undefined,
    isLocalAzureStopped: async () => false,
    stack: async () => ({ name: "prod", plan: { ...GOOD_PLAN, ...plan } }),
    ...more,
    probe: async (host, port) => hosts[`${host}:${port}`] ?? GOOD_HOST,
    signIn,
    async arm() {
      const { subscriptions } = await signIn();
      return subscriptions.length === 1 ? fakeArm({ ...GOOD_ARM, ...armResponses }) : undefined;
    },
  };
}
