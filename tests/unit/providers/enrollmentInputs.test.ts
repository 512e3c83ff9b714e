import { strict as assert } from "node:assert";
import { handler as groupHandler } from "../../../providers/handlers/enrollmentGroupHandler";
import { handler as individualHandler } from "../../../providers/handlers/individualEnrollmentHandler";
import { UNKNOWN } from "../../../providers/handlers/resource/fields";
import { fakeAzure, fakeGateway } from "../../cast/fakeGateway";

const SERVICE = "dps.azure-devices-provisioning.net";
const key = (bytes: number): string => Buffer.alloc(bytes, 7).toString("base64");
/** What counts its octets and is no more than that. */
const area = (octets: number): string => {
  const made = Buffer.alloc(octets);
  made.writeUInt16BE(octets - 2);
  return made.toString("base64");
};

/** Every fault of a group's inputs: `property: reason`. */
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
    const fault = "reprovisionPolicy: must be an object with updateHubAssignment and migrateDeviceData, true or false";
    const policy = { updateHubAssignment: true, migrateDeviceData: false };
    for (const reprovisionPolicy of [policy, { ...policy, migrateDeviceData: UNKNOWN }, UNKNOWN])
      assert.deepEqual(await group({ reprovisionPolicy }), []);
    for (const reprovisionPolicy of [{}, "yes", 1, { ...policy, more: true }, { ...policy, migrateDeviceData: "true" }])
      assert.deepEqual(await group({ reprovisionPolicy }), [fault]);
  });

  it("adopt by true, false or an ETag of printable characters, at most 200", async () => {
    const fault = "adopt: must be true, false, or the ETag that the existing resource has";
    for (const adopt of [true, false, '"e1"', "e".repeat(200), UNKNOWN]) assert.deepEqual(await group({ adopt }), []);
    for (const adopt of ["", "a b", " e", "e\n", "e".repeat(201), 1]) assert.deepEqual(await group({ adopt }), [fault]);
  });

  it("report one error a property, its own rule's before that of several", async () => {
    assert.deepEqual(await group({ allocationPolicy: "static", iotHubs: [] }), [
      "iotHubs: must name at least one hub; leave it out for all linked hubs",
    ]);
  });

  it("name hubs by whole host names", async () => {
    for (const host of ["-a.b.net", "https://a.b.net", "a.b.net/", "a", `${"a".repeat(51)}.net`, 1, ""])
      assert.deepEqual(await group({ iotHubs: [host] }), [
        `iotHubs: ${JSON.stringify(host)} is not a hub's host name, such as my-hub.azure-devices.net`,
      ]);
    assert.deepEqual(await group({ iotHubs: [`${"a".repeat(50)}.azure-devices.net`, UNKNOWN] }), []);
    assert.deepEqual(await group({ iotHubs: "a.b.net" }), ["iotHubs: must be a list of hub host names"]);
    assert.deepEqual(await group({ iotHubs: [UNKNOWN, UNKNOWN] }), []);
  });

  it("ask a webhook at an http or https address, with a date for its contract", async () => {
    const custom = (customAllocation: unknown) => group({ allocationPolicy: "custom", customAllocation });
    for (const webhookUrl of ["http://f", "https://f/a?code=k", UNKNOWN])
      assert.deepEqual(await custom({ webhookUrl, apiVersion: "2021-10-01" }), []);
    assert.deepEqual(await custom({ webhookUrl: "https://f", apiVersion: UNKNOWN }), []);
    for (const webhookUrl of ["f", "httpsx://f", "//f", "", 1, undefined, ["https://f"]])
      assert.deepEqual(await custom({ webhookUrl }), ["customAllocation: webhookUrl must be an http or https address"]);
    for (const apiVersion of ["", "x2021-10-01", "2021", 2021])
      assert.deepEqual(await custom({ webhookUrl: "https://f", apiVersion }), [
        "customAllocation: apiVersion must be a date such as 2021-10-01",
      ]);
    assert.deepEqual(await custom("https://f"), ["customAllocation: webhookUrl must be an http or https address"]);
  });

  it("judge nothing by a policy that a preview does not know yet", async () => {
    const customAllocation = { webhookUrl: "https://f" };
    assert.deepEqual(await group({ allocationPolicy: UNKNOWN, customAllocation }), []);
    assert.deepEqual(await group({ allocationPolicy: UNKNOWN, iotHubs: ["a.net", "b.net"] }), []);
    assert.deepEqual(await group({ allocationPolicy: "static", iotHubs: ["a.net", "b.net"] }), [
      "iotHubs: the policy static needs exactly one hub, and 2 are given",
    ]);
  });

  it("take symmetric keys of 16 to 64 bytes", async () => {
    const keyed = (primaryKey: unknown) =>
      group({ caReference: undefined, symmetricKey: { primaryKey, secondaryKey: key(32) } });
    for (const good of [key(16), key(64), UNKNOWN]) assert.deepEqual(await keyed(good), []);
    for (const wrong of [key(15), key(65), `${key(32)}!`, `!${key(32)}`, key(32).replace("=", ""), 1, ""])
      assert.deepEqual(await keyed(wrong), ["symmetricKey: primaryKey must be the base64 of 16 to 64 bytes"]);
    for (const symmetricKey of [[], "k", { primaryKey: key(32), third: key(32) }])
      assert.deepEqual(await group({ caReference: undefined, symmetricKey }), [
        "symmetricKey: must be an object with primaryKey and secondaryKey, or an empty one to have the service make both",
      ]);
  });

  it("accept a TPM's keys of their declared length in bytes only", async () => {
    const whole = "must be the TPM's public key as base64, a whole TPM2B_PUBLIC";
    const endorsementKey = area(4);
    for (const good of [endorsementKey, area(300), UNKNOWN])
      assert.deepEqual(await individual({ tpm: { endorsementKey: good, storageRootKey: good } }), []);
    for (const wrong of [area(3), "AAMAAQ==", "AAEAAQ==", "AAIAAQ", "AAIAAQ==!", 1, ""]) {
      assert.deepEqual(await individual({ tpm: { endorsementKey: wrong } }), [`tpm: endorsementKey ${whole}`]);
      const both = { endorsementKey, storageRootKey: wrong };
      assert.deepEqual(await individual({ tpm: both }), [`tpm: storageRootKey ${whole}`]);
    }
    assert.deepEqual(await individual({ tpm: {} }), [`tpm: endorsementKey ${whole}`]);
  });

  it("hold a certificate's registration ID to 64 characters, another one's to 128", async () => {
    const certificate = UNKNOWN;
    const told = (length: number) => individual({ certificate, registrationId: "d".repeat(length) });
    assert.deepEqual(await told(64), []);
    assert.match((await told(65)).join(), /^registrationId: .*common name of the certificate\): it has 65 characters/);
    const [tooLong, ...more] = await told(129);
    assert.match(tooLong ?? "", /^registrationId: .* is not a valid registration ID: it has 129 characters/);
    assert.deepEqual(more, [], "told once");
    assert.deepEqual(await individual({ certificate, registrationId: UNKNOWN }), []);
    assert.deepEqual(await individual({ symmetricKey: {}, registrationId: "d".repeat(128) }), []);
  });

  it("refuse a private key for a certificate, and let no part of it be seen", async () => {
    const pem = "-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\nc2VjcmV0";
    for (const property of ["certificate", "secondaryCertificate"]) {
      const faults = await individual({ certificate: UNKNOWN, [property]: pem });
      assert.deepEqual(faults, [`${property}: must be PEM certificates, and no key`]);
    }
    for (const property of ["signingCertificate", "secondarySigningCertificate"]) {
      const faults = await group({ caReference: undefined, signingCertificate: UNKNOWN, [property]: pem });
      assert.deepEqual(faults, [`${property}: must be PEM certificates, and no key`]);
    }
    assert.deepEqual(await group({ trustedCertificates: pem }), [
      "trustedCertificates: must be PEM certificates, and no key",
    ]);
  });

  it("accept two unknown values together", async () => {
    assert.deepEqual(await individual({ certificate: UNKNOWN, secondaryCertificate: UNKNOWN }), []);
    assert.deepEqual(await group({ secondaryCaReference: "root" }), [
      "secondaryCaReference: must differ from caReference",
    ]);
  });
});

