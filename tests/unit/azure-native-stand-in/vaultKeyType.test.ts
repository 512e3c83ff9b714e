import { strict as assert } from "node:assert";
import { inputsOf, outputsOf, previewOutputs, requestBody } from "../../../azure-native-stand-in/resourceBody";
import { StandIn } from "../../../azure-native-stand-in/standIn";
import { KEY } from "../../../azure-native-stand-in/types/vaultObjectTypes";
import { type Properties, UNKNOWN } from "../../../plugin-protocol/propertyValue";
import { TENANT } from "../../cast/armHarness";
import { type ManagedVault, managedVault, VAULT_ID } from "../../cast/managedVault";

const URN = "urn:pulumi:dev::p::azure-native:keyvault:Key::line";
const place = { resourceGroupName: "rg", vaultName: "vault-1" };

describe("azure-native's Key in the stand-in", () => {
  const written = { kty: "EC", attributes: { expires: 2_000_000_000, exportable: false } };
  const inputs: Properties = { ...place, keyName: "line", properties: written, tags: { a: "b" } };
  const wire: Properties = {
    id: "i",
    name: "line",
    location: "westeurope",
    properties: {
      kty: "EC",
      curveName: "P-256",
      attributes: { exp: 2_000_000_000, exportable: false, created: 1 },
      keyUri: "u",
      release_policy: { data: "e30" },
    },
    tags: { a: "b" },
  };

  it("is written inside of properties, and read beside them, as in the SDK's class", () => {
    assert.deepEqual(requestBody(KEY, inputs), {
      properties: { kty: "EC", attributes: { exp: 2_000_000_000, exportable: false } },
      tags: { a: "b" },
    });
    const outputs = outputsOf(KEY, wire);
    assert.deepEqual(outputs, {
      azureApiVersion: "2024-11-01",
      attributes: { expires: 2_000_000_000, exportable: false, created: 1 },
      curveName: "P-256",
      keyUri: "u",
      kty: "EC",
      location: "westeurope",
      name: "line",
      releasePolicy: { data: "e30" },
      tags: { a: "b" },
      type: "Microsoft.KeyVault/vaults/keys",
    });
    const known = { kty: "EC", curveName: "P-256", releasePolicy: { data: "e30" }, attributes: written.attributes };
    assert.deepEqual(inputsOf(KEY, wire), { properties: known, tags: { a: "b" } });
    assert.deepEqual(inputsOf(KEY, outputs), { properties: known, tags: { a: "b" } }, "a state has them beside it");
  });

  it("previews the inputs, and leaves Azure's values unknown", () => {
    const outputs = previewOutputs(KEY, inputs);
    assert.deepEqual([outputs.kty, outputs.keyUri, outputs.curveName], ["EC", UNKNOWN, UNKNOWN]);
    assert.equal(outputs.properties, undefined);
    assert.equal(previewOutputs(KEY, { ...inputs, properties: UNKNOWN }).kty, UNKNOWN);
  });

  describe("against the local Azure", () => {
    let gateway: ManagedVault;
    let provider: StandIn;

    beforeEach(async () => {
      gateway = await managedVault({ keys: ["get", "delete", "purge"] });
      provider = new StandIn({
        environment: { ARM_SUBSCRIPTION_ID: TENANT.subscriptionId, ZERO_TOUCH_CLOUD: "local" },
        transport: () => ({
          send: (request) => gateway.send(request),
          token: async () => ({ token: "t", expiresOnTimestamp: 0 }),
        }),
        pause: async () => assert.fail("nothing is waited for"),
        complain: assert.fail,
      });
    });
    afterEach(() => gateway.close());

    it("is checked, created, read, not changed by an update, and deleted in the vault", async () => {
      const { inputs: checked, failures } = await provider.check(
        URN,
        {},
        { ...place, properties: { kty: "EC", keyOps: ["sign", "verify"] } },
        Buffer.from("seed"),
      );
      assert.deepEqual(failures, []);
      assert.equal(checked.keyName, "line", "a child has its logical name, as azure-native names it");
      const made = await provider.create(URN, checked, false, 0);
      assert.equal(made.id, `${VAULT_ID}/keys/line`);
      assert.deepEqual(
        [made.outputs.kty, made.outputs.curveName, made.outputs.location],
        ["EC", "P-256", "westeurope"],
      );
      const bundle = (await gateway.ask("GET", "/keys/line")).body as { key: { kid: string } };
      assert.equal(made.outputs.keyUriWithVersion, bundle.key.kid);
      const read = await provider.read(URN, made.id, checked, made.outputs);
      assert.deepEqual(read, { ...made, inputs: checked }, "a refresh sees no drift");
      await assert.rejects(provider.create(URN, checked, false, 0), /cannot create already existing resource/);
      const changed = { ...checked, properties: { kty: "RSA" } };
      const updated = await provider.update(URN, made.id, changed, made.outputs, false, 0);
      assert.deepEqual(updated.outputs, made.outputs, "ARM writes no existing key");
      const imported = await provider.read(URN, made.id, {}, {});
      assert.deepEqual(imported?.inputs, {
        ...place,
        keyName: "line",
        properties: {
          kty: "EC",
          keyOps: ["sign", "verify"],
          curveName: "P-256",
          attributes: { enabled: true, exportable: false },
        },
      });
      await provider.remove(URN, made.id, 0);
      assert.equal((await gateway.ask("GET", "/deletedkeys/line")).status, 200);
      assert.equal(await provider.read(URN, made.id, checked, made.outputs), undefined);
      await gateway.ask("DELETE", "/deletedkeys/line");
      await provider.remove(URN, made.id, 0);
    });
  });
});
