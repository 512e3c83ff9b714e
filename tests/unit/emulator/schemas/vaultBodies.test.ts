import { generateKeyPairSync } from "node:crypto";
import { issueRoot } from "../../../../certs/issue";
import { KeySigner } from "../../../../certs/signer";
import { type BodyRoute, describeBodies } from "../../../cast/bodyRoutes";
import { type ManagedVault, managedVault } from "../../../cast/managedVault";

const ALL = { keys: ["all", "rotate", "setrotationpolicy", "release"], secrets: ["all"], certificates: ["all"] };
const attributes = { enabled: true, nbf: 1, exp: 4_000_000_000 };
const keyAttributes = { ...attributes, exportable: false };
const tags = { a: "1" };
const policy = {
  attributes,
  issuer: { cert_transparency: false, cty: "OV-SSL", name: "Unknown" },
  key_props: { crv: "P-256", exportable: true, key_size: 256, kty: "EC", reuse_key: false },
  lifetime_actions: [{ action: { action_type: "EmailContacts" }, trigger: { lifetime_percentage: 80 } }],
  secret_props: { contentType: "application/x-pem-file" },
  x509_props: {
    basic_constraints: { ca: true, path_len_constraint: 0 },
    ekus: ["1.3.6.1.5.5.7.3.2"],
    key_usage: ["digitalSignature"],
    sans: { dns_names: ["a.example"], emails: ["a@a.example"], upns: ["a"] },
    subject: "CN=device-01",
    validity_months: 12,
  },
};
const jwk = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" });
const DIGEST = Buffer.alloc(32).toString("base64url");
/** What a policy's rules need of each other. */
const needed = [
  "lifetime_actions.0.trigger.lifetime_percentage",
  "x509_props.basic_constraints.ca",
  "x509_props.subject",
];
const ofPolicy = needed.map((path) => `policy.${path}`);
const key = ["key_props.crv", "key_props.kty"].map((path) => `policy.${path}`);
const noDays = "lifetime_actions.0.trigger.days_before_expiry";

