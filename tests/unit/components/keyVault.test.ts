import { strict as assert } from "node:assert";
import * as pulumi from "@pulumi/pulumi";
import type { MockResourceArgs } from "@pulumi/pulumi/runtime";
import { CertificateAuthority } from "../../../components/certificateAuthority";
import { DeviceCertificate } from "../../../components/deviceCertificate";
import { EnrollmentGroup } from "../../../components/enrollmentGroup";
import { EnrollmentList } from "../../../components/enrollmentList";
import { IndividualEnrollment } from "../../../components/individualEnrollment";
import { KeyVault, type KeyVaultArgs } from "../../../components/keyVault";
import { roleAssignmentName, vaultNamePrefix } from "../../../components/naming";
import { createTrustedRoots } from "../../../components/trustedRoots";
import type { VaultUse } from "../../../components/vaultReference";
import { vaultObjectName } from "../../../providers/handlers/vault/vaultObjectNames";
import { type ResourceRequest, recordRequests } from "../../cast/resourceRequests";

type Props = Readonly<Record<string, unknown>>;

const CLIENT = { subscriptionId: "sub-1", tenantId: "tenant-1", objectId: "me-1", clientId: "app-1" };
const URI = "https://kv-1.vault.azure.net";
const service = { serviceEndpoint: "dps" };

const OUTPUTS: Readonly<Record<string, Record<string, unknown>>> = {
  "pulumi-nodejs:dynamic/iot:VaultName": { vaultName: "kv-1", createMode: "recover" },
  "azure-native:keyvault:Vault": { name: new URL(URI).hostname.split(".")[0], properties: { vaultUri: `${URI}/` } },
  "pulumi-nodejs:dynamic/iot:VaultAccess": { openUri: URI },
  "pulumi-nodejs:dynamic/iot:CertificateAuthority": {
    ...{ rootCertificate: "root pem", rootKeyId: `${URI}/keys/r/1`, rootNotAfter: "2099-01-01T00:00:00Z" },
    ...{ intermediateCertificate: "line pem", intermediateKeyId: `${URI}/keys/i/1` },
    intermediateNotAfter: "2099-01-01T00:00:00Z",
  },
  "pulumi-nodejs:dynamic/iot:VerifiedCertificate": { name: "root", isVerified: true },
  "pulumi-nodejs:dynamic/iot:EnrollmentGroup": { primaryKeyId: `${URI}/secrets/g-primary/1` },
  "pulumi-nodejs:dynamic/iot:IndividualEnrollment": { secondaryKeyId: `${URI}/secrets/i-secondary/1` },
  "pulumi-nodejs:dynamic/iot:DeviceCertificate": { secretId: `${URI}/secrets/d/1`, notAfter: "2099-01-01T00:00:00Z" },
};

const resolved = <T>(output: pulumi.Output<T>): Promise<T> =>
  new Promise((resolve) => {
    output.apply(resolve);
  });

