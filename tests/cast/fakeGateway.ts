import { createHash } from "node:crypto";
import { AzureError } from "../../azure/clients/azureError";
import type { BulkRefusal } from "../../azure/clients/enrollmentListClient";
import { explain } from "../../azure/explain";
import type { CertificateResponse } from "../../azure/wire/dpsCertificate";
import type {
  AttestationMechanism,
  CertificateWithInfo,
  EnrollmentGroupBody,
  IndividualEnrollmentBody,
  PrimarySecondary,
} from "../../azure/wire/dpsEnrollment";
import type { RegistrationState } from "../../azure/wire/dpsRegistration";
import type { DeviceIdentity } from "../../azure/wire/hubIdentity";
import type { IotHubBody } from "../../azure/wire/iotHub";
import type { ProvisioningServiceBody } from "../../azure/wire/provisioningService";
import { type Certificate, readCertificate } from "../../certs/certificate";
import type { AzureGateway } from "../../providers/handlers/resource/azureGateway";
import { FakeVault } from "./fakeVault";

type Enrollment = EnrollmentGroupBody & IndividualEnrollmentBody;

/** The content of the fake Azure, and the requests to it. */
export interface FakeAzure {
  readonly certificates: Map<string, CertificateResponse>;
  /** Provisioning services by their ARM IDs. */
  readonly services: Map<string, ProvisioningServiceBody>;
  readonly enrollments: Map<string, Enrollment>;
  readonly registrations: Map<string, RegistrationState>;
  readonly identities: Map<string, DeviceIdentity>;
  readonly vault: FakeVault;
  /** Milliseconds that were waited, one after the other. */
  readonly pauses: number[];
  /** One line a request. */
  readonly calls: string[];
  /** Logged messages. */
  readonly messages: string[];
  /** The proofs that were given for verification. */
  readonly proofs: Certificate[];
  /** Hubs by their ARM IDs. */
  readonly hubs: Map<string, IotHubBody>;
  /** What the built-in endpoint of every hub has. */
  readonly events: { readonly deviceId: string; readonly messageId: string }[];
  /** Named calls that fail once with this status and code. */
  readonly failures: Map<string, { status: number; code: string }>;
  /** How many registrations the hub refuses to the provisioning service. */
  refusals: number;
  /** Where devices are assigned. */
  hub: string;
  /** How many ETags were given, and how many pairs of symmetric keys were made. */
  etags: number;
  keys: number;
  ids: number;
}

/** The moment that handlers live in. */
export const NOW = new Date("2026-03-01T12:00:00.000Z");

/** A new empty Azure in memory that keeps ETags as the real one does. */
export function fakeAzure(): FakeAzure {
  return {
    certificates: new Map(),
    services: new Map(),
    enrollments: new Map(),
    registrations: new Map(),
    identities: new Map(),
    vault: new FakeVault(),
    pauses: [],
    calls: [],
    messages: [],
    proofs: [],
    hubs: new Map(),
    events: [],
    failures: new Map(),
    refusals: 0,
    hub: "hub.azure-devices.net",
    etags: 0,
    keys: 0,
    ids: 0,
  };
}

const madeKey = (seed: string): string => createHash("sha256").update(seed).digest("base64");

const fail = (status: number, code: string): never => {
  throw new AzureError("dps", "do what the test asks", { status, code });
};

/** Symmetric keys are returned only on request. */
const withoutKeys = (body: Enrollment): Enrollment =>
  body.attestation.type === "symmetricKey" ? { ...body, attestation: { type: "symmetricKey" } } : body;

