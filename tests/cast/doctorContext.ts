import type {
  Arm,
  ArmResponse,
  DeploymentPlan,
  DoctorContext,
  ProbeResult,
  SignedIn,
  TlsPeer,
} from "../../doctor/doctorContext";

/** The time on every host of the scene. */
export const AZURE_TIME = new Date("2030-01-01T12:00:00Z");
export const SUBSCRIPTION = "22222222-2222-4222-8222-222222222222";
export const OTHER_TENANT = "99999999-9999-4999-8999-999999999999";

/** A host of Azure's as it should be. */
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

/** Answers of ARM by `METHOD path`; what is not there is 404. */
export type ArmAnswers = Readonly<Record<string, unknown>>;

/** ARM with nothing in the subscription, and everything allowed. */
export const GOOD_ARM: ArmAnswers = {
  "GET /providers/Microsoft.Authorization/permissions": { value: [{ actions: ["*"], dataActions: ["*"] }] },
  "GET /providers/Microsoft.Devices": { registrationState: "Registered", resourceTypes: [] },
  "GET /providers/Microsoft.KeyVault": { registrationState: "Registered", resourceTypes: [] },
  "GET /providers/Microsoft.Devices/IotHubs": { value: [] },
  "GET /providers/Microsoft.Devices/provisioningServices": { value: [] },
};

/** ARM that gives these answers. One that is an Error is thrown. */
export function fakeArm(answers: ArmAnswers): Arm {
  return {
    subscriptionId: SUBSCRIPTION,
    async ask(method, path): Promise<ArmResponse> {
      const found = answers[`${method} ${path}`];
      if (found instanceof Error) throw found;
      return found === undefined ? { status: 404, body: undefined } : { status: 200, body: found };
    },
  };
}

/** What of a scene a test words itself. */
export interface SceneParts extends Partial<Omit<DoctorContext, "stack" | "probe" | "arm" | "signIn">> {
  readonly plan?: Partial<DeploymentPlan>;
  readonly stack?: DoctorContext["stack"];
  /** By `host:port`; others are as they should be. */
  readonly hosts?: Readonly<Record<string, ProbeResult>>;
  readonly signedIn?: Partial<SignedIn> | Error;
  readonly armAnswers?: ArmAnswers;
}

/** A scene on which nothing is wrong, but for what a test says. */
export function context(parts: SceneParts = {}): DoctorContext {
  const { plan, hosts = {}, signedIn, armAnswers, ...more } = parts;
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
      return subscriptions.length === 1 ? fakeArm({ ...GOOD_ARM, ...armAnswers }) : undefined;
    },
  };
}