describe("the key vault, against recorded resources", function () {
  this.timeout(120_000);
  const made: MockResourceArgs[] = [];
  let requests: readonly ResourceRequest[] = [];
  /** Ignored properties and former names of the last resource of a name; azure-native's own aliases have a type only. */
  const optionsOf = (name: string): readonly (readonly (string | undefined)[])[] => {
    const request = requests.filter((each) => each.getName() === name).at(-1);
    const aliases = request?.getAliasesList().map((alias) => alias.getSpec()?.getName());
    return [request?.getIgnorechangesList() ?? [], aliases?.filter(Boolean) ?? []];
  };
  const inputs = (name: string): Record<string, unknown> => made.find((each) => each.name === name)?.inputs ?? {};
  const types = (): string[] => made.map(({ type }) => type.split(":").at(-1) ?? "").sort();
  const vault = async (args: KeyVaultArgs): Promise<KeyVault> => {
    const component = new KeyVault("line", args);
    assert.equal(await resolved(component.uri), URI);
    return component;
  };
  const place = { resourceGroupName: "rg", location: "westeurope" };

  before(async function () {
    this.timeout(120_000);
    await pulumi.runtime.setMocks(
      {
        newResource(args) {
          made.push(args);
          return { id: `/id-of-${args.name}`, state: { ...args.inputs, ...OUTPUTS[args.type] } };
        },
        call: () => CLIENT,
      },
      "azure-iot-zero-touch",
      "dev",
      false,
      "organization",
    );
    requests = recordRequests();
  });

  beforeEach(() => {
    made.length = 0;
  });

  it("is made under its reserved name, as that says, with RBAC and purge protection", async () => {
    await vault({ ...place, name: "kv-1", tags: { team: "iot" } });
    const { __provider, ...name } = inputs("line-kv-name");
    assert.match(String(__provider), /vaultName/);
    assert.deepEqual(name, {
      ...{ subscriptionId: "sub-1", ...place, name: "kv-1" },
      ...{ namePrefix: "kv-line-", softDeleted: "recover", purgeProtection: true },
    });
    const { properties, ...around } = inputs("line-kv");
    assert.deepEqual(around, { ...place, vaultName: "kv-1", tags: { team: "iot" } });
    // The SDK adds its defaults, soft delete among them.
    const { tenantId, enableRbacAuthorization, enablePurgeProtection, enableSoftDelete, createMode } =
      properties as Props;
    assert.deepEqual([tenantId, createMode], ["tenant-1", "recover"]);
    assert.deepEqual([enableRbacAuthorization, enablePurgeProtection, enableSoftDelete], [true, true, true]);
  });

  it("says nothing of purge protection where there is none: Azure refuses `false`", async () => {
    await vault({ ...place, purgeProtection: false, softDeleted: "purge" });
    assert.ok(!("enablePurgeProtection" in (inputs("line-kv").properties as object)));
    assert.equal(inputs("line-kv-name").softDeleted, "purge");
  });

  it("gives this identity its roles under names that stay the same, and waits for them", async () => {
    await vault(place);
    const suffixes = ["kv-crypto-officer", "kv-certificates-officer", "kv-secrets-user"];
    const roles = suffixes.map((suffix) => inputs(`line-${suffix}`));
    for (const role of roles) {
      assert.deepEqual([role.scope, role.principalId], ["/id-of-line-kv", "me-1"]);
      const id = String(role.roleDefinitionId).split("/").at(-1) ?? "";
      assert.equal(role.roleAssignmentName, roleAssignmentName("/id-of-line-kv", "me-1", id));
    }
    assert.equal(new Set(roles.map(({ roleAssignmentName: name }) => name)).size, 3);
    const { vaultUri, grants } = inputs("line-kv-access");
    assert.deepEqual([vaultUri, grants], [URI, suffixes.map((suffix) => `/id-of-line-${suffix}`)]);
  });

  it("gives named principals their roles, whoever deploys", async () => {
    const principals = ["11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"];
    await vault({ ...place, uses: ["keys"], principals });
    for (const principal of principals) {
      const role = inputs(`line-kv-crypto-officer-${principal}`);
      assert.equal(role.principalId, principal);
    }
    assert.equal(types().filter((type) => type === "RoleAssignment").length, 2);
    assert.equal((inputs("line-kv-access").grants as unknown[]).length, 2);
  });

  it("shows no difference when another identity previews or deploys", async () => {
    await vault({ ...place, uses: ["keys"] });
    const [ignored] = optionsOf("line-kv-crypto-officer");
    const { principalId, roleAssignmentName: given, ...rest } = inputs("line-kv-crypto-officer");
    assert.deepEqual([ignored, principalId], [["principalId", "roleAssignmentName"], CLIENT.objectId]);
    assert.equal(typeof given, "string");
    assert.doesNotMatch(JSON.stringify(rest), new RegExp(`${CLIENT.objectId}|${CLIENT.clientId}`));
    assert.doesNotMatch(JSON.stringify([inputs("line-kv"), inputs("line-kv-name")]), /me-1|app-1/);
  });

  it("keeps the first assignment when principals are named, and when they are no more", async () => {
    const [first, second] = ["11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"] as const;
    await vault({ ...place, uses: ["keys"], principals: [first, second] });
    assert.deepEqual(optionsOf(`line-kv-crypto-officer-${first}`), [[], ["line-kv-crypto-officer"]]);
    assert.deepEqual(optionsOf(`line-kv-crypto-officer-${second}`), [[], []]);
    await vault({ ...place, uses: ["keys"] });
    assert.deepEqual(optionsOf("line-kv-crypto-officer")[1], [`line-kv-crypto-officer-${CLIENT.objectId}`]);
  });

  it("gives and asks for no more than its uses need", async () => {
    await vault({ ...place, uses: ["keys"] });
    assert.deepEqual(types().filter((type) => type === "RoleAssignment").length, 1);
    assert.deepEqual(inputs("line-kv-access").kinds, ["keys"]);
    made.length = 0;
    await vault({ uri: URI, uses: ["certificates"] });
    assert.deepEqual(inputs("line-kv-access").kinds, ["certificates", "secrets"]);
  });

  const uses: VaultUse[] = ["keys", "certificates", "secrets"];

  it("is known to what it holds for the stack's own, where it is", async () => {
    for (const [args, expected] of [
      [{ ...place, uses }, true],
      [{ uri: URI, uses }, undefined],
    ] as const) {
      made.length = 0;
      const own = await vault(args);
      const vaultKeys = { vault: own, rootKeyName: "r", intermediateKeyName: "i" };
      const issuer = new CertificateAuthority("line", { rootName: "R", intermediateName: "I", vaultKeys }).intermediate;
      await resolved(
        new DeviceCertificate("d", { registrationId: "d", issuer, revokedThumbprints: [], vault: own }).certificate,
      );
      const group = new EnrollmentGroup("g", { service, enrollmentGroupId: "g", symmetricKey: {}, vault: own });
      const one = new IndividualEnrollment("i", { service, registrationId: "i", symmetricKey: {}, vault: own });
      const enrollments = { j: { symmetricKey: {} } };
      const list = new EnrollmentList("l", { service, enrollments, revoked: [], revokedThumbprints: [], vault: own });
      await resolved(pulumi.all([group.primaryKey, one.secondaryKey, list.symmetricKeys]));
      const names = ["line-ca", "d-certificate", "g-enrollment", "i-enrollment", "l-enrollments"];
      assert.deepEqual(
        names.map((name) => inputs(name).vaultOfStack),
        names.map(() => expected),
      );
    }
  });

  it("is not created if one is given, and gets no roles", async () => {
    await vault({ uri: URI });
    assert.deepEqual(types(), ["KeyVault", "VaultAccess"]);
    assert.deepEqual(inputs("line-kv-access").grants, []);
  });

  it("holds the keys of an authority, whose users get their addresses", async () => {
    const vaultKeys = { vault: await vault({ uri: URI }), rootKeyName: "r", intermediateKeyName: "i" };
    const ca = new CertificateAuthority("line", { rootName: "R", intermediateName: "I", vaultKeys });
    const [root, intermediate] = [ca.root.keyId, ca.intermediate.keyId];
    assert.ok(root && intermediate);
    assert.equal(await resolved(root), `${URI}/keys/r/1`);
    assert.equal(await resolved(intermediate), `${URI}/keys/i/1`);
    assert.equal(await pulumi.isSecret(intermediate), false);
    assert.deepEqual([ca.root.key, ca.intermediate.key], [undefined, undefined]);
    const { vaultUri, rootKeyName, intermediateKeyName, owner, softDeleted, vaultKeys: none } = inputs("line-ca");
    assert.deepEqual(
      [vaultUri, rootKeyName, intermediateKeyName, softDeleted, none],
      [URI, "r", "i", "recover", undefined],
    );
    assert.equal(owner, "organization/azure-iot-zero-touch/dev");
  });

  it("holds keys of their own for each generation of a rollover, by which the root proves itself", async () => {
    const own = await vault({ uri: URI });
    const { issuer, newest, keyIds } = createTrustedRoots("line", {
      service: { resourceId: "/dps" },
      generations: ["1", "2"],
      authority: { rootName: "R", intermediateName: "I" },
      certificateName: "root",
      verification: "proofOfPossession",
      adopt: {},
      vault: own,
    });
    assert.equal(await resolved(pulumi.output(issuer.keyId)), `${URI}/keys/i/1`);
    assert.equal(await resolved(newest.isVerified), true);
    const names = ["line-ca", "line-2-ca"].map((name) => [inputs(name).rootKeyName, inputs(name).intermediateKeyName]);
    assert.deepEqual(names, [
      ["line-root", "line-intermediate"],
      ["line-root-2", "line-intermediate-2"],
    ]);
    assert.equal(inputs("line-2-root").signingKey, `${URI}/keys/r/1`);
    const reported = await resolved(own.summary(keyIds, []));
    const keys = ["r", "i", "r", "i"].map((each) => `${URI}/keys/${each}/1`);
    assert.deepEqual(reported, { name: "kv-1", uri: URI, keys, secrets: [] });
  });

  it("gets no inputs for keys in the stack's state", async () => {
    const ca = new CertificateAuthority("own", { rootName: "R", intermediateName: "I" });
    const issuer = { certificate: pulumi.output("c"), chain: pulumi.output(""), key: pulumi.output("k") };
    const device = new DeviceCertificate("own", { registrationId: "own", issuer, revokedThumbprints: [] });
    assert.deepEqual([ca.keyIds, ca.root.keyId, device.secretId], [[], undefined, undefined]);
    assert.ok(ca.root.key && device.privateKey);
  });

  it("holds the keys of enrollments, whose users get their addresses", async () => {
    const own = await vault({ uri: URI, uses: ["secrets"], softDeleted: "purge" });
    assert.deepEqual(inputs("line-kv-access").kinds, ["secrets"]);
    const group = new EnrollmentGroup("g", { service, enrollmentGroupId: "Line:1", symmetricKey: {}, vault: own });
    const one = new IndividualEnrollment("i", { service, registrationId: "Line:1", symmetricKey: {}, vault: own });
    assert.equal(await resolved(group.primaryKeyId), `${URI}/secrets/g-primary/1`);
    assert.equal(await resolved(one.secondaryKeyId), `${URI}/secrets/i-secondary/1`);
    assert.equal(await pulumi.isSecret(group.primaryKeyId), false);
    assert.deepEqual(await resolved(pulumi.all([group.primaryKey, one.secondaryKey])), [undefined, undefined]);
    const reported = (name: string) => {
      const { vaultUri, storedName, owner, softDeleted } = inputs(name);
      return [vaultUri, storedName, owner, softDeleted];
    };
    const rest = ["organization/azure-iot-zero-touch/dev", "purge"];
    assert.deepEqual(reported("g-enrollment"), [URI, vaultObjectName("line:1", "group"), ...rest]);
    assert.deepEqual(reported("i-enrollment"), [URI, vaultObjectName("line:1", "enrollment"), ...rest]);
  });

  it("keeps only what it is used for, with the one role for that", async () => {
    const own = await vault({ uri: URI, uses: ["keys", "certificates"] });
    assert.throws(
      () => new EnrollmentGroup("g", { service, enrollmentGroupId: "a", symmetricKey: {}, vault: own }),
      /not used for secrets.*\n.*"secrets"/,
    );
    const other = await vault({ uri: URI, uses: ["secrets"] });
    const vaultKeys = { vault: other, rootKeyName: "r", intermediateKeyName: "i" };
    assert.throws(
      () => new CertificateAuthority("other", { rootName: "R", intermediateName: "I", vaultKeys }),
      /not used for keys/,
    );
    const issuer = { certificate: "c", chain: "", key: "k" };
    const device = { registrationId: "d", issuer, revokedThumbprints: [], vault: other };
    assert.throws(() => new DeviceCertificate("other", device), /not used for certificates/);
    const keyless = { ...device, issuer: { certificate: "c", chain: "" }, vault: undefined };
    assert.throws(() => new DeviceCertificate("keyless", keyless), /no key.*\n.*keyId/);
    made.length = 0;
    await vault({ ...place, uses: ["certificates", "secrets"] });
    assert.match(String(inputs("line-kv-secrets-officer").roleDefinitionId), /b86a8fe4-44ce-4948-aee5-eccb2c155cd7$/);
    assert.deepEqual(inputs("line-kv-access").kinds, ["certificates", "secrets"]);
  });

  it("holds a device's key, whose users get its address", async () => {
    const own = await vault({ uri: URI, softDeleted: "purge" });
    const issuer = { certificate: pulumi.output("c"), chain: pulumi.output(""), key: pulumi.output("k") };
    const args = { registrationId: "Dev:1", issuer, revokedThumbprints: [], vault: own };
    const device = new DeviceCertificate("Dev:1", args);
    assert.equal(device.privateKey, undefined);
    assert.ok(device.secretId);
    const { secrets } = await resolved(own.summary([], [device.secretId]));
    assert.deepEqual(secrets, [`${URI}/secrets/d/1`]);
    const { vaultUri, storedName, softDeleted } = inputs("Dev:1-certificate");
    assert.deepEqual([vaultUri, storedName, softDeleted], [URI, vaultObjectName("dev:1"), "purge"]);
  });
});