describe("bodies of Key Vault's requests", () => {
  let vault: ManagedVault;
  let pem = "";
  let backedUp = "";
  before(async () => {
    vault = await managedVault(ALL);
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const keyPem = privateKey.export({ format: "pem", type: "pkcs8" }).toString();
    const signer = KeySigner.fromPem(keyPem);
    pem = keyPem + (await issueRoot({ commonName: "root", signer, clock: vault.shared.clock })).toPem();
    await vault.ask("POST", "/keys/ec/create", { kty: "EC" });
    await vault.ask("PUT", "/secrets/existing", { value: "a" });
    const backup = await vault.ask("POST", "/secrets/existing/backup");
    backedUp = (backup.body as { value: string }).value;
    await vault.ask("POST", "/certificates/self/create", { policy: { ...policy, issuer: { name: "Self" } } });
    await vault.ask("POST", "/certificates/pending/create", { policy });
  });
  after(() => vault.close());

  const to =
    (method: string, path: string): BodyRoute["send"] =>
    async (body) => {
      const response = await vault.ask(method, path, typeof body === "string" ? JSON.stringify(body) : body);
      return { status: response.status, code: (response.body as { error?: { code: string } }).error?.code };
    };
  const code = () => "BadParameter";

  const routes: readonly BodyRoute[] = [
    {
      schema: "keyVault.createKey",
      send: to("POST", "/keys/new/create"),
      example: () => ({
        attributes: keyAttributes,
        crv: "P-256",
        key_ops: ["sign"],
        key_size: 256,
        kty: "EC",
        public_exponent: 3,
        tags,
      }),
      code,
      absent: ["release_policy"],
      needs: ["kty"],
    },
    {
      schema: "keyVault.updateKey",
      send: to("PATCH", "/keys/ec"),
      example: () => ({ attributes: keyAttributes, key_ops: ["sign", "verify"], tags }),
      code,
      absent: ["release_policy"],
    },
    {
      schema: "keyVault.importKey",
      send: to("PUT", "/keys/imported"),
      example: () => ({
        Hsm: false,
        hsm: false,
        attributes: keyAttributes,
        key: { ...jwk, kid: "a", key_ops: ["sign"] },
        tags,
      }),
      code,
      absent: [
        "release_policy",
        ...["dp", "dq", "e", "k", "key_hsm", "n", "p", "q", "qi"].map((name) => `key.${name}`),
      ],
      needs: ["key.crv", "key.d", "key.kty", "key.x", "key.y"],
    },
    {
      schema: "keyVault.useKey",
      send: to("POST", "/keys/ec/sign"),
      example: () => ({ aad: "a", alg: "ES256", iv: "a", tag: "a", value: DIGEST }),
      code,
    },
    {
      schema: "keyVault.verify",
      send: to("POST", "/keys/ec/verify"),
      example: () => ({ alg: "ES256", digest: DIGEST, value: DIGEST }),
      code,
    },
    {
      schema: "keyVault.rotationPolicy",
      send: to("PUT", "/keys/ec/rotationpolicy"),
      example: () => ({
        attributes: { expiryTime: "P90D" },
        lifetimeActions: [{ action: { type: "Rotate" }, trigger: { timeAfterCreate: "P30D" } }],
      }),
      code,
      absent: ["lifetimeActions.0.trigger.timeBeforeExpiry"],
      needs: ["lifetimeActions.0.trigger.timeAfterCreate"],
    },
    {
      schema: "keyVault.setSecret",
      send: to("PUT", "/secrets/new"),
      example: () => ({ attributes, contentType: "text/plain", tags, value: "a" }),
      code,
    },
    {
      schema: "keyVault.updateSecret",
      send: to("PATCH", "/secrets/existing"),
      example: () => ({ attributes, contentType: "text/plain", tags }),
      code,
    },
    {
      schema: "keyVault.restore",
      send: to("POST", "/secrets/restore"),
      example: () => ({ value: backedUp }),
      code,
      // The secret exists.
      validStatus: 409,
    },
    {
      schema: "keyVault.createCertificate",
      send: to("POST", "/certificates/made/create"),
      example: () => ({
        attributes,
        policy: { ...policy, issuer: { ...policy.issuer, name: "Self" } },
        preserveCertOrder: true,
        tags,
      }),
      code,
      absent: [`policy.${noDays}`],
      needs: [...ofPolicy, ...key, "policy.issuer.name"],
    },
    {
      schema: "keyVault.importCertificate",
      send: to("POST", "/certificates/taken/import"),
      example: () => ({ attributes, policy, preserveCertOrder: true, pwd: "", tags, value: pem }),
      code,
      absent: [`policy.${noDays}`],
      needs: ofPolicy,
    },
    {
      schema: "keyVault.updateCertificate",
      send: to("PATCH", "/certificates/self"),
      example: () => ({ attributes, policy, tags }),
      code,
      absent: [`policy.${noDays}`],
      needs: ofPolicy,
    },
    {
      schema: "keyVault.certificatePolicy",
      send: to("PATCH", "/certificates/self/policy"),
      example: () => policy,
      code,
      absent: [noDays],
      needs: needed,
    },
    {
      schema: "keyVault.mergeCertificate",
      send: to("POST", "/certificates/pending/pending/merge"),
      example: () => ({ attributes, tags, x5c: ["AAAA"] }),
      code,
      // The text is no certificate, which is the same error.
      validStatus: 400,
    },
    {
      schema: "keyVault.updateCertificateOperation",
      send: to("PATCH", "/certificates/pending/pending"),
      example: () => ({ cancellation_requested: true }),
      code,
    },
    {
      schema: "keyVault.setContacts",
      send: to("PUT", "/certificates/contacts"),
      example: () => ({ contacts: [{ email: "a@a.example", name: "a", phone: "1" }] }),
      code,
    },
    {
      schema: "keyVault.issuer",
      send: to("PUT", "/certificates/issuers/issuer-1"),
      example: () => ({
        attributes: { enabled: true },
        credentials: { account_id: "a", pwd: "a" },
        org_details: { admin_details: [{ email: "a", first_name: "a", last_name: "a", phone: "1" }], id: "1" },
        provider: "DigiCert",
      }),
      code,
      needs: ["provider"],
    },
  ];
  describeBodies(routes, () => vault.contents());
});
