import { createSas } from "../../azure/sas";
import type { Certificate } from "../../certs/certificate";
import { DAY_MS } from "../../certs/clock";
import type { PostJson } from "../../emulator/dps/allocation/postJson";
import { DPS_LIMITS, type DpsLimits } from "../../emulator/dps/dpsLimits";
import { type DpsService, dpsService } from "../../emulator/dps/dpsService";
import { type HubService, hubService } from "../../emulator/hub/hubService";
import type { SendBlobRequest } from "../../emulator/kernel/blobRequests";
import { Database } from "../../emulator/kernel/database";
import type {
  CaCertificateRecord,
  Directory,
  EventsAddress,
  HubRecord,
  LinkedHub,
  ProvisioningServiceRecord,
  SharedAccessPolicy,
  TokenValidator,
} from "../../emulator/kernel/directory";
import { type Operation, type Request, type Response, WireError } from "../../emulator/kernel/operation";
import { countedIds, HandClock } from "./testDependencies";

/** Base64 of a key. */
export const keyOf = (text: string): string => Buffer.from(text.padEnd(32, ".")).toString("base64");

const policy = (keyName: string, ...rights: string[]): SharedAccessPolicy => ({
  keyName,
  primaryKey: keyOf(`${keyName}-primary`),
  secondaryKey: keyOf(`${keyName}-secondary`),
  rights,
});

/** A linked hub with Azure's defaults. */
export const link = (name: string, more: Partial<LinkedHub> = {}): LinkedHub => ({
  hostName: `${name}.azure-devices.net`,
  location: "westeurope",
  applyAllocationPolicy: true,
  allocationWeight: 1,
  isOpen: true,
  ...more,
});

const hub = (name: string): HubRecord => ({
  key: `hub-key-${name}`,
  id: `/hubs/${name}`,
  name,
  hostName: `${name}.azure-devices.net`,
  policies: [
    policy("iothubowner", "RegistryRead", "RegistryWrite", "ServiceConnect", "DeviceConnect"),
    policy("registryRead", "RegistryRead"),
    policy("device", "DeviceConnect"),
  ],
  refusesDeviceSas: false,
  refusesModuleSas: false,
  activeJobLimit: Number.POSITIVE_INFINITY,
  partitionCount: 4,
  routing: {
    routes: [],
    fallback: { source: "DeviceMessages", condition: "true", endpointNames: ["events"], isEnabled: true },
    enrichments: [],
  },
  events: { host: `iothub-ns-${name}-1.servicebus.windows.net`, path: name, retentionMs: DAY_MS },
  fileUpload: { notifies: false, notifications: { lockMs: 60_000, ttlMs: 3_600_000, maxDeliveryCount: 10 } },
  cloudToDevice: {
    defaultTtlMs: 3_600_000,
    maxDeliveryCount: 10,
    feedback: { lockMs: 60_000, ttlMs: 3_600_000, maxDeliveryCount: 10 },
  },
});

/** A fake of ARM's directory: the provisioning service `dps-1` linked to `hub-1`; tests may change it. */
export class FakeDirectory implements Directory {
  service: ProvisioningServiceRecord = {
    key: "dps-key-1",
    id: "/services/dps-1",
    name: "dps-1",
    idScope: "0ne00000001",
    allocationPolicy: "Hashed",
    linkedHubs: [link("hub-1")],
    policies: [
      policy("provisioningserviceowner", "ServiceConfig", "DeviceConnect", "EnrollmentWrite"),
      policy("writer", "EnrollmentWrite"),
      policy("reader", "EnrollmentRead", "RegistrationStatusRead"),
      policy("config", "ServiceConfig"),
    ],
  };
  hubs: readonly HubRecord[] = [hub("hub-1"), hub("hub-2")];
  /** Managed identities of hubs, by the hub's key and `SystemAssigned` or an ARM ID. */
  identities: Readonly<Record<string, { readonly objectId: string; readonly clientId: string }>> = {};
  /** Parts of `action scope` that no principal may do. */
  denied: readonly string[] = [];
  caCertificates: readonly CaCertificateRecord[] = [];
  readonly #listeners: Parameters<Directory["onRemoved"]>[0][] = [];

  provisioningService(name: string): ProvisioningServiceRecord | undefined {
    return name === this.service.name ? this.service : undefined;
  }