describe("names for vaults", () => {
  it("leave room for eight digits and have no two hyphens together", () => {
    assert.equal(vaultNamePrefix("zero-touch"), "kv-zero-touch-");
    assert.equal(vaultNamePrefix("a--very-long-prefix-of-mine"), "kv-a-very-long-");
    assert.equal(vaultNamePrefix("twelve-char-s"), "kv-twelve-char-");
    assert.ok(vaultNamePrefix("x".repeat(30)).length <= 16);
  });

  it("keep a registration ID that a vault accepts, and give similar ones different names", () => {
    assert.equal(vaultObjectName("Device-01"), "device-device-01");
    assert.match(vaultObjectName("a:b.c_d"), /^device-a-b-c-d-[0-9a-f]{8}$/);
    assert.notEqual(vaultObjectName("a:b"), vaultObjectName("a.b"));
    assert.match(vaultObjectName(`${"x".repeat(63)}:1`.slice(0, 64)), /^[0-9a-z-]{1,127}$/);
    assert.equal(vaultObjectName("Line-1", "group"), "group-line-1");
    assert.equal(vaultObjectName("x".repeat(100), "enrollment"), `enrollment-${"x".repeat(100)}`);
    for (const long of ["x".repeat(101), "x".repeat(128), `${"x".repeat(127)}:`]) {
      const name = `${vaultObjectName(long, "enrollment")}-secondary`;
      assert.match(name, /^enrollment-x{91}-[0-9a-f]{8}-secondary$/);
      assert.ok(name.length <= 127);
    }
  });

  it("are GUIDs for role assignments, whatever the letter case of ids", () => {
    const name = roleAssignmentName("/S/Vault", "Me", "Role");
    assert.match(name, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.equal(roleAssignmentName("/s/vault", "me", "role"), name);
    assert.notEqual(roleAssignmentName("/s/vault", "me", "role-2"), name);
  });
});
