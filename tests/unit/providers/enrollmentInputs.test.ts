import { strict as assert } from "node:assert";
import { handler as groupHandler } from "../../../providers/handlers/enrollmentGroupHandler";
import { handler as individualHandler } from "../../../providers/handlers/individualEnrollmentHandler";
import { UNKNOWN } from "../../../providers/handlers/resource/fields";
import { fakeAzure, fakeGateway } from "../../cast/fakeGateway";
import { matchEach } from "../../cast/matchEach";

const SERVICE = "dps.azure-devices-provisioning.net";
const key = (bytes: number): string => Buffer.alloc(bytes, 7).toString("base64");
/** A TPM2B structure of so many bytes that declares its length and is otherwise empty. */
const area = (bytes: number): string => {
  const made = Buffer.alloc(bytes);
  made.writeUInt16BE(bytes - 2);
  return made.toString("base64");
};

/** Every error of a group's inputs: `property: reason`. */
async function group(given: object): Promise<readonly string[]> {
  const inputs = { serviceEndpoint: SERVICE, enrollmentGroupId: "line-1", caReference: "root", ...given };
  const { failures } = await groupHandler(fakeGateway(fakeAzure())).check({}, inputs);
  return failures.map(({ property, reason }) => `${property}: ${reason}`);
}

async function individual(given: object): Promise<readonly string[]> {
  const inputs = { serviceEndpoint: SERVICE, registrationId: "dev-1", ...given };
  const { failures } = await individualHandler(fakeGateway(fakeAzure())).check({}, inputs);
  return failures.map(({ property, reason }) => `${property}: ${reason}`);
}

describe("enrollments' inputs", () => {
  it("take a re-provisioning policy whole, known or not yet, and nothing beside it", async () => {
    const policy = { updateHubAssignment: true, migrateDeviceData: false };
    for (const reprovisionPolicy of [policy, { ...policy, migrateDeviceData: UNKNOWN }, UNKNOWN])
      assert.deepEqual(await group({ reprovisionPolicy }), []);
    for (const reprovisionPolicy of [{}, "yes", 1, { ...policy, more: true }, { ...policy, migrateDeviceData: "true" }])
      matchEach(await group({ reprovisionPolicy }), /^reprovisionPolicy: .*updateHubAssignment and migrateDeviceData/);
  });

  it("adopt by true, false or an ETag of printable characters, at most 200", async () => {
    for (const adopt of [true, false, '"e1"', "e".repeat(200), UNKNOWN]) assert.deepEqual(await group({ adopt }), []);
    for (const adopt of ["", "a b", " e", "e\n", "e".repeat(201), 1])
      matchEach(await group({ adopt }), /^adopt: .*true, false, or the ETag/);
  });

  it("report one error a property, its own rule's before that of several", async () => {
    matchEach(await group({ allocationPolicy: "static", iotHubs: [] }), /^iotHubs: .*at least one hub/);
  });

  it("name hubs by whole host names", async () => {
    for (const host of ["-a.b.net", "https://a.b.net", "a.b.net/", "a", `${"a".repeat(51)}.net`, 1, ""]) {
      const errors = await group({ iotHubs: [host] });
      matchEach(errors, /^iotHubs: .* is not a hub's host name/);
      assert.ok(errors[0]?.startsWith(`iotHubs: ${JSON.stringify(host)} `), errors[0]);
    }
    assert.deepEqual(await group({ iotHubs: [`${"a".repeat(50)}.azure-devices.net`, UNKNOWN] }), []);
    matchEach(await group({ iotHubs: "a.b.net" }), /^iotHubs: .*a list/);
    assert.deepEqual(await group({ iotHubs: [UNKNOWN, UNKNOWN] }), []);
  });

  it("ask a webhook at an http or https address, with a date for its contract", async () => {
    const custom = (customAllocation: unknown) => group({ allocationPolicy: "custom", customAllocation });
    for (const webhookUrl of ["http://f", "https://f/a?code=k", UNKNOWN])
      assert.deepEqual(await custom({ webhookUrl, apiVersion: "2021-10-01" }), []);
    assert.deepEqual(await custom({ webhookUrl: "https://f", apiVersion: UNKNOWN }), []);
    for (const webhookUrl of ["f", "httpsx://f", "//f", "", 1, undefined, ["https://f"]])
      matchEach(await custom({ webhookUrl }), /^customAllocation: webhookUrl .*http or https/);
    for (const apiVersion of ["", "x2021-10-01", "2021", 2021])
      matchEach(await custom({ webhookUrl: "https://f", apiVersion }), /^customAllocation: apiVersion .*date/);
    matchEach(await custom("https://f"), /^customAllocation: webhookUrl .*http or https/);
  });

  it("judge nothing by a policy that a preview does not know yet", async () => {
    const customAllocation = { webhookUrl: "https://f" };
    assert.deepEqual(await group({ allocationPolicy: UNKNOWN, customAllocation }), []);
    assert.deepEqual(await group({ allocationPolicy: UNKNOWN, iotHubs: ["a.net", "b.net"] }), []);
    matchEach(
      await group({ allocationPolicy: "static", iotHubs: ["a.net", "b.net"] }),
      /^iotHubs: .*static .*one hub, and 2/,
    );
  });

  it("take symmetric keys of 16 to 64 bytes", async () => {
    const keyed = (primaryKey: unknown) =>
      group({ caReference: undefined, symmetricKey: { primaryKey, secondaryKey: key(32) } });
    for (const good of [key(16), key(64), UNKNOWN]) assert.deepEqual(await keyed(good), []);
    for (const wrong of [key(15), key(65), `${key(32)}!`, `!${key(32)}`, key(32).replace("=", ""), 1, ""])
      matchEach(await keyed(wrong), /^symmetricKey: primaryKey .*base64 of 16 to 64 bytes/);
    for (const symmetricKey of [[], "k", { primaryKey: key(32), third: key(32) }])
      matchEach(
        await group({ caReference: undefined, symmetricKey }),
        /^symmetricKey: .*primaryKey and secondaryKey, or/,
      );
  });

  it("accept a TPM's keys of their declared length in bytes only", async () => {
    const endorsementKey = area(4);
    for (const good of [endorsementKey, area(300), UNKNOWN])
      assert.deepEqual(await individual({ tpm: { endorsementKey: good, storageRootKey: good } }), []);
    for (const wrong of [area(3), "AAMAAQ==", "AAEAAQ==", "AAIAAQ", "AAIAAQ==!", 1, ""]) {
      matchEach(await individual({ tpm: { endorsementKey: wrong } }), /^tpm: endorsementKey .*TPM2B_PUBLIC/);
      const both = { endorsementKey, storageRootKey: wrong };
      matchEach(await individual({ tpm: both }), /^tpm: storageRootKey .*TPM2B_PUBLIC/);
    }
    matchEach(await individual({ tpm: {} }), /^tpm: endorsementKey .*TPM2B_PUBLIC/);
  });

  it("hold a certificate's registration ID to 64 characters, another one's to 128", async () => {
    const certificate = UNKNOWN;
    const errors = (length: number) => individual({ certificate, registrationId: "d".repeat(length) });
    assert.deepEqual(await errors(64), []);
    matchEach(await errors(65), /^registrationId: .*common name of the certificate\).* 65 characters/);
    matchEach(await errors(129), /^registrationId: .*registration ID.* 129 characters/);
    assert.deepEqual(await individual({ certificate, registrationId: UNKNOWN }), []);
    assert.deepEqual(await individual({ symmetricKey: {}, registrationId: "d".repeat(128) }), []);
  });

  it("refuse a private key for a certificate, and let no part of it be seen", async () => {
    const pem = "-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\nc2VjcmV0";
    for (const property of ["certificate", "secondaryCertificate"]) {
      const errors = await individual({ certificate: UNKNOWN, [property]: pem });
      matchEach(errors, new RegExp(`^${property}: [^\\n]*no key$`));
    }
    for (const property of ["signingCertificate", "secondarySigningCertificate"]) {
      const errors = await group({ caReference: undefined, signingCertificate: UNKNOWN, [property]: pem });
      matchEach(errors, new RegExp(`^${property}: [^\\n]*no key$`));
    }
    matchEach(await group({ trustedCertificates: pem }), /^trustedCertificates: [^\n]*no key$/);
  });

  it("accept two unknown values together", async () => {
    assert.deepEqual(await individual({ certificate: UNKNOWN, secondaryCertificate: UNKNOWN }), []);
    matchEach(await group({ secondaryCaReference: "root" }), /^secondaryCaReference: .*differ from caReference/);
  });
});

