import { VAULT_VERSION_ROWS } from "./apiVersionTable";
import type { ConformanceRequest, ConformanceRow } from "./conformanceRow";
import { VAULT_OBJECT_ROWS } from "./vaultObjectTable";

const apiVersion = "7.5";
const CERTIFICATES = "azure-sdk-for-python, recordings of azure-keyvault-certificates";
const KEYS = "azure-sdk-for-python, recordings of azure-keyvault-keys";

const post = (path: string, body: unknown = {}): ConformanceRequest => ({ method: "POST", path, apiVersion, body });
const get = (path: string): ConformanceRequest => ({ method: "GET", path, apiVersion });
const put = (path: string, body: unknown): ConformanceRequest => ({ method: "PUT", path, apiVersion, body });

const create = (policy: object = {}): ConformanceRequest =>
  post("/certificates/c/create", {
    policy: {
      issuer: { name: "Self" },
      key_props: { kty: "EC", crv: "P-256" },
      x509_props: { subject: "CN=device-01" },
      ...policy,
    },
  });
const issuer = { provider: "Test", org_details: { id: "org-1" } };

/** The data plane of Key Vault. */
export const VAULT_ROWS: readonly ConformanceRow[] = [
  ...VAULT_OBJECT_ROWS,
  ...VAULT_VERSION_ROWS,
  {
    name: "creating a certificate",
    source: CERTIFICATES,
    request: create(),
    status: 202,
    properties: { status: /^inProgress$/, csr: /^MII/, request_id: /^[0-9a-f]{32}$/ },
    headers: { "retry-after": /^10$/, location: /\/certificates\/c\/pending\?/ },
  },
  {
    name: "a key usage in another letter case",
    source: CERTIFICATES,
    request: create({ x509_props: { subject: "CN=device-01", key_usage: ["crlSign", "DigitalSignature"] } }),
    status: 202,
  },
  {
    name: "a certificate has its policy",
    source: CERTIFICATES,
    before: [create()],
    request: get("/certificates/c"),
    status: 200,
    properties: { policy: "object", pending: "object", "attributes.recoveryLevel": "string" },
  },
  {
    name: "a list of certificates has no recovery level",
    source: CERTIFICATES,
    before: [create()],
    request: get("/certificates"),
    status: 200,
    properties: {
      "value.0.id": /\/certificates\/c$/,
      "value.0.attributes.enabled": true,
      "value.0.attributes.recoveryLevel": "absent",
      "value.0.subject": /^$/,
    },
    differs:
      "Azure mostly leaves the subject empty and sometimes fills it; when is not documented. Here it is always empty.",
  },
  {
    name: "deleting a certificate returns its pending operation",
    source: CERTIFICATES,
    before: [create()],
    request: { method: "DELETE", path: "/certificates/c", apiVersion },
    status: 200,
    properties: { recoveryId: /\/deletedcertificates\/c$/, "pending.id": /\/certificates\/c\/pending$/ },
  },
  {
    name: "the organization of an issuer keeps its ID",
    source: CERTIFICATES,
    before: [put("/certificates/issuers/i", issuer)],
    request: {
      method: "PATCH",
      path: "/certificates/issuers/i",
      apiVersion,
      body: { org_details: { admin_details: [{ first_name: "A" }] } },
    },
    status: 200,
    properties: { "org_details.id": /^org-1$/, "org_details.admin_details.0.first_name": /^A$/ },
  },
  ...(["key", "secret"] as const).map(
    (kind): ConformanceRow => ({
      name: `recovering a ${kind} that is not deleted`,
      source: "recordings of azure-keyvault for Python",
      before: [kind === "key" ? post("/keys/k/create", { kty: "EC" }) : put("/secrets/k", { value: "s" })],
      request: post(`/deleted${kind}s/k/recover`),
      status: 400,
      code: "MethodNotAllowed.RequestNotAllowedOnNonDeletedObject",
    }),
  ),
  {
    name: "recovering a certificate that is not deleted",
    source: "recordings of azure-keyvault for Python",
    before: [create()],
    request: post("/deletedcertificates/c/recover"),
    status: 400,
    code: "MethodNotAllowed.RequestNotAllowedOnNonDeletedObject",
  },
  {
    name: "recovering what is not there",
    source: KEYS,
    request: post("/deletedkeys/k/recover"),
    status: 404,
    code: "KeyNotFound",
  },
  {
    name: "public_exponent is ignored",
    source: KEYS,
    request: post("/keys/k/create", { kty: "RSA", key_size: 2048, public_exponent: 3 }),
    status: 200,
    properties: { "key.e": /^AQAB$/ },
  },
  {
    name: "a rotation policy that only rotates also notifies",
    source: KEYS,
    before: [post("/keys/k/create", { kty: "EC" })],
    request: put("/keys/k/rotationpolicy", {
      lifetimeActions: [{ trigger: { timeAfterCreate: "P90D" }, action: { type: "rotate" } }],
    }),
    status: 200,
    properties: {
      "lifetimeActions.0.action.type": /^Rotate$/,
      "lifetimeActions.1.action.type": /^Notify$/,
      "lifetimeActions.1.trigger.timeBeforeExpiry": /^P30D$/,
    },
  },
  ...["0", "-1", "26", "5000", "many"].map(
    (size): ConformanceRow => ({
      name: `a list in pages of ${size}`,
      source: "7.5 secrets.json: maxresults is from 1 to 25; azure-cli#15382",
      request: { ...get("/secrets"), query: `maxresults=${size}` },
      status: 400,
      code: "BadParameter",
      differs: "Azure's clients of earlier years refuse it themselves; that the service does so, too, is a guess.",
    }),
  ),
  {
    name: "a list with a continuation that no list has returned",
    source: "guess",
    request: { ...get("/secrets"), query: "$skiptoken=AAAA" },
    status: 400,
    code: "BadParameter",
    differs: "No response of Azure is on record: 400 BadParameter is a guess.",
  },
  ...(["keys", "secrets", "certificates"] as const).map(
    (kind): ConformanceRow => ({
      name: `a damaged backup of ${kind}`,
      source: "recordings of azure-keyvault for Python",
      request: post(`/${kind}/restore`, { value: "AAAA" }),
      status: 400,
      code: "Malformed backup blob",
      differs: "A backup of Azure is damaged here too: only the local Azure that made a backup restores it.",
    }),
  ),
  {
    name: "a key in hardware, in a standard vault",
    source: "Azure documentation, About keys",
    request: post("/keys/k/create", { kty: "RSA-HSM" }),
    status: 400,
    code: "BadParameter",
    differs: "In a premium vault Azure creates it; the local Azure returns 501, because it has no hardware.",
  },
];
