import { strict as assert } from "node:assert";
import { UNKNOWN } from "../../../review/previewDocument";
import { reportOf } from "../../../review/reviewReport";
import { preview, type StepWords } from "../../cast/steps";

/** All statements of a report: `section: text: subjects`. */
function statements(...steps: readonly StepWords[]): readonly string[] {
  const { destructive, parts } = reportOf(preview(...steps));
  return [{ section: "destructive", statements: destructive }, ...parts].flatMap(({ section, statements }) =>
    statements.map(({ text, subjects }) =>
      [section, text, ...(subjects.length > 0 ? [subjects.join(", ")] : [])].join(": "),
    ),
  );
}

const hub = (before: object, after: object): StepWords => ({
  op: "update",
  type: "hub",
  name: "h",
  before: { sku: before },
  after: { sku: after },
});

describe("review/meaning", () => {
  it("shows a hub's quota, and a tier that cannot be changed in place", () => {
    assert.match(
      statements(hub({ name: "S1", capacity: 2 }, { name: "S1", capacity: 1 })).join("\n"),
      /^cost: IoT hub `h`: 2 units of S1 → 1 unit of S1, 800,000 messages a day → 400,000 messages a day\b.*$/,
    );
    const [refused] = statements(hub({ name: "S1", capacity: 1 }, { name: "F1", capacity: 1 }));
    assert.match(refused ?? "", /Azure cannot change a hub from S1 to F1/);
    assert.doesNotMatch(
      statements(hub({ name: "B1", capacity: 1 }, { name: "S1", capacity: 1 })).join(),
      /Azure cannot change/,
    );
    assert.match(
      statements(hub({ name: "S1", capacity: 1 }, { name: "X9", capacity: 1 })).join(),
      /unknown number of messages/,
    );
  });

  it("lists what is lost with a deleted or replaced hub", () => {
    const [deleted, cost] = statements({
      op: "delete",
      type: "hub",
      before: { resourceName: "hub-1", sku: { name: "S1", capacity: 1 } },
    });
    assert.match(deleted ?? "", /^destructive: IoT hub `hub-1` is \*\*deleted\*\*: all device identities, twins, keys/);
    assert.match(cost ?? "", /^cost: IoT hub `thing` .*no longer billed.*1 unit of S1/);
    const replaced = statements({
      ...{ op: "replace", type: "hub", before: { resourceName: "a" }, after: { resourceName: "b" } },
      reasons: ["resourceName"],
    } as StepWords);
    assert.match(
      replaced[0] ?? "",
      /is \*\*replaced\*\* \(`resourceName` `"a"` → `"b"`\): .*every device must register again/,
    );
  });

  it("names the identity that a role is for, and what happens to the links by identity", () => {
    const role = { scope: "/hub", principalType: "ServicePrincipal" };
    const after = { hubs: [{ hostName: "h" }], serviceEtag: "e2" };
    const made = statements(
      { op: "create", type: "role", after: role },
      { op: "create", type: "links", after },
      { op: "create", type: "serviceIdentity" },
    );
    assert.match(made.join("\n"), /Roles assigned to the provisioning service/);
    assert.match(made.join("\n"), /devices: .*linked to its hub by its managed identity, without a key/);
    assert.equal(made.length, 2);
    const update = (before: object) =>
      statements({ op: "update", type: "links", before: { ...after, ...before }, after });
    assert.match(update({ serviceEtag: "e1" }).join("\n"), /linked again after the update of the provisioning service/);
    assert.match(update({ hubs: [] }).join("\n"), /The linked hubs change/);
    assert.match(
      statements({ op: "delete", type: "links", before: after })[0] ?? "",
      /\*\*removed\*\*.*no device can register/,
    );
  });

  it("warns that a replaced provisioning service has another ID scope", () => {
    const [replaced] = statements({
      op: "replace",
      type: "service",
      before: { provisioningServiceName: "a" },
      after: { provisioningServiceName: "b" },
    });
    assert.match(replaced ?? "", /\*\*another ID scope\*\*: every device in the field/);
  });

  it("reports changed hubs and a changed allocation policy of the provisioning service", () => {
    const before = { properties: { allocationPolicy: "Hashed", iotHubs: [{ location: "a" }] } };
    const after = { properties: { allocationPolicy: "GeoLatency", iotHubs: [{ location: "b" }] } };
    const texts = statements({ op: "update", type: "service", name: "s", before, after });
    assert.equal(texts.length, 2);
    assert.match(texts[0] ?? "", /^devices: The allocation policy changes, `"Hashed"` → `"GeoLatency"`/);
    assert.match(texts[1] ?? "", /^devices: The linked hubs of `s` change/);
  });

  it("reports enrollments that are new, adopted, disabled, deleted", () => {
    const group = (op: string, before: object | undefined, after: object | undefined): StepWords => ({
      ...{ op, type: "group" },
      ...(before ? { before: { enrollmentGroupId: "g", ...before } } : {}),
      ...(after ? { after: { enrollmentGroupId: "g", ...after } } : {}),
    });
    assert.deepEqual(statements(group("create", undefined, {})), ["enrollments: Enrollment group `g` is new."]);
    assert.match(statements(group("create", undefined, { adopt: true })).join(), /\*\*adopted\*\*/);
    assert.deepEqual(
      statements(group("update", { provisioningStatus: "enabled" }, { provisioningStatus: "disabled" })),
      ["refused: Enrollment group `g` is **disabled**: it assigns no device."],
    );
    assert.match(
      statements(group("delete", {}, undefined)).join(),
      /^destructive: Enrollment group `g` is \*\*deleted\*\*/,
    );
    assert.match(
      statements(group("update", { caReference: "a" }, { caReference: "b" })).join(),
      /`"a"` → `"b"`; devices under the new CA may register/,
    );
  });

  it("warns of a new group with a CA that still belongs to a deleted one", () => {
    const group = (op: string, enrollmentGroupId: string, caReference: string): StepWords =>
      op === "create"
        ? { op, type: "group", name: enrollmentGroupId, after: { enrollmentGroupId, caReference } }
        : { op, type: "group", name: enrollmentGroupId, before: { enrollmentGroupId, caReference } };
    const texts = statements(group("create", "new", "root"), group("delete", "old", "root")).join("\n");
    assert.match(texts, /\*\*`up` will fail at enrollment group `new`\*\*: its CA belongs to `old`.* 409201/);
    assert.doesNotMatch(statements(group("create", "new", "root-2"), group("delete", "old", "root")).join(), /409201/);
  });

  it("reports changed initial twins and Azure tags", () => {
    const twin = (city: string) => ({ initialTwin: { tags: { city }, properties: { desired: {} } } });
    assert.match(
      statements({ op: "update", type: "group", name: "g", before: twin("Ulm"), after: twin("Bonn") }).join("\n"),
      /^twins: Enrollment group `g` .*first time: `initialTwin\.tags\.city` `"Ulm"` → `"Bonn"`.*$/,
    );
    const texts = statements({
      op: "update",
      type: "hub",
      name: "h",
      before: { tags: { a: "1" } },
      after: { tags: { a: "2" } },
    });
    assert.match(texts.join("\n"), /^twins: IotHubResource `h` .*Azure tags: `tags\.a`\.$/);
  });

  it("lists devices that are revoked or accepted again, once", () => {
    const device = (registrationId: string) => ({ registrationId });
    const texts = statements({
      op: "update",
      type: "revocations",
      before: { devices: [device("a"), device("b")] },
      after: { devices: [device("b"), device("c")] },
    });
    assert.equal(texts.length, 2);
    assert.match(texts[0] ?? "", /^refused: \*\*Revoked\*\*.*: `c`$/);
    assert.match(texts[1] ?? "", /^refused: Accepted again.*: `a`$/);
    const registration = {
      op: "update",
      type: "registration",
      before: { registrationId: "c" },
      after: { registrationId: "c", revoked: true },
    } as const;
    assert.deepEqual(statements(registration), []);
    const back = statements({
      ...registration,
      before: { registrationId: "c", revoked: true },
      after: { registrationId: "c", revoked: false },
    });
    assert.match(back.join("\n"), /^devices: Register again.*no longer revoked: `c`$/);
  });

  it("lists a revoked device with an ID like a GUID, and revoked certificates", () => {
    const id = "3f2504e0-4f89-11d3-9a0c-0305e82c3301";
    const [wanted, former] = ["A".repeat(40), "B".repeat(64)];
    const texts = statements({
      op: "update",
      type: "revocations",
      before: { devices: [], thumbprints: [former] },
      after: { devices: [{ registrationId: id }, { registrationId: UNKNOWN }], thumbprints: [wanted] },
    });
    assert.equal(texts.length, 3);
    assert.match(texts[0] ?? "", new RegExp(`^refused: \\*\\*Revoked\\*\\*.*: \`${id}\`$`));
    assert.match(texts[1] ?? "", new RegExp(`^refused: Certificates \\*\\*revoked\\*\\*.*: \`${wanted}\`$`));
    assert.match(texts[2] ?? "", new RegExp(`^refused: Certificates no longer revoked.*: \`${former}\`$`));
  });

  it("keeps an identity for the hardware that takes over its device ID in the same run", () => {
    const old: StepWords = {
      ...{ op: "delete", type: "registration", name: "old", before: { registrationId: "old" } },
      outputs: { deviceId: "sensor-4", assignedHub: "h.azure-devices.net" },
    };
    const individual: StepWords = {
      ...{ op: "create", type: "individual", name: "new", after: { registrationId: "new", deviceId: "sensor-4" } },
    };
    const registration = (after: object): StepWords => ({
      ...{ op: "create", type: "registration", name: "new", after: { registrationId: "new", ...after } },
    });
    const [swapped] = statements(old, individual, registration({}));
    assert.match(
      swapped ?? "",
      /^destructive: Devices \*\*removed\*\*.*identities in the hub stay, .*: `old` \(`sensor-4` in `h.*`\)$/,
    );
    for (const others of [[], [individual], [individual, registration({ revoked: true })], [registration({})]])
      assert.match(
        statements(old, ...others).join("\n"),
        /removed\*\* with their registration records, their identities in/,
      );
  });

  it("merges devices with the same finding", () => {
    const registration = (registrationId: string): StepWords => ({
      ...{ op: "update", type: "registration", name: registrationId },
      before: { registrationId, certificateChain: "a", enrollment: "1" },
      after: { registrationId, certificateChain: UNKNOWN, enrollment: UNKNOWN },
    });
    assert.match(
      statements(registration("b"), registration("a")).join("\n"),
      /^devices: Register again.*, with a new certificate: `a`, `b`$/,
    );
  });

  it("reports a group's new ID, and devices that register again because the hubs change", () => {
    const group: StepWords = {
      ...{ op: "replace", type: "group", before: { enrollmentGroupId: "a" }, after: { enrollmentGroupId: "b" } },
      reasons: ["enrollmentGroupId"],
    };
    assert.match(
      statements(group).join(),
      /^destructive: Enrollment group `a` is \*\*replaced\*\* \(`enrollmentGroupId` `"a"` → `"b"`\): the old one is deleted/,
    );
    const registration: StepWords = {
      ...{ op: "update", type: "registration" },
      before: { registrationId: "c", hubs: ["a.azure-devices.net"] },
      after: { registrationId: "c", hubs: ["b.azure-devices.net"] },
    };
    assert.match(statements(registration).join("\n"), /^devices: Register again.*because the hubs .*change: `c`$/);
  });

  it("reports CAs: new, with another intermediate, replaced, deleted", () => {
    const authority = (op: string, before?: object, after?: object): StepWords => ({
      ...{ op, type: "authority", outputs: { rootNotAfter: "2030-01-02T03:04:05.000Z" } },
      ...(before ? { before: { rootName: "R", ...before } } : {}),
      ...(after ? { after: { rootName: "R", ...after } } : {}),
    });
    assert.match(
      statements(authority("create", undefined, { rootLifetimeDays: 10 })).join(),
      /^authorities: A new root `R` \(10 days\)/,
    );
    assert.match(
      statements(authority("update", { intermediateName: "I" }, { intermediateName: "J" })).join(),
      /^authorities: A new intermediate under the same root `R` \(`intermediateName` `"I"` → `"J"`\)/,
    );
    assert.match(
      statements(authority("delete", {})).join(),
      /^destructive: Root CA `R` \(valid until 2030-01-02\) is \*\*deleted\*\*/,
    );
  });

  it("gives the reason for an update without a changed input: a key in a vault", () => {
    const healed = (type: StepWords["type"], outputs: object, more: object = {}): string =>
      statements({
        ...{ op: "update", type, outputs: { ...outputs } },
        before: { rootName: "R", registrationId: "r" },
        after: { rootName: "R", registrationId: "r", ...more },
      }).join();
    const [root, line] = [{ rootKeyState: "enabled" }, { rootKeyState: "disabled: it signs nothing" }];
    assert.equal(
      healed("authority", line),
      "other: CertificateAuthority `thing` is updated: `rootKey` is disabled: it signs nothing.",
    );
    assert.equal(
      healed("authority", root, { softDeleted: "purge" }),
      "other: CertificateAuthority `thing` is updated: `softDeleted`.",
    );
    assert.match(
      healed("authority", { ...root, intermediateKeyState: "rotated: the key has a newer version" }),
      /^authorities: A new intermediate under the same root `R` \(its key is rotated: the key has a newer version\)/,
    );
    assert.equal(
      healed("individual", { primaryKeyState: "deleted: <b>@all", secondaryKeyState: "enabled" }),
      "other: IndividualEnrollment `thing` is updated: `primaryKey` is deleted: &#60;b&#62;&#64;all.",
    );
    assert.match(
      healed("certificate", { storedState: "disabled: the device cannot fetch its key" }),
      /^expiry: New certificates, .* disabled: the device cannot fetch its key: `r`$/,
    );
    assert.equal(healed("other", { provisioningState: "Succeeded" }), "other: StorageAccount `thing` is updated.");
    assert.match(healed("group", {}), /^other: EnrollmentGroup `thing` is updated, .*no visible input/);
  });

  it("reports what is unverified, asserted, or now verified", () => {
    const root = (op: string, before: object | undefined, after: object | undefined): StepWords => ({
      ...{ op, type: "root" },
      ...(before ? { before: { name: "r", ...before } } : {}),
      ...(after ? { after: { name: "r", ...after } } : {}),
    });
    assert.match(
      statements(root("create", undefined, { verification: "asserted" })).join(),
      /asserted: possession of its key is not proven/,
    );
    assert.match(statements(root("update", {}, {})).join(), /`r` is not verified yet/);
    assert.match(
      statements(root("replace", { name: "r" }, { name: "s" })).join("\n"),
      /^destructive: .*no verified CA\.\nunverified: `s` is uploaded/,
    );
    assert.match(
      statements(root("delete", {}, undefined)).join(),
      /^destructive: CA certificate `r` is \*\*removed\*\*/,
    );
  });

  it("merges the findings of a list of enrollments", () => {
    const entry = { caReference: "root", iotEdge: false };
    const before = {
      serviceEndpoint: "s",
      "device:a-1": entry,
      "device:a-2": entry,
      "device:a.3": { ...entry, deviceId: "x" },
    };
    const after = {
      serviceEndpoint: "s",
      "device:a-2": entry,
      "device:a.3": { ...entry, deviceId: "y" },
      "device:a-4": entry,
      "device:a-5": entry,
    };
    const texts = statements({ op: "update", type: "list", before, after });
    assert.equal(texts.length, 3);
    assert.match(
      texts[0] ?? "",
      /^destructive: Individual enrollments \*\*deleted\*\*.*can no longer register.*: `a-1`$/,
    );
    assert.equal(texts[1], "enrollments: Individual enrollments that are new: `a-4`, `a-5`");
    assert.match(texts[2] ?? "", /^enrollments: `a\.3`: `deviceId` `"x"` → `"y"`; at its next registration/);
    assert.match(statements({ op: "delete", type: "list", before }).join(), /\*\*deleted\*\*.*: `a-1`, `a-2`, `a\.3`$/);
    const disabled = { "device:a-2": { ...entry, provisioningStatus: "disabled" } };
    assert.deepEqual(statements({ op: "update", type: "list", before: { "device:a-2": entry }, after: disabled }), [
      "refused: `a-2` is **disabled**: it assigns no device.",
    ]);
  });

  it("reports where a list of enrollments stores keys, and their unexpected states", () => {
    const [before, after] = [
      { softDeleted: "recover" },
      { softDeleted: "recover", vaultUri: "https://kv.vault.azure.net" },
    ];
    assert.match(
      statements({ op: "update", type: "list", name: "fleet", before, after }).join(),
      /^enrollments: Individual enrollments of the list `fleet`: `vaultUri` .*; symmetric keys stay the same/,
    );
    const id = "https://kv.vault.azure.net/secrets/enrollment-a-primary/1";
    const rotated = { primaryKeyId: id, primaryKeyState: "rotated: the secret has a newer version" };
    const outputs = { ...after, storedKeys: { a: rotated, b: rotated, c: { primaryKeyId: id } } };
    assert.match(
      statements({ op: "update", type: "list", before: after, after, outputs }).join("\n"),
      /^enrollments: Individual enrollments .*`primaryKey`.* rotated: the secret has a newer version: `a`, `b`$/,
    );
  });

  it("reports key vaults and their role assignments", () => {
    assert.match(
      statements({ op: "delete", type: "vault", before: { vaultName: "kv-1" } }).join(),
      /^destructive: Key vault `kv-1` is \*\*deleted\*\*/,
    );
    assert.deepEqual(statements({ op: "create", type: "role", name: "officer", after: {} }), [
      "other: Roles assigned to the deploying identity: `officer`",
    ]);
    assert.deepEqual(statements({ op: "create", type: "vaultAccess", after: {} }), []);
    const made = statements({ op: "create", type: "authority", after: { rootName: "R", vaultUri: UNKNOWN } });
    assert.match(made.join(), /both keys are made in the key vault/);
  });

  it("reports changes that have no finding of their own", () => {
    assert.deepEqual(statements({ op: "update", type: "other", name: "s", before: { a: 1 }, after: { a: 2 } }), [
      "other: StorageAccount `s` is updated.",
    ]);
    assert.deepEqual(statements({ op: "delete", type: "other", name: "s", before: {} }), [
      "destructive: StorageAccount `s` is **deleted**.",
    ]);
    assert.deepEqual(
      statements({ op: "update", type: "hub", name: "h", before: { identity: 1 }, after: { identity: 2 } }),
      ["other: IotHubResource `h` is updated: `identity`."],
    );
  });
});