/** A gateway over the fake. */
export function fakeGateway(azure: FakeAzure): AzureGateway {
  const nextEtag = (): string => {
    azure.etags += 1;
    return `"e${azure.etags}"`;
  };
  const called = (call: string): void => {
    azure.calls.push(call);
    const failure = azure.failures.get(call);
    azure.failures.delete(call);
    if (failure) fail(failure.status, failure.code);
  };
  const madeKeys = () => {
    azure.keys += 1;
    return { primaryKey: madeKey(`primary ${azure.keys}`), secondaryKey: madeKey(`secondary ${azure.keys}`) };
  };
  const info = (certificate: string | undefined) => {
    if (certificate === undefined) return undefined;
    const { sha1Thumbprint, sha256Thumbprint } = readCertificate(certificate);
    const rest = { subjectName: "", issuerName: "", notBeforeUtc: "", notAfterUtc: "", serialNumber: "", version: 3 };
    return { info: { sha1Thumbprint, sha256Thumbprint, ...rest } };
  };
  const infos = (pair: PrimarySecondary<CertificateWithInfo> | undefined) => {
    const [primary, secondary] = [info(pair?.primary?.certificate), info(pair?.secondary?.certificate)];
    return { ...(primary ? { primary } : {}), ...(secondary ? { secondary } : {}) };
  };
  /** As the service gives it back: thumbprints in place of certificates, its own defaults and keys spelled out. */
  const stored = (body: Enrollment): Enrollment => {
    const { x509, ...rest } = body.attestation;
    const attestation: AttestationMechanism = {
      ...rest,
      ...(rest.symmetricKey && { symmetricKey: { ...madeKeys(), ...rest.symmetricKey } }),
      ...(x509 && {
        x509: {
          ...(x509.caReferences ? { caReferences: x509.caReferences } : {}),
          ...(x509.clientCertificates ? { clientCertificates: infos(x509.clientCertificates) } : {}),
          ...(x509.signingCertificates ? { signingCertificates: infos(x509.signingCertificates) } : {}),
        },
      }),
    };
    return {
      allocationPolicy: "hashed",
      ...body,
      attestation,
      etag: nextEtag(),
      createdDateTimeUtc: NOW.toISOString(),
    };
  };
  const enrollment = (kind: string, id: string) => {
    const key = `${kind}/${id}`.toLowerCase();
    return {
      get: async () => {
        called(`get ${key}`);
        const present = azure.enrollments.get(key);
        return present && withoutKeys(present);
      },
      attestation: async () => azure.enrollments.get(key)?.attestation,
      put: async (body: EnrollmentGroupBody | IndividualEnrollmentBody, etag?: string) => {
        called(`put ${key}`);
        const present = azure.enrollments.get(key);
        if (etag === undefined && present) return fail(409, "409201");
        if (etag !== undefined && etag !== "*" && etag !== present?.etag) return fail(412, "412001");
        const next = stored(body as Enrollment);
        azure.enrollments.set(key, next);
        return next;
      },
      delete: async () => {
        called(`delete ${key}`);
        azure.enrollments.delete(key);
      },
    };
  };
  const expect = (name: string, etag: string): CertificateResponse => {
    const present = azure.certificates.get(name);
    if (!present) return fail(404, "404015");
    if (present.etag !== etag) return fail(412, "PreconditionFailed");
    return present;
  };
  const change = (name: string, present: CertificateResponse, more: object): CertificateResponse => {
    const next = { ...present, etag: nextEtag(), properties: { ...present.properties, ...more } };
    azure.certificates.set(name, next);
    return next;
  };
  return {
    now: () => new Date(NOW.getTime() + azure.pauses.reduce((sum, pause) => sum + pause, 0)),
    log: (message) => void azure.messages.push(message),
    newId: () => {
      azure.ids += 1;
      return `id-${azure.ids}`;
    },
    pause: async (milliseconds) => {
      azure.pauses.push(milliseconds);
    },
    ...azure.vault.gateway(),
    certificate: (service, name) => ({
      get: async () => azure.certificates.get(name),
      put: async (pem, isVerified, etag) => {
        called(`put ${name}`);
        if (etag === undefined && azure.certificates.has(name)) return fail(412, "PreconditionFailed");
        if (etag !== undefined) expect(name, etag);
        const { sha1Thumbprint: thumbprint, subject, notAfter } = readCertificate(pem);
        const dates = { expiry: notAfter.toUTCString(), created: "", updated: "" };
        const properties = { subject, thumbprint, isVerified, ...dates };
        const id = `${service}/certificates/${name}`;
        const response = { id, name, type: "certificates", etag: nextEtag(), properties };
        azure.certificates.set(name, response);
        return response;
      },
      generateVerificationCode: async (etag) => {
        called(`code ${name}`);
        const verificationCode = createHash("sha256").update(etag).digest("hex").slice(0, 48).toUpperCase();
        return change(name, expect(name, etag), { verificationCode });
      },
      verify: async (pem, etag) => {
        called(`verify ${name}`);
        const present = expect(name, etag);
        azure.proofs.push(readCertificate(pem));
        return change(name, present, { isVerified: true });
      },
      delete: async (etag) => {
        called(`delete ${name}`);
        expect(name, etag);
        azure.certificates.delete(name);
      },
    }),
    provisioningService: (id) => ({
      get: async () => {
        called("get service");
        return azure.services.get(id);
      },
      put: async (body, etag) => {
        called("put service");
        if (etag !== azure.services.get(id)?.etag) return fail(412, "412001");
        azure.services.set(id, { ...body, etag: nextEtag() });
      },
    }),
    enrollmentGroup: (_endpoint, id) => enrollment("group", id),
    individualEnrollment: (_endpoint, id) => enrollment("individual", id),
    enrollmentList: () => ({
      run: async (mode, given) => {
        called(`bulk ${mode} ${given.map(({ registrationId }) => registrationId).join(" ")}`);
        const refused: BulkRefusal[] = [];
        for (const each of given) {
          const id = each.registrationId;
          const key = `individual/${id}`.toLowerCase();
          const present = azure.enrollments.get(key);
          const failure = azure.failures.get(`bulk ${id}`);
          azure.failures.delete(`bulk ${id}`);
          const isStale = mode === "updateIfMatchETag" && each.etag !== present?.etag;
          const code =
            failure?.code ??
            (mode === "create" ? present && "409201" : !present ? "404201" : isStale ? "409203" : undefined);
          if (code !== undefined) {
            const explanation = explain("dps", code, Number(code.slice(0, 3)));
            refused.push({ registrationId: id, code, said: `said ${code}`, explanation });
          } else if (mode === "delete") azure.enrollments.delete(key);
          else azure.enrollments.set(key, stored(each as Enrollment));
        }
        return refused;
      },
      page: async (size, continuation) => {
        called(`page ${continuation ?? ""}`.trimEnd());
        const all = [...azure.enrollments].filter(([key]) => key.startsWith("individual/")).sort();
        const start = Number(continuation ?? 0);
        const items = all.slice(start, start + size).map(([, body]) => withoutKeys(body));
        return start + size < all.length ? { items, continuation: String(start + size) } : { items };
      },
    }),
    registrationRecord: (_endpoint, id) => ({
      get: async () => azure.registrations.get(id),
      delete: async () => {
        called(`delete registration ${id}`);
        azure.registrations.delete(id);
      },
    }),
    identity: (hub, deviceId) => ({
      get: async () => azure.identities.get(`${hub}/${deviceId}`),
      setStatus: async (status, statusReason) => {
        called(`${status} device ${hub}/${deviceId}`);
        const present = azure.identities.get(`${hub}/${deviceId}`);
        if (present) azure.identities.set(`${hub}/${deviceId}`, { ...present, status, statusReason });
      },
      delete: async () => {
        called(`delete device ${hub}/${deviceId}`);
        azure.identities.delete(`${hub}/${deviceId}`);
      },
    }),
    twins: (hub) => ({
      page: async (size, continuation) => {
        called(`twins ${hub} ${continuation ?? ""}`.trimEnd());
        const all = [...azure.identities].filter(([key]) => key.startsWith(`${hub}/`)).map(([, identity]) => identity);
        const start = Number(continuation ?? 0);
        const items = all.slice(start, start + size).map(({ deviceId, authentication }) => {
          const x509Thumbprint = authentication?.x509Thumbprint;
          return { deviceId, ...(x509Thumbprint ? { x509Thumbprint } : {}) };
        });
        return start + size < all.length ? { items, continuation: String(start + size) } : { items };
      },
    }),
    iotHub: (id) => ({
      get: async () => {
        called(`hub ${id}`);
        return azure.hubs.get(id);
      },
      primaryKey: async (policy) => {
        called(`key ${policy} of ${id}`);
        return policy === "service" ? "the key of the policy" : undefined;
      },
    }),
    readMessages: async ({ path, consumerGroup }, sent, { timeoutMs }) => {
      called(`read ${path} ${consumerGroup} ${timeoutMs}`);
      const found = azure.events.filter((event) => sent.some((each) => each.messageId === event.messageId));
      return {
        messages: found.map((event, sequenceNumber) => ({
          ...event,
          partition: "2",
          sequenceNumber,
          enqueuedTime: NOW.toISOString(),
        })),
        partitions: ["0", "1", "2", "3"],
        seen: azure.events.length,
      };
    },
    asDevice: (transport, _credentials, work) =>
      work({
        register: async (_endpoint, _scope, registrationId) => {
          called(`register ${registrationId}${transport === "https" ? "" : ` over ${transport}`}`);
          if (azure.refusals > 0) {
            azure.refusals -= 1;
            const [status, code, innerCode] = [200, "401002", "IotHubUnauthorizedAccess"];
            throw new AzureError("dpsDevice", "register", { status, code, innerCode });
          }
          const state = {
            registrationId,
            deviceId: registrationId,
            assignedHub: azure.hub,
            status: "assigned" as const,
          };
          azure.registrations.set(registrationId, state);
          azure.identities.set(`${azure.hub}/${registrationId}`, { deviceId: registrationId, status: "enabled" });
          return state;
        },
        sendTelemetry: async (hub, deviceId, message, messageId) => {
          called(`send ${hub}/${deviceId} ${JSON.stringify(message)}`);
          azure.events.push({ deviceId, messageId });
          return ({ https: 204, mqtt: "PUBACK", amqp: "accepted" } as const)[transport];
        },
      }),
  };
}

/** A gateway that loses its access to the vault at the nth request for secrets. */
export function shutFrom(azure: FakeAzure, nth: number): AzureGateway {
  const gateway = fakeGateway(azure);
  let asked = 0;
  const vaultSecrets = (uri: string) => {
    asked += 1;
    if (asked === nth) azure.vault.forbidden = Number.POSITIVE_INFINITY;
    return gateway.vaultSecrets(uri);
  };
  return { ...gateway, vaultSecrets };
}
