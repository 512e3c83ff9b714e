import { strict as assert } from "node:assert";
import * as pulumi from "@pulumi/pulumi";
import type { MockResourceArgs } from "@pulumi/pulumi/runtime";
import { EnrollmentList, type EnrollmentListArgs } from "../../../components/enrollmentList";
import { Revocations } from "../../../components/revocations";
import type { VaultReference, VaultUse } from "../../../components/vaultReference";
import { type Hierarchy, newHierarchy } from "../../cast/certs";
import { type Heard, hear } from "../../cast/heard";

type Props = Readonly<Record<string, unknown>>;

const SERVICE = "dps.azure-devices-provisioning.net";
const KEY = Buffer.alloc(32, 7).toString("base64");
const UNUSED = "0".repeat(40);
const VAULT_URI = "https://kv-1.vault.azure.net";
/** What the state says of keys in a vault; of the second enrollment's one is not there yet. */
const STORED = {
  a: { primaryKeyId: `${VAULT_URI}/secrets/enrollment-a-primary/1`, secondaryKeyId: `${VAULT_URI}/secrets/s/2` },
  b: { primaryKeyId: `${VAULT_URI}/secrets/enrollment-b-primary/1`, primaryKeyState: "rotated: …" },
};

const service = { serviceEndpoint: SERVICE, hubHostNames: ["hub.azure-devices.net"] };

const resolved = <T>(output: pulumi.Output<T>): Promise<T> =>
  new Promise((resolve) => {
    output.apply(resolve);
  });

/** The engine marks a secret by a signature; a mock gets it as it is. */
const isSecret = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "4dabf18193072939515e22adb298388d" in value;