describe("twins in enrollments", () => {
  const fault = async (initialTwin: unknown) => (await group({ initialTwin })).join();

  it("have tags and desired properties, and nothing beside them", async () => {
    for (const good of [{}, { tags: {} }, { properties: { desired: {} } }, { tags: null }, { tags: UNKNOWN }])
      assert.equal(await fault(good), "", JSON.stringify(good));
    assert.equal(await fault({ properties: UNKNOWN }), "");
    assert.equal(await fault([]), "initialTwin: must be an object with tags and properties.desired");
    assert.equal(await fault({ properties: 1 }), "initialTwin: has tags and properties.desired only");
    assert.equal(
      await fault({ properties: { reported: {}, desired: {} } }),
      "initialTwin: has tags and properties.desired only, not reported",
    );
    assert.equal(await fault({ tags: [] }), "initialTwin: tags must be an object");
  });

  it("are nested ten deep, lists counted", async () => {
    const nested = (levels: number): object => (levels === 1 ? {} : { a: nested(levels - 1) });
    assert.equal(await fault({ tags: nested(10) }), "");
    assert.equal(
      await fault({ tags: nested(11) }),
      `initialTwin: tags${".a".repeat(10)} is nested deeper than 10 levels`,
    );
    assert.equal(await fault({ tags: { a: [nested(8)] } }), "");
    assert.match(await fault({ tags: { a: [nested(9)] } }), /^initialTwin: tags\.a\[0\].* is nested deeper than 10/);
  });

  it("have names without dots, dollar signs, blanks and control characters, at any depth", async () => {
    for (const name of ["", "a.b", "$a", "a b", "a\u0000", "a\u001f"])
      for (const tags of [{ [name]: 1 }, { a: { [name]: 1 } }, { a: [{ [name]: 1 }] }])
        assert.match(
          await fault({ tags }),
          /^initialTwin: tags.* has the name .*: names have no dot, dollar sign, space/,
        );
    assert.equal(await fault({ tags: { "a-b_c:d": 1 } }), "");
  });

  it("have at most 8 KiB of tags and 32 KiB of desired properties", async () => {
    const sized = (bytes: number) => ({ a: "x".repeat(bytes - '{"a":""}'.length) });
    assert.equal(await fault({ tags: sized(8192), properties: { desired: sized(32_768) } }), "");
    assert.equal(await fault({ tags: sized(8193) }), "initialTwin: tags has 8193 bytes, and at most 8192 are allowed");
    assert.equal(
      await fault({ properties: { desired: sized(32_769) } }),
      "initialTwin: desired has 32769 bytes, and at most 32768 are allowed",
    );
  });
});