  provisioningServiceByIdScope(idScope: string): ProvisioningServiceRecord | undefined {
    return idScope === this.service.idScope ? this.service : undefined;
  }

  certificates(): readonly CaCertificateRecord[] {
    return this.caCertificates;
  }

  hub(hostName: string): HubRecord | undefined {
    return this.hubs.find((each) => each.hostName === hostName);
  }

  hubByKey(key: string): HubRecord | undefined {
    return this.hubs.find((each) => each.key === key);
  }

  hubsWithEvents({ host, path }: Partial<EventsAddress>): readonly HubRecord[] {
    return this.hubs.filter(
      ({ events }) => (host ?? events.host) === events.host && (path ?? events.path) === events.path,
    );
  }

  hasConsumerGroup(_hubKey: string, name: string): boolean {
    return ["$default", "second"].includes(name.toLowerCase());
  }

  /** Every principal may do everything, but what tests take away. */
  allows(_objectId: string, scope: string, dataAction: string): boolean {
    return !this.denied.some((each) => `${dataAction} ${scope}`.includes(each));
  }

  hubIdentity(hubKey: string, userAssigned = "SystemAssigned") {
    return this.identities[`${hubKey} ${userAssigned}`];
  }

  storageScope(account: string, container?: string): string {
    return `/accounts/${account}${container === undefined ? "" : `/${container}`}`;
  }

  onRemoved(listener: Parameters<Directory["onRemoved"]>[0]): void {
    this.#listeners.push(listener);
  }

  /** As when ARM removes it. */
  remove(kind: "hub" | "provisioningService", key: string): void {
    for (const listener of this.#listeners) listener(kind, key);
  }

  /** Uploads a CA certificate. */
  trust(name: string, certificate: Certificate, isVerified = true): void {
    this.caCertificates = [...this.caCertificates, { name, der: certificate.raw, isVerified }];
  }
}

/** Accepts the bearer token `good@AUDIENCE` for that audience; refuses others with a reason. */
export const fakeTokens: TokenValidator = {
  validate(bearer, audiences) {
    const [word, audience] = bearer.split("@");
    if (word === "good" && audiences.includes(audience ?? "")) {
      return { ok: true, principal: { tenantId: "t", objectId: "o", clientId: "c" } };
    }
    return { ok: false, reason: word === "expired" ? "expired" : word === "good" ? "audience" : "signature" };
  },
};

/** A test's request to an operation. */
export interface TestRequest {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly raw?: Buffer;
  /** What the client presented in TLS, leaf first. */
  readonly chain?: readonly Certificate[];
  readonly host?: string;
  readonly overMqtt?: true;
}

/** The response of an operation, or its error. */
export interface TestResponse {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
  readonly body: any;
  readonly headers: Readonly<Record<string, string>>;
}

export const DPS_HOST = "dps-1.azure-devices-provisioning.net";
export const GLOBAL_HOST = "global.azure-devices-provisioning.net";
export const HUB_HOST = "hub-1.azure-devices.net";

/** Returns a body as on the wire: without undefined members. */
const wireBody = (body: unknown): unknown =>
  typeof body === "object" && !Buffer.isBuffer(body) ? JSON.parse(JSON.stringify(body)) : body;

/** DPS and hubs over a store in memory, with no HTTP: operations are called by their names. */
export class DataPlane {
  readonly clock = new HandClock();
  readonly directory = new FakeDirectory();
  readonly database: Database;
  readonly switches = { throttling: false, realDelays: false };
  readonly hubs: HubService;
  readonly dps: DpsService;
  readonly #operations: ReadonlyMap<string, Operation>;

  /** `database`: that of an earlier process. `postJson` replaces the real webhook calls. */
  constructor({
    postJson,
    database,
    limits,
    warnOfRouting,
    sendBlobRequest,
  }: {
    readonly postJson?: PostJson;
    readonly database?: Database;
    readonly limits?: Partial<DpsLimits>;
    readonly warnOfRouting?: (detail: Readonly<Record<string, unknown>>) => void;
    readonly sendBlobRequest?: SendBlobRequest;
  } = {}) {
    this.database = database ?? new Database(":memory:");
    const services = { database: this.database, clock: this.clock, ids: countedIds(), switches: this.switches };
    const outside = { directory: this.directory, tokens: fakeTokens };
    const failed = (error: unknown): never => {
      throw error;
    };
    const issueToken = ({ objectId }: { readonly objectId: string }) => `of ${objectId}`;
    this.hubs = hubService(services, { ...outside, failed, warnOfRouting, sendBlobRequest, issueToken });
    this.dps = dpsService(services, {
      ...outside,
      identities: this.hubs.identities,
      ...(postJson ? { postJson } : {}),
      limits: { ...DPS_LIMITS, ...limits },
    });
    this.#operations = new Map(
      [...this.hubs.definition.operations, ...this.dps.definition.operations].map((each) => [each.name, each]),
    );
  }