describe("the list of enrollments, against recorded resources", () => {
  const made: MockResourceArgs[] = [];
  let hierarchy: Hierarchy;
  let heard: Heard;
  const inputs = (name: string): Props => made.find((each) => each.name === name)?.inputs ?? {};
  const list = async (args: Partial<EnrollmentListArgs>): Promise<EnrollmentList> => {
    const all = { service, enrollments: {}, revoked: [], revokedThumbprints: [], ...args };
    const component = new EnrollmentList("fleet", all);
    await resolved(component.symmetricKeys);
    return component;
  };

  before(async () => {
    hierarchy = await newHierarchy();
    await pulumi.runtime.setMocks(
      {
        newResource(args) {
          made.push(args);
          const lists = { symmetricKeys: {}, ...("vaultUri" in args.inputs ? { storedKeys: STORED } : {}) };
          const outputs = args.type.endsWith(":Revocations") ? { unmatched: [UNUSED] } : lists;
          return { id: `id of ${args.name}`, state: { ...args.inputs, ...outputs } };
        },
        call: () => ({}),
      },
      "azure-iot-zero-touch",
      "dev",
      false,
    );
  });

  beforeEach(() => {
    made.length = 0;
    heard = hear();
  });

  afterEach(() => heard.stop());

  it("gives each enrollment an input of its own, with the stack's CA where it names no attestation", async () => {
    const defaultAttestation = { caReference: "root", secondaryCaReference: pulumi.output("root-2") };
    const enrollments = { a: { iotEdge: true }, b: { caReference: "own" } };
    const { summary } = await list({ defaultAttestation, enrollments });
    assert.deepEqual(summary, { count: 2 });
    const { __provider, ...given } = inputs("fleet-enrollments");
    assert.match(String(__provider), /enrollmentList/);
    assert.deepEqual(given, {
      serviceEndpoint: SERVICE,
      "device:a": { iotEdge: true, caReference: "root", secondaryCaReference: "root-2" },
      "device:b": { caReference: "own" },
    });
  });

  it("marks keys and webhooks as secrets, and nothing else", async () => {
    const symmetricKey = { primaryKey: KEY, secondaryKey: KEY };
    const customAllocation = { webhookUrl: "https://example.test?code=1" };
    const hooked = { caReference: "root", allocationPolicy: "custom", customAllocation } as const;
    await list({ enrollments: { a: { symmetricKey }, b: hooked, c: { caReference: "root" } } });
    const given = inputs("fleet-enrollments");
    // The mock's side lifts the mark of a member to the whole input; the engine leaves it where it is.
    assert.deepEqual(
      ["device:a", "device:b", "device:c"].map((name) => isSecret(given[name])),
      [true, true, false],
    );
  });

  const vault = (...uses: VaultUse[]): VaultReference => ({ uri: VAULT_URI, uses, owner: "me", softDeleted: "purge" });

  it("names the vault of its keys once, and returns the IDs of its secrets", async () => {
    const enrollments = { a: { symmetricKey: {} }, b: { symmetricKey: {} }, c: { caReference: "own" } };
    const { symmetricKeys, symmetricKeyIds } = await list({ enrollments, vault: vault("secrets") });
    const { __provider, ...given } = inputs("fleet-enrollments");
    assert.deepEqual(
      [given.vaultUri, given.owner, given.softDeleted, given["device:c"]],
      [VAULT_URI, "me", "purge", { caReference: "own" }],
    );
    assert.ok(!JSON.stringify(given).includes("storedName"));
    assert.ok(symmetricKeyIds);
    assert.equal(await pulumi.isSecret(symmetricKeyIds), false);
    assert.deepEqual(await resolved(symmetricKeyIds), {
      a: { primaryKeyId: STORED.a.primaryKeyId, secondaryKeyId: STORED.a.secondaryKeyId },
      b: { primaryKeyId: STORED.b.primaryKeyId, secondaryKeyId: undefined },
    });
    assert.deepEqual(await resolved(symmetricKeys), {});
  });

  it("keeps no keys in a vault that is not used for secrets", () => {
    const args = { service, enrollments: {}, revoked: [], revokedThumbprints: [] };
    assert.throws(
      () => new EnrollmentList("fleet", { ...args, vault: vault("keys", "certificates") }),
      /not used for secrets.*\n.*"secrets"/,
    );
  });

  it("disables enrollments that are revoked by ID or certificate, and adopts existing ones", async () => {
    const { sha1Thumbprint, sha256Thumbprint } = hierarchy.device.certificate;
    const certificate = hierarchy.device.certificate.toPem();
    const enrollments = {
      "Dev-1": { caReference: "root" },
      "device-01": { certificate },
      "device-02": { certificate: hierarchy.root.certificate.toPem(), secondaryCertificate: certificate },
      "device-03": { caReference: "root" },
      "Device-04": { caReference: "root" },
    };
    const adopt = { "Device-03": "e1" };
    for (const thumbprint of [sha1Thumbprint, sha256Thumbprint]) {
      made.length = 0;
      const disabledEnrollments = ["device-04"];
      await list({ enrollments, revoked: ["DEV-1"], revokedThumbprints: [thumbprint], disabledEnrollments, adopt });
      const given = inputs("fleet-enrollments") as Record<string, Props>;
      assert.deepEqual(
        ["Dev-1", "device-01", "device-02", "device-03", "Device-04"].map(
          (id) => given[`device:${id}`]?.provisioningStatus,
        ),
        ["disabled", "disabled", "disabled", undefined, "disabled"],
      );
      assert.equal(given["device:device-03"]?.adopt, "e1");
    }
    assert.equal(heard.lines.length, 2, heard.lines.join("\n"));
    for (const line of heard.lines) assert.match(line, /^info: .*device-03 is adopted.*ETag is e1/);
  });

  it("has holders of revoked certificates looked for in the service's hubs, only where there are any", async () => {
    const revoked = async (thumbprints: string[]): Promise<Props> => {
      made.length = 0;
      const component = new Revocations("fleet", { service, devices: [{ registrationId: "a" }], thumbprints });
      await resolved(component.urn);
      // The resource follows the component in the same turn of promises.
      while (!made.some(({ name }) => name === "fleet-revocations")) await new Promise(setImmediate);
      const { __provider, ...given } = inputs("fleet-revocations");
      return given;
    };
    const devices = [{ registrationId: "a" }];
    assert.deepEqual(await revoked([]), { serviceEndpoint: SERVICE, devices });
    assert.ok(
      heard.lines.length > 0 && heard.lines.every((line) => /Device a is revoked|belongs to no enrollment/.test(line)),
    );
    assert.deepEqual(await revoked([UNUSED]), {
      ...{ serviceEndpoint: SERVICE, devices, thumbprints: [UNUSED], hubs: ["hub.azure-devices.net"] },
    });
  });
});
