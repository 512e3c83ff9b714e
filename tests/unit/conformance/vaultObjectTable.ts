import type { ConformanceRequest, ConformanceRow, Form } from "./conformanceRow";

const apiVersion = "7.5";
const KEYS = "azure-sdk-for-js recordings of keyvault-keys";
const SECRETS = "azure-sdk-for-js recordings of keyvault-secrets";
const CERTIFICATES = "azure-sdk-for-python, recordings of azure-keyvault-certificates";
const AUTHENTICATION = "Azure documentation, Authentication, requests and responses; azure-sdk-for-js recordings";

const send = (method: string, path: string, body?: object): ConformanceRequest => ({ method, path, apiVersion, body });
const SECRET = send("PUT", "/secrets/s", { value: "v", contentType: "text/plain", tags: { a: "b" } });
const KEY = send("POST", "/keys/k/create", { kty: "EC" });
const CERTIFICATE = send("POST", "/certificates/c/create", {
  policy: { issuer: { name: "Self" }, key_props: { kty: "EC", crv: "P-256" }, x509_props: { subject: "CN=device-01" } },
});
const VERSION = /^https:\/\/vault-1\.vault\.azure\.net\/(keys|secrets|certificates)\/[a-z]\/[0-9a-f]{32}$/;
const NAME = /^https:\/\/vault-1\.vault\.azure\.net\/(keys|secrets|certificates)\/[a-z]$/;
const versionOf = (id: string): string => id.split("/").at(-1) ?? "";

const SECRET_ROWS: readonly ConformanceRow[] = [
  {
    name: "setting a secret",
    source: SECRETS,
    request: SECRET,
    status: 200,
    properties: {
      value: /^v$/,
      id: VERSION,
      contentType: /^text\/plain$/,
      tags: { is: { a: "b" } },
      "attributes.enabled": true,
      "attributes.created": "number",
      "attributes.recoveryLevel": /^Recoverable\+Purgeable$/,
      "attributes.exportable": "absent",
      managed: "absent",
    },
    headers: { "x-ms-keyvault-region": /./, "x-ms-request-id": /./, "cache-control": /no-cache/ },
  },
  {
    name: "a change of a secret returns no value",
    source: SECRETS,
    before: [SECRET],
    request: (earlier) => send("PATCH", `/secrets/s/${versionOf(earlier("").id)}`, { attributes: { enabled: false } }),
    status: 200,
    properties: { value: "absent", "attributes.enabled": false, contentType: /^text\/plain$/ },
  },
  {
    name: "a disabled secret",
    source: `${SECRETS}: CRUD, cannot get a disabled secret`,
    before: [SECRET, send("PATCH", "/secrets/s", { attributes: { enabled: false } })],
    request: send("GET", "/secrets/s"),
    status: 403,
    code: "Forbidden.SecretDisabled",
    properties: { "error.message": /^Operation get is not allowed on a disabled secret\.$/ },
  },
  {
    name: "a list of secrets",
    source: SECRETS,
    before: [SECRET],
    request: send("GET", "/secrets"),
    status: 200,
    properties: { "value.0.id": NAME, "value.0.value": "absent", "value.0.tags": { is: { a: "b" } }, nextLink: null },
  },
  {
    name: "deleting a secret",
    source: SECRETS,
    before: [SECRET],
    request: send("DELETE", "/secrets/s"),
    status: 200,
    properties: {
      recoveryId: /^https:\/\/vault-1\.vault\.azure\.net\/deletedsecrets\/s$/,
      deletedDate: "number",
      scheduledPurgeDate: "number",
      id: VERSION,
      value: "absent",
    },
  },
  {
    name: "setting a secret that is deleted",
    source: "Azure documentation, Key Vault REST API error codes: Conflict",
    before: [SECRET, send("DELETE", "/secrets/s")],
    request: SECRET,
    status: 409,
    code: "Conflict.ObjectIsDeletedButRecoverable",
  },
  {
    name: "purging a secret",
    source: SECRETS,
    before: [SECRET, send("DELETE", "/secrets/s")],
    request: send("DELETE", "/deletedsecrets/s"),
    status: 204,
  },
  {
    name: "recovering a secret",
    source: SECRETS,
    before: [SECRET, send("DELETE", "/secrets/s")],
    request: send("POST", "/deletedsecrets/s/recover"),
    status: 200,
    properties: { id: VERSION, recoveryId: "absent", value: "absent" },
  },
  {
    name: "a backup of a secret",
    source: SECRETS,
    before: [SECRET],
    request: send("POST", "/secrets/s/backup"),
    status: 200,
    properties: { value: /^[A-Za-z0-9_-]+$/ },
  },
];

