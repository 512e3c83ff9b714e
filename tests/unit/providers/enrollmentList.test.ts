import { strict as assert } from "node:assert";
import { handler as listHandler } from "../../../providers/handlers/enrollmentListHandler";
import { UNKNOWN } from "../../../providers/handlers/resource/fields";
import { PartialError } from "../../../providers/handlers/resource/handler";
import { newHierarchy } from "../../cast/certs";
import { type FakeAzure, fakeAzure, fakeGateway } from "../../cast/fakeGateway";
import { matchEach } from "../../cast/matchEach";
import { partial } from "../../cast/partial";

const SERVICE = "dps.azure-devices-provisioning.net";
const KEY = Buffer.alloc(32, 7).toString("base64");

type Entry = Readonly<Record<string, unknown>>;

/** `count` devices, `device-0001` and so on, by a reference to a CA. */
const fleet = (count: number, entry: Entry = { caReference: "root" }): Record<string, Entry> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`device-${String(index + 1).padStart(4, "0")}`, entry]),
  );

const given = (enrollments: object) => ({
  serviceEndpoint: SERVICE,
  ...Object.fromEntries(Object.entries(enrollments).map(([id, entry]) => [`device:${id}`, entry])),
});

/** What a bag of inputs or outputs lists. */
const listed = (props: Entry): Record<string, Entry> =>
  Object.fromEntries(
    Object.entries(props).flatMap(([name, entry]) =>
      name.startsWith("device:") ? [[name.slice("device:".length), entry as Entry]] : [],
    ),
  );