describe("twins in enrollments", () => {
  const errors = (initialTwin: unknown) => group({ initialTwin });

  it("have tags and desired properties, and nothing beside them", async () => {
    for (const good of [{}, { tags: {} }, { properties: { desired: {} } }, { tags: null }, { tags: UNKNOWN }])
      assert.deepEqual(await errors(good), [], JSON.stringify(good));
    assert.deepEqual(await errors({ properties: UNKNOWN }), []);
    matchEach(await errors([]), /^initialTwin: .*object with tags and properties\.desired/);
    matchEach(await errors({ properties: 1 }), /^initialTwin: .*properties\.desired only$/);
    matchEach(await errors({ properties: { reported: {}, desired: {} } }), /^initialTwin: .*only, not reported$/);
    matchEach(await errors({ tags: [] }), /^initialTwin: tags .*object/);
  });

  it("are nested ten deep, lists counted", async () => {
    const nested = (levels: number): object => (levels === 1 ? {} : { a: nested(levels - 1) });
    assert.deepEqual(await errors({ tags: nested(10) }), []);
    matchEach(await errors({ tags: nested(11) }), /^initialTwin: tags(\.a){10} .*deeper than 10/);
    assert.deepEqual(await errors({ tags: { a: [nested(8)] } }), []);
    matchEach(await errors({ tags: { a: [nested(9)] } }), /^initialTwin: tags\.a\[0\].* deeper than 10/);
  });

  it("have names without dots, dollar signs, blanks and control characters, at any depth", async () => {
    for (const name of ["", "a.b", "$a", "a b", "a\u0000", "a\u001f"])
      for (const tags of [{ [name]: 1 }, { a: { [name]: 1 } }, { a: [{ [name]: 1 }] }])
        matchEach(await errors({ tags }), /^initialTwin: tags.* has the name .*no dot, dollar sign, space/s);
    assert.deepEqual(await errors({ tags: { "a-b_c:d": 1 } }), []);
  });

  it("have at most 8 KiB of tags and 32 KiB of desired properties", async () => {
    const sized = (bytes: number) => ({ a: "x".repeat(bytes - '{"a":""}'.length) });
    assert.deepEqual(await errors({ tags: sized(8192), properties: { desired: sized(32_768) } }), []);
    matchEach(await errors({ tags: sized(8193) }), /^initialTwin: tags .*8193 .*at most 8192/);
    matchEach(
      await errors({ properties: { desired: sized(32_769) } }),
      /^initialTwin: desired .*32769 .*at most 32768/,
    );
  });
});