const NOT_FOUND: readonly ConformanceRow[] = (
  [
    ["key", "/keys/none", "KeyNotFound"],
    ["secret", "/secrets/none", "SecretNotFound"],
    ["certificate", "/certificates/none", "CertificateNotFound"],
    ["deleted key", "/deletedkeys/none", "KeyNotFound"],
    ["deleted secret", "/deletedsecrets/none", "SecretNotFound"],
    ["deleted certificate", "/deletedcertificates/none", "CertificateNotFound"],
  ] as const
).map(([what, path, code]) => ({
  name: `a ${what} that does not exist`,
  source: `${KEYS}, ${SECRETS} and of keyvault-certificates`,
  request: send("GET", path),
  status: 404,
  code,
}));

const policy = (trigger: object, type: string, expiryTime?: string): ConformanceRequest =>
  send("PUT", "/keys/k/rotationpolicy", {
    lifetimeActions: [{ trigger, action: { type } }],
    attributes: expiryTime === undefined ? {} : { expiryTime },
  });
const NOTIFY = { trigger: { timeBeforeExpiry: "P30D" }, action: { type: "Notify" } };

const KEY_ROWS: readonly ConformanceRow[] = [
  {
    name: "a rotation policy by the time after the creation",
    source: `${KEYS}: rotation policy`,
    before: [KEY],
    request: policy({ timeAfterCreate: "P2M" }, "Rotate"),
    status: 200,
    properties: {
      id: /\/keys\/k\/rotationpolicy$/,
      lifetimeActions: { is: [{ trigger: { timeAfterCreate: "P2M" }, action: { type: "Rotate" } }, NOTIFY] },
      "attributes.expiryTime": "absent",
      "attributes.created": "number",
      "attributes.updated": "number",
    },
  },
  {
    name: "a rotation policy by the time before the expiry",
    source: `${KEYS}: rotation policy`,
    before: [KEY],
    request: policy({ timeBeforeExpiry: "P30D" }, "Rotate", "P90D"),
    status: 200,
    properties: {
      lifetimeActions: { is: [{ trigger: { timeBeforeExpiry: "P30D" }, action: { type: "Rotate" } }, NOTIFY] },
      "attributes.expiryTime": /^P90D$/,
    },
  },
  {
    name: "a rotation policy that only notifies",
    source: `${KEYS}: rotation policy`,
    before: [KEY],
    request: policy({ timeBeforeExpiry: "P30D" }, "Notify", "P90D"),
    status: 200,
    properties: { lifetimeActions: { is: [NOTIFY] } },
  },
  {
    name: "a key is rotated",
    source: `${KEYS}: rotate key`,
    before: [KEY],
    request: send("POST", "/keys/k/rotate"),
    status: 200,
    properties: { "key.kid": VERSION, "key.kty": /^EC$/, "attributes.enabled": true },
  },
  {
    name: "a release policy of a key that is not exportable",
    source: `${KEYS}: policy of a non-exportable key; azure-cli#28288`,
    request: send("POST", "/keys/k/create", { kty: "RSA", release_policy: { data: "eyJ2ZXJzaW9uIjoiMS4wLjAifQ" } }),
    status: 400,
    code: "BadParameter",
    properties: { "error.message": /^AKV\.SKR\.1005: / },
  },
  {
    name: "an exportable key in a standard vault",
    source: "azure-sdk-for-java#23276",
    request: send("POST", "/keys/k/create", { kty: "RSA", attributes: { exportable: true } }),
    status: 400,
    code: "BadParameter",
    properties: { "error.message": /^AKV\.SKR\.1001: / },
  },
  {
    name: "a signature and its verification name the key's version",
    source: `${KEYS}: cryptography client`,
    before: [KEY],
    request: send("POST", "/keys/k/sign", { alg: "ES256", value: Buffer.alloc(32, 1).toString("base64url") }),
    status: 200,
    properties: { kid: VERSION, value: /^[A-Za-z0-9_-]{86}$/ },
  },
  {
    name: "a list of keys",
    source: KEYS,
    before: [KEY],
    request: send("GET", "/keys"),
    status: 200,
    properties: { "value.0.kid": NAME, "value.0.key": "absent", nextLink: null },
  },
  {
    name: "a list of a key's versions",
    source: KEYS,
    before: [KEY],
    request: send("GET", "/keys/k/versions"),
    status: 200,
    properties: { "value.0.kid": VERSION, "value.0.attributes.enabled": true, nextLink: null },
  },
];