describe("enrollment list handler", () => {
  let azure: FakeAzure;
  const handler = () => listHandler(fakeGateway(azure));
  const enrollment = (id: string) => azure.enrollments.get(`individual/${id}`);
  const bulk = () => azure.calls.filter((call) => call.startsWith("bulk "));
  const create = async (entries: Record<string, Entry>) => handler().create(given(entries));

  beforeEach(() => {
    azure = fakeAzure();
  });

  it("makes a thousand by a hundred calls, one for every ten, and nothing else", async () => {
    const { id, outs } = await create(fleet(1000));
    assert.equal(azure.enrollments.size, 1000);
    assert.deepEqual([azure.calls.length, bulk().length], [100, 100]);
    assert.equal(id, `${SERVICE}/enrollmentList`);
    assert.deepEqual(outs, { ...given(fleet(1000)), symmetricKeys: {} });
    assert.equal((await handler().diff(id, outs, given(fleet(1000)))).changes, false);
  });

  it("shows no drift where there is none, with a call for every hundred", async () => {
    const { id, outs } = await create(fleet(250));
    azure.calls.length = 0;
    assert.deepEqual(await handler().read(id, outs), { id, props: outs, inputs: given(fleet(250)) });
    assert.deepEqual(azure.calls, ["page", "page 100", "page 200"]);
  });

  it("changes only the one that is added, removed or changed, in one call each", async () => {
    const { id, outs } = await create(fleet(30));
    const { "device-0015": _gone, ...rest } = fleet(30);
    const wanted = {
      ...rest,
      "device-0007": { caReference: "root", iotEdge: true },
      "device-0007a": rest["device-0001"],
    };
    assert.equal((await handler().diff(id, outs, given(wanted))).changes, true);
    matchEach(
      azure.messages,
      / 1 to add: device-0007a; 1 to remove: device-0015; 1 to change: device-0007 \(iotEdge\)\.$/,
    );
    azure.calls.length = 0;
    const { outs: next } = await handler().update(id, outs, given(wanted));
    assert.deepEqual(bulk(), [
      "bulk delete device-0015",
      "bulk create device-0007a",
      "bulk updateIfMatchETag device-0007",
    ]);
    assert.deepEqual(
      azure.calls.filter((call) => !call.startsWith("bulk")),
      ["get individual/device-0007"],
    );
    assert.equal(enrollment("device-0007")?.capabilities?.iotEdge, true);
    assert.equal((await handler().diff(id, next, given(wanted))).changes, false);
  });

  it("takes letter case for no difference between registration IDs", async () => {
    const { id, outs } = await create({ "Device-1": { caReference: "root" } });
    const wanted = given({ "device-1": { caReference: "root" } });
    assert.equal((await handler().diff(id, outs, wanted)).changes, false);
    const { failures } = await handler().check({}, given({ a: { caReference: "r" }, A: { caReference: "r" } }));
    assert.deepEqual(failures, [{ property: "device:A", reason: "is the same registration ID as a" }]);
  });

  it("reports every error of every entry in a preview, at its field", async () => {
    const { failures } = await handler().check(
      {},
      given({
        "not ok": { caReference: "root" },
        two: { caReference: "root", symmetricKey: {} },
        none: {},
        typed: { caReference: "root", provisioningStatus: "off", allocationPolicy: "static", colour: "red" },
        twin: { caReference: "root", initialTwin: { tags: { "a.b": 1 } } },
        text: "no object",
        unknown: UNKNOWN,
        later: { caReference: UNKNOWN, iotHubs: [UNKNOWN], allocationPolicy: "static" },
      }),
    );
    const reported = failures.map(({ property, reason }) => `${property}: ${reason}`);
    for (const [index, expected] of [
      /^device:not ok\.registrationId: "not ok" is not a valid registration ID/,
      /^device:two\.symmetricKey: give exactly one of .*; caReference and symmetricKey are given$/,
      /^device:none\.certificate: give exactly one of .*; none is given$/,
      /^device:typed\.provisioningStatus: must be one of enabled, disabled$/,
      /^device:typed\.iotHubs: the policy static needs exactly one hub/,
      /^device:typed\.colour: is none of deviceId, certificate/,
      /^device:twin\.initialTwin: tags has the name "a\.b"/,
      /^device:text: must be an object$/,
    ].entries())
      assert.match(reported[index] ?? "", expected);
    assert.equal(reported.length, 8);
  });

  it("keeps what was done when some are refused, names those with code and remedy, and goes on from there", async () => {
    azure.failures.set("bulk device-0007", { status: 400, code: "400004" });
    azure.enrollments.set("individual/device-0013", {
      ...{ enrollmentGroupId: "", registrationId: "device-0013", etag: '"other"' },
      attestation: { type: "tpm", tpm: { endorsementKey: "AAIAAQ==" } },
    });
    const error = await partial(create(fleet(25)));
    assert.match(error.message, /refused 2 of 25 changes of enrollments\. The others are done and kept/);
    assert.match(
      error.message,
      /400004 for one enrollment:\n {4}device-0007: said 400004\n {4}What it means: An argument/,
    );
    assert.match(error.message, /409201 for one enrollment:\n {4}device-0013: .*\n.*\n {4}To fix: .*adopt/);
    const kept = listed(error.properties);
    assert.equal(Object.keys(kept).length, 23);
    azure.enrollments.delete("individual/device-0013");
    azure.calls.length = 0;
    assert.equal((await handler().diff(error.id, error.properties, given(fleet(25)))).changes, true);
    const { outs } = await handler().update(error.id, error.properties, given(fleet(25)));
    assert.deepEqual(azure.calls, ["bulk create device-0007 device-0013"]);
    assert.deepEqual(listed(outs), fleet(25));
  });

  it("fails plainly if nothing was created, and keeps completed calls if one fails whole", async () => {
    azure.failures.set(`bulk create ${Object.keys(fleet(3)).join(" ")}`, { status: 401, code: "401002" });
    await assert.rejects(
      create(fleet(3)),
      (error: Error) => !(error instanceof PartialError) && /401002/.test(error.message),
    );
    const second = Object.keys(fleet(20)).slice(10).join(" ");
    azure.failures.set(`bulk create ${second}`, { status: 429, code: "429001" });
    const error = await partial(create(fleet(20)));
    assert.match(error.message, /429001[\s\S]*throttling/);
    assert.equal(Object.keys(listed(error.properties)).length, 10);
  });

  it("takes what a killed run made for its own", async () => {
    await create(fleet(12));
    const { outs } = await create(fleet(15));
    assert.deepEqual(listed(outs), fleet(15));
    assert.equal(azure.enrollments.size, 15);
  });

  it("adopts what exists where the entry says so, under the ETag that was looked at", async () => {
    await create(fleet(3, { caReference: "other" }));
    const etag = enrollment("device-0002")?.etag ?? "";
    const wanted = {
      "device-0001": { caReference: "root", adopt: true },
      "device-0002": { caReference: "root", adopt: etag.replaceAll('"', "") },
      "device-0003": { caReference: "root", adopt: "stale" },
    };
    const error = await partial(create(wanted));
    assert.match(error.message, /device-0003: not adopted: its ETag is e3 now, and not stale/);
    assert.deepEqual(listed(error.properties), fleet(2));
    assert.equal(enrollment("device-0003")?.attestation.x509?.caReferences?.primary, "other");
  });

  it("does not write over what someone else changed, and shows it at a refresh", async () => {
    const { id, outs } = await create(fleet(3));
    const gateway = fakeGateway(azure);
    const body = enrollment("device-0002");
    assert.ok(body);
    await gateway
      .individualEnrollment(SERVICE, "device-0002")
      .put({ ...body, provisioningStatus: "disabled" }, body.etag);
    azure.enrollments.delete("individual/device-0003");
    const wanted = given(fleet(3, { caReference: "root", iotEdge: true }));
    const error = await partial(handler().update(id, outs, wanted));
    assert.match(error.message, /409203[\s\S]*device-0002: it was changed by someone else[\s\S]*pulumi refresh/);
    assert.equal(enrollment("device-0003")?.capabilities?.iotEdge, true, "what was deleted is made again");
    const seen = await handler().read(id, error.properties);
    assert.deepEqual(listed(seen.props)["device-0002"], {
      ...{ caReference: "root", provisioningStatus: "disabled" },
    });
    const { outs: next } = await handler().update(id, seen.props, wanted);
    assert.deepEqual(listed(next), listed(wanted));
  });

  it("reports at a refresh what is gone", async () => {
    const { id, outs } = await create(fleet(3));
    azure.enrollments.delete("individual/device-0002");
    const { props } = await handler().read(id, outs);
    assert.deepEqual(Object.keys(listed(props)), ["device-0001", "device-0003"]);
  });

  it("reads the keys that the service made, keeps them through changes, and sees given keys that were changed", async () => {
    const wanted = { a: { symmetricKey: {} }, b: { symmetricKey: { primaryKey: KEY, secondaryKey: KEY } } };
    const { id, outs } = await create(wanted);
    const made = (outs.symmetricKeys as Record<string, unknown>).a;
    assert.deepEqual(made, enrollment("a")?.attestation.symmetricKey);
    assert.deepEqual((await handler().read(id, outs)).props, outs);
    const edge = { ...wanted, a: { symmetricKey: {}, iotEdge: true } };
    const { outs: next } = await handler().update(id, outs, given(edge));
    assert.deepEqual(enrollment("a")?.attestation.symmetricKey, made);
    assert.deepEqual((next.symmetricKeys as Record<string, unknown>).a, made);
    const other = { primaryKey: KEY, secondaryKey: Buffer.alloc(32, 8).toString("base64") };
    const body = enrollment("b");
    assert.ok(body);
    azure.enrollments.set("individual/b", { ...body, attestation: { type: "symmetricKey", symmetricKey: other } });
    const seen = listed((await handler().read(id, next)).props);
    assert.deepEqual(seen.b?.symmetricKey, other);
  });

  it("continues after an unrecorded change of keys, and overwrites no other change", async () => {
    const pair = (octet: number) => {
      const given = Buffer.alloc(32, octet).toString("base64");
      return { a: { symmetricKey: { primaryKey: given, secondaryKey: KEY } } };
    };
    const { id, outs } = await create(pair(1));
    const { outs: noted } = await handler().update(id, outs, given(pair(2)));
    azure.calls.length = 0;
    assert.deepEqual((await handler().update(id, outs, given(pair(2)))).outs, noted);
    assert.deepEqual(bulk(), []);
    const error = await partial(handler().update(id, outs, given(pair(3))));
    assert.match(error.message, /409203[\s\S]*a: it was changed by someone else/);
    assert.deepEqual(enrollment("a")?.attestation.symmetricKey, pair(2).a.symmetricKey);
  });

  it("compares certificates by their thumbprints", async () => {
    const leaf = async () => (await newHierarchy()).device.certificate.toPem();
    const [first, second] = [await leaf(), await leaf()];
    const { id, outs } = await create({ "device-01": { certificate: first } });
    assert.deepEqual((await handler().read(id, outs)).props, outs);
    const { outs: other } = await create({ "device-01": { certificate: second, adopt: true } });
    assert.match(JSON.stringify((await handler().read(id, outs)).props), /another certificate: [0-9A-F]{40}/);
    assert.deepEqual((await handler().read(id, other)).props, other);
  });

  it("deletes all by tens; what is gone already is no failure, what is refused is", async () => {
    const { id, outs } = await create(fleet(25));
    azure.enrollments.delete("individual/device-0011");
    azure.failures.set("bulk device-0012", { status: 500, code: "500001" });
    azure.calls.length = 0;
    await assert.rejects(handler().delete(id, outs), /refused 1 of 25[\s\S]*500001[\s\S]*device-0012/);
    assert.equal(azure.calls.length, 3);
    assert.deepEqual([...azure.enrollments.keys()], ["individual/device-0012"]);
    await handler().delete(id, outs);
    assert.equal(azure.enrollments.size, 0);
  });
});