  /** A signature of a policy, good for an hour. */
  sas(host: string, policyName: string, more: { readonly key?: string; readonly seconds?: number } = {}): string {
    const expiry = Math.floor(this.clock.now().getTime() / 1000) + (more.seconds ?? 3600);
    return createSas(host, more.key ?? keyOf(`${policyName}-primary`), expiry, policyName);
  }

  /** Returns all stored data, to check that nothing changed. */
  contents(): string {
    const tables = this.database.all(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    );
    return JSON.stringify(tables.map(({ name }) => [name, this.database.all(`SELECT * FROM ${String(name)}`)]));
  }

  /** Calls an operation as the owner of the service unless the headers say otherwise. */
  async ask(name: string, given: TestRequest = {}): Promise<TestResponse> {
    const operation = this.#operations.get(name);
    if (!operation) throw new Error(`no operation ${name}`);
    const service = this.dps.definition.operations.includes(operation);
    const device = name.startsWith("RuntimeRegistration");
    const host = given.host ?? (device ? GLOBAL_HOST : service ? DPS_HOST : HUB_HOST);
    const owner = service ? "provisioningserviceowner" : "iothubowner";
    const signed = device || given.chain !== undefined ? {} : { authorization: this.sas(host, owner) };
    const chain = (given.chain ?? []).map(({ raw }) => raw);
    const params = { idScope: this.directory.service.idScope, ...given.params };
    const path = operation.path.replace(/:(\w+)/g, (_, each: string) => params[each as keyof typeof params] ?? "");
    const request: Request = {
      method: operation.method,
      host,
      path,
      params,
      query: new Map(Object.entries({ "api-version": "2021-10-01", ...given.query })),
      headers: { ...signed, ...given.headers },
      body: given.body,
      raw: given.raw ?? Buffer.from(given.body === undefined ? "" : JSON.stringify(given.body)),
      clientChain: () => chain,
      ...(given.overMqtt ? { overMqtt: true } : {}),
    };
    try {
      const response: Response = await operation.handle(request);
      return { status: response.status, body: wireBody(response.body), headers: response.headers ?? {} };
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      const { complete } = service ? this.dps.definition : this.hubs.definition;
      const { status, body, headers } = complete?.(error, request) ?? error;
      return { status, body, headers };
    }
  }

  /** The device API's register. */
  register(id: string, chain: readonly Certificate[], more: TestRequest = {}): Promise<TestResponse> {
    return this.ask("RuntimeRegistration_RegisterDevice", {
      body: { registrationId: id },
      chain,
      ...more,
      params: { id, ...more.params },
    });
  }

  /** Registers and asks for the outcome. */
  async provision(id: string, chain: readonly Certificate[]): Promise<TestResponse> {
    const begun = await this.register(id, chain);
    if (begun.status !== 202) return begun;
    return this.ask("RuntimeRegistration_OperationStatusLookup", {
      params: { id, operationId: begun.body.operationId },
      chain,
    });
  }

  /** Creates an enrollment group with this signing certificate. */
  group(id: string, signer: Certificate, more: Readonly<Record<string, unknown>> = {}): Promise<TestResponse> {
    const signingCertificates = { primary: { certificate: signer.toPem() } };
    return this.ask("EnrollmentGroup_CreateOrUpdate", {
      params: { id },
      body: { enrollmentGroupId: id, attestation: { type: "x509", x509: { signingCertificates } }, ...more },
    });
  }

  /** Creates an individual enrollment with this leaf. */
  individual(id: string, leaf: Certificate, more: Readonly<Record<string, unknown>> = {}): Promise<TestResponse> {
    const clientCertificates = { primary: { certificate: leaf.toPem() } };
    return this.ask("IndividualEnrollment_CreateOrUpdate", {
      params: { id },
      body: { registrationId: id, attestation: { type: "x509", x509: { clientCertificates } }, ...more },
    });
  }
}