const LEVELS: Readonly<Record<string, Form>> = {
  "value.0.attributes.enabled": true,
  "value.0.attributes.recoveryLevel": "absent",
  "value.0.attributes.recoverableDays": "absent",
};

const CERTIFICATE_ROWS: readonly ConformanceRow[] = [
  {
    name: "a version of a certificate has neither a policy nor a pending operation",
    source: CERTIFICATES,
    before: [CERTIFICATE, send("GET", "/certificates/c")],
    request: (earlier) => send("GET", `/certificates/c/${versionOf(earlier("").id)}`),
    status: 200,
    properties: { id: VERSION, cer: "string", x5t: "string", policy: "absent", pending: "absent" },
  },
  {
    name: "a list of a certificate's versions has no recovery level",
    source: CERTIFICATES,
    before: [CERTIFICATE],
    request: send("GET", "/certificates/c/versions"),
    status: 200,
    properties: { "value.0.id": VERSION, ...LEVELS },
  },
  {
    name: "a list of deleted certificates has no recovery level",
    source: CERTIFICATES,
    before: [CERTIFICATE, send("DELETE", "/certificates/c")],
    request: send("GET", "/deletedcertificates"),
    status: 200,
    properties: { "value.0.id": NAME, "value.0.recoveryId": "string", ...LEVELS },
  },
  {
    name: "the operation of a certificate, once it is complete",
    source: CERTIFICATES,
    before: [CERTIFICATE],
    request: send("GET", "/certificates/c/pending"),
    status: 200,
    properties: { status: /^completed$/, target: /\/certificates\/c$/, "issuer.name": /^Self$/, csr: /^MII/ },
  },
  {
    name: "the policy of a certificate",
    source: CERTIFICATES,
    before: [CERTIFICATE],
    request: send("GET", "/certificates/c/policy"),
    status: 200,
    properties: {
      id: /\/certificates\/c\/policy$/,
      "key_props.reuse_key": false,
      "lifetime_actions.0.action.action_type": /^AutoRenew$/,
      "x509_props.subject": /^CN=device-01$/,
      "attributes.enabled": true,
    },
  },
  {
    name: "an import of what is no certificate with its key",
    source: "azure-sdk-for-net, troubleshooting of Azure.Security.KeyVault.Certificates",
    request: send("POST", "/certificates/c/import", { value: "bm8=" }),
    status: 400,
    code: "BadParameter",
  },
];

const TOKEN_ROWS: readonly ConformanceRow[] = [
  {
    name: "a request without a token",
    source: AUTHENTICATION,
    request: { ...send("GET", "/secrets/s"), headers: { authorization: "" } },
    status: 401,
    code: "Unauthorized",
    properties: { "error.message": /^AKV10000: / },
    headers: {
      "www-authenticate":
        /^Bearer authorization="https:\/\/login\.microsoftonline\.com\/[0-9a-f-]{36}", resource="https:\/\/vault\.azure\.net"$/,
    },
  },
];

/** Keys, secrets and certificates of Key Vault as recorded traffic has them, beside `vaultTable.ts`. */
export const VAULT_OBJECT_ROWS: readonly ConformanceRow[] = [
  ...SECRET_ROWS,
  ...KEY_ROWS,
  ...CERTIFICATE_ROWS,
  ...NOT_FOUND,
  ...TOKEN_ROWS,
];
