import { strict as assert } from "node:assert";
import { UNKNOWN } from "../../../review/previewDocument";
import { reportOf } from "../../../review/reviewReport";
import { preview, type StepWords } from "../../cast/steps";

/** Every statement of one step: `section: text: subjects`. */
function told(...steps: readonly StepWords[]): readonly string[] {
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
  it("counts what a hub may take in, and what cannot be changed in place", () => {
    assert.deepEqual(told(hub({ name: "S1", capacity: 2 }, { name: "S1", capacity: 1 })), [
      "cost: IoT hub `h`: 2 units of S1 → 1 unit of S1, 800,000 messages a day → 400,000 messages a day. A hub is billed by tier and units.",
    ]);
    const [refused] = told(hub({ name: "S1", capacity: 1 }, { name: "F1", capacity: 1 }));
    assert.match(refused ?? "", /\*\*Azure changes no hub from S1 to F1\*\*/);
    assert.doesNotMatch(
      told(hub({ name: "B1", capacity: 1 }, { name: "S1", capacity: 1 })).join(),
      /Azure changes no hub/,
    );
    assert.match(
      told(hub({ name: "S1", capacity: 1 }, { name: "X9", capacity: 1 })).join(),
      /unknown number of messages/,
    );
  });

  it("tells what a deleted or replaced hub takes with it", () => {
    const [deleted, cost] = told({
      op: "delete",
      type: "hub",
      before: { resourceName: "hub-1", sku: { name: "S1", capacity: 1 } },
    });
    assert.match(deleted ?? "", /^destructive: IoT hub `hub-1` is \*\*deleted\*\*: all device identities, twins, keys/);
    assert.equal(cost, "cost: IoT hub `thing` is billed no more: 1 unit of S1.");
    const replaced = told({
      ...{ op: "replace", type: "hub", before: { resourceName: "a" }, after: { resourceName: "b" } },
      reasons: ["resourceName"],
    } as StepWords);
    assert.match(
      replaced[0] ?? "",
      /is \*\*replaced\*\* \(`resourceName` `"a"` → `"b"`\): .*every device must register again/,
    );
  });

  it("tells that a replaced provisioning service has another ID scope", () => {
    const [replaced] = told({
      op: "replace",
      type: "service",
      before: { provisioningServiceName: "a" },
      after: { provisioningServiceName: "b" },
    });
    assert.match(replaced ?? "", /\*\*another ID scope\*\*: every device in the field must be given it/);
  });

  it("tells of other hubs and another policy of the provisioning service", () => {
    const before = { properties: { allocationPolicy: "Hashed", iotHubs: [{ location: "a" }] } };
    const after = { properties: { allocationPolicy: "GeoLatency", iotHubs: [{ location: "b" }] } };
    const texts = told({ op: "update", type: "service", name: "s", before, after });
    assert.equal(texts.length, 2);
    assert.match(texts[0] ?? "", /^devices: The allocation policy changes, `"Hashed"` → `"GeoLatency"`/);
    assert.match(texts[1] ?? "", /^devices: The linked hubs of `s` change/);
  });

  it("tells of enrollments that are new, taken over, disabled, deleted", () => {
    const group = (op: string, before: object | undefined, after: object | undefined): StepWords => ({
      ...{ op, type: "group" },
      ...(before ? { before: { enrollmentGroupId: "g", ...before } } : {}),
      ...(after ? { after: { enrollmentGroupId: "g", ...after } } : {}),
    });
    assert.deepEqual(told(group("create", undefined, {})), ["enrollments: Enrollment group `g` is new."]);
    assert.match(told(group("create", undefined, { adopt: true })).join(), /is \*\*taken over\*\* as it stands/);
    assert.deepEqual(told(group("update", { provisioningStatus: "enabled" }, { provisioningStatus: "disabled" })), [
      "refused: Enrollment group `g` is **disabled**: it assigns no device.",
    ]);
    assert.match(told(group("delete", {}, undefined)).join(), /^destructive: Enrollment group `g` is \*\*deleted\*\*/);
    assert.match(
      told(group("update", { caReference: "a" }, { caReference: "b" })).join(),
      /`"a"` → `"b"`; devices under the new CA may register/,
    );
  });

  it("warns of a group whose CA still belongs to the one that it follows", () => {
    const group = (op: string, enrollmentGroupId: string, caReference: string): StepWords =>
      op === "create"
        ? { op, type: "group", name: enrollmentGroupId, after: { enrollmentGroupId, caReference } }
        : { op, type: "group", name: enrollmentGroupId, before: { enrollmentGroupId, caReference } };
    const texts = told(group("create", "new", "root"), group("delete", "old", "root")).join("\n");
    assert.match(texts, /\*\*`up` will stop at enrollment group `new`\*\*: its CA belongs to `old`.* 409201/);
    assert.doesNotMatch(told(group("create", "new", "root-2"), group("delete", "old", "root")).join(), /409201/);
  });

  it("tells of twins for those who come, and of Azure's tags", () => {
    const twin = (city: string) => ({ initialTwin: { tags: { city }, properties: { desired: {} } } });
    assert.deepEqual(told({ op: "update", type: "group", name: "g", before: twin("Ulm"), after: twin("Bonn") }), [
      'twins: Enrollment group `g` gives other twins to devices that register for the first time: `initialTwin.tags.city` `"Ulm"` → `"Bonn"`. Twins that exist stay as they are.',
    ]);
    const texts = told({
      op: "update",
      type: "hub",
      name: "h",
      before: { tags: { a: "1" } },
      after: { tags: { a: "2" } },
    });
    assert.deepEqual(texts, ["twins: IotHubResource `h` gets other Azure tags: `tags.a`."]);
  });

  it("tells who is revoked, and who is let in again, once", () => {
    const device = (registrationId: string) => ({ registrationId });
    const texts = told({
      op: "update",
      type: "revocations",
      before: { devices: [device("a"), device("b")] },
      after: { devices: [device("b"), device("c")] },
    });
    assert.equal(texts.length, 2);
    assert.match(texts[0] ?? "", /^refused: \*\*Revoked\*\*.*: `c`$/);
    assert.match(texts[1] ?? "", /^refused: Let in again.*: `a`$/);
    const registration = {
      op: "update",
      type: "registration",
      before: { registrationId: "c" },
      after: { registrationId: "c", revoked: true },
    } as const;
    assert.deepEqual(told(registration), []);
    const back = told({
      ...registration,
      before: { registrationId: "c", revoked: true },
      after: { registrationId: "c", revoked: false },
    });
    assert.deepEqual(back, ["devices: Register again and send their message, revoked no more: `c`"]);
  });

  it("tells of a revoked device whose ID looks like a GUID, and of revoked certificates", () => {
    const id = "3f2504e0-4f89-11d3-9a0c-0305e82c3301";
    const [wanted, former] = ["A".repeat(40), "B".repeat(64)];
    const texts = told({
      op: "update",
      type: "revocations",
      before: { devices: [], thumbprints: [former] },
      after: { devices: [{ registrationId: id }, { registrationId: UNKNOWN }], thumbprints: [wanted] },
    });
    assert.equal(texts.length, 3);
    assert.match(texts[0] ?? "", new RegExp(`^refused: \\*\\*Revoked\\*\\*.*: \`${id}\`$`));
    assert.match(texts[1] ?? "", new RegExp(`^refused: Certificates \\*\\*revoked\\*\\*.*: \`${wanted}\`$`));
    assert.match(texts[2] ?? "", new RegExp(`^refused: Certificates revoked no more.*: \`${former}\`$`));
  });

  it("leaves an identity to the hardware that takes its device ID over in the same run", () => {
    const old: StepWords = {
      ...{ op: "delete", type: "registration", name: "old", before: { registrationId: "old" } },
      outputs: { deviceId: "press-4", assignedHub: "h.azure-devices.net" },
    };
    const individual: StepWords = {
      ...{ op: "create", type: "individual", name: "new", after: { registrationId: "new", deviceId: "press-4" } },
    };
    const registration = (after: object): StepWords => ({
      ...{ op: "create", type: "registration", name: "new", after: { registrationId: "new", ...after } },
    });
    const [swapped] = told(old, individual, registration({}));
    assert.match(
      swapped ?? "",
      /^destructive: Devices \*\*taken away\*\*.*their identities in the hub stay, .*: `old` \(`press-4` in `h.*`\)$/,
    );
    for (const others of [[], [individual], [individual, registration({ revoked: true })], [registration({})]])
      assert.match(
        told(old, ...others).join("\n"),
        /taken away\*\* with their registration records, their identities in/,
      );
  });

  it("groups devices that something holds for", () => {
    const registration = (registrationId: string): StepWords => ({
      ...{ op: "update", type: "registration", name: registrationId },
      before: { registrationId, certificateChain: "a", enrollment: "1" },
      after: { registrationId, certificateChain: UNKNOWN, enrollment: UNKNOWN },
    });
    assert.deepEqual(told(registration("b"), registration("a")), [
      "devices: Register again and send their message, with a new certificate: `a`, `b`",
    ]);
  });

  it("tells of a group's other ID, and of devices that follow other hubs", () => {
    const group: StepWords = {
      ...{ op: "replace", type: "group", before: { enrollmentGroupId: "a" }, after: { enrollmentGroupId: "b" } },
      reasons: ["enrollmentGroupId"],
    };
    assert.match(
      told(group).join(),
      /^destructive: Enrollment group `a` is \*\*replaced\*\* \(`enrollmentGroupId` `"a"` → `"b"`\): the old one is deleted/,
    );
    const registration: StepWords = {
      ...{ op: "update", type: "registration" },
      before: { registrationId: "c", hubs: ["a.azure-devices.net"] },
      after: { registrationId: "c", hubs: ["b.azure-devices.net"] },
    };
    assert.deepEqual(told(registration), [
      "devices: Register again and send their message, because the hubs of the provisioning service change: `c`",
    ]);
  });

  it("tells of CAs: new, other intermediate, replaced, gone", () => {
    const authority = (op: string, before?: object, after?: object): StepWords => ({
      ...{ op, type: "authority", outputs: { rootNotAfter: "2030-01-02T03:04:05.000Z" } },
      ...(before ? { before: { rootName: "R", ...before } } : {}),
      ...(after ? { after: { rootName: "R", ...after } } : {}),
    });
    assert.match(
      told(authority("create", undefined, { rootLifetimeDays: 10 })).join(),
      /^authorities: A new root `R` \(10 days\)/,
    );
    assert.match(
      told(authority("update", { intermediateName: "I" }, { intermediateName: "J" })).join(),
      /^authorities: A new intermediate under the same root `R` \(`intermediateName` `"I"` → `"J"`\)/,
    );
    assert.match(
      told(authority("delete", {})).join(),
      /^destructive: Root CA `R` \(valid until 2030-01-02\) is \*\*deleted\*\*/,
    );
  });

  it("tells why a resource is updated of which no input differs: its key in a vault", () => {
    const healed = (type: StepWords["type"], outputs: object, more: object = {}): string =>
      told({
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
    assert.equal(
      healed("certificate", { storedState: "disabled: the device cannot fetch its key" }),
      "expiry: New certificates, because it is disabled: the device cannot fetch its key: `r`",
    );
    assert.equal(healed("other", { provisioningState: "Succeeded" }), "other: StorageAccount `thing` is updated.");
    assert.equal(
      healed("group", {}),
      "other: EnrollmentGroup `thing` is updated, though no input that may be shown differs.",
    );
  });

  it("tells what is unverified, asserted, or verified at last", () => {
    const root = (op: string, before: object | undefined, after: object | undefined): StepWords => ({
      ...{ op, type: "root" },
      ...(before ? { before: { name: "r", ...before } } : {}),
      ...(after ? { after: { name: "r", ...after } } : {}),
    });
    assert.match(
      told(root("create", undefined, { verification: "asserted" })).join(),
      /nobody proves possession of its key/,
    );
    assert.match(told(root("update", {}, {})).join(), /is not verified now, and is verified by this `up`/);
    assert.match(
      told(root("replace", { name: "r" }, { name: "s" })).join("\n"),
      /^destructive: .*has no verified CA meanwhile\.\nunverified: `s` is uploaded/,
    );
    assert.match(told(root("delete", {}, undefined)).join(), /^destructive: CA certificate `r` is \*\*removed\*\*/);
  });

  it("tells of a list of enrollments what holds for many at once", () => {
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
    const texts = told({ op: "update", type: "list", before, after });
    assert.equal(texts.length, 3);
    assert.match(
      texts[0] ?? "",
      /^destructive: Individual enrollments \*\*deleted\*\*, so that the device can register no more.*: `a-1`$/,
    );
    assert.equal(texts[1], "enrollments: Individual enrollments that are new: `a-4`, `a-5`");
    assert.match(texts[2] ?? "", /^enrollments: `a\.3`: `deviceId` `"x"` → `"y"`; at its next registration/);
    assert.match(told({ op: "delete", type: "list", before }).join(), /\*\*deleted\*\*.*: `a-1`, `a-2`, `a\.3`$/);
    const disabled = { "device:a-2": { ...entry, provisioningStatus: "disabled" } };
    assert.deepEqual(told({ op: "update", type: "list", before: { "device:a-2": entry }, after: disabled }), [
      "refused: `a-2` is **disabled**: it assigns no device.",
    ]);
  });

  it("tells where a list of enrollments keeps keys, and what was found there", () => {
    const [before, after] = [
      { softDeleted: "recover" },
      { softDeleted: "recover", vaultUri: "https://kv.vault.azure.net" },
    ];
    assert.match(
      told({ op: "update", type: "list", name: "fleet", before, after }).join(),
      /^enrollments: Individual enrollments of the list `fleet`: `vaultUri` .*; symmetric keys stay as they are, and/,
    );
    const id = "https://kv.vault.azure.net/secrets/enrollment-a-primary/1";
    const rotated = { primaryKeyId: id, primaryKeyState: "rotated: the secret has a newer version" };
    const outputs = { ...after, storedKeys: { a: rotated, b: rotated, c: { primaryKeyId: id } } };
    assert.deepEqual(told({ op: "update", type: "list", before: after, after, outputs }), [
      "enrollments: Individual enrollments whose `primaryKey` in the vault is rotated: the secret has a newer version: `a`, `b`",
    ]);
  });

  it("tells of key vaults and the rights in them", () => {
    assert.match(
      told({ op: "delete", type: "vault", before: { vaultName: "kv-1" } }).join(),
      /^destructive: Key vault `kv-1` is \*\*deleted\*\*/,
    );
    assert.deepEqual(told({ op: "create", type: "role", name: "officer", after: {} }), [
      "other: Roles given to the identity that deploys: `officer`",
    ]);
    assert.deepEqual(told({ op: "create", type: "vaultAccess", after: {} }), []);
    const made = told({ op: "create", type: "authority", after: { rootName: "R", vaultUri: UNKNOWN } });
    assert.match(made.join(), /both keys are made in the key vault/);
  });

  it("leaves nothing out that it has no words for", () => {
    assert.deepEqual(told({ op: "update", type: "other", name: "s", before: { a: 1 }, after: { a: 2 } }), [
      "other: StorageAccount `s` is updated.",
    ]);
    assert.deepEqual(told({ op: "delete", type: "other", name: "s", before: {} }), [
      "destructive: StorageAccount `s` is **deleted**.",
    ]);
    assert.deepEqual(told({ op: "update", type: "hub", name: "h", before: { identity: 1 }, after: { identity: 2 } }), [
      "other: IotHubResource `h` is updated: `identity`.",
    ]);
  });
});
