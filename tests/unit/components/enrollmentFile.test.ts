import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { readEnrollmentFile } from "../../../components/enrollmentFile/readEnrollmentFile";
import { NOW, newHierarchy } from "../../cast/certs";

const KEY = Buffer.alloc(32, 7).toString("base64");
/** A TPM2B_PUBLIC, as short as one can be recognized. */
const EK = "AAIAAQ==";

/** A file in a folder of its own, and what else lies there. */
describe("files of individual enrollments", () => {
  let folder: string;
  let leaf: string;
  let otherLeaf: string;

  const read = (name: string, text: string | Buffer) => {
    writeFileSync(join(folder, name), text);
    return readEnrollmentFile(join(folder, name), { now: NOW, taken: new Set(["sample-01"]) });
  };
  const refused = async (name: string, text: string | Buffer): Promise<string> => {
    const error = await read(name, text).then(
      () => undefined,
      (thrown: Error) => thrown,
    );
    assert.ok(error, "nothing was refused");
    assert.equal(error.stack, undefined);
    return error.message;
  };

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "individuals-"));
    const [first, second] = [await newHierarchy(), await newHierarchy()];
    leaf = first.device.certificate.toPem();
    otherLeaf = second.device.certificate.toPem();
    writeFileSync(join(folder, "leaf.pem"), leaf);
    writeFileSync(
      join(folder, "bundle.pem"),
      `-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n${leaf}${first.intermediate.certificate.toPem()}`,
    );
    writeFileSync(join(folder, "key.pem"), "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
  });

  after(() => rmSync(folder, { recursive: true }));

  it("reads every column of a CSV; empty cells are left out", async () => {
    const text = [
      "registrationId,deviceId,certificate,iotEdge,allocationPolicy,iotHubs,updateHubAssignment,migrateDeviceData,tags,tags.site,desired.rate.seconds,optionalDeviceInformation.note",
      'device-01,"sensor, 1",leaf.pem,TRUE,static,a.azure-devices.net,true,false,"{""line"":1}",north,5,"a ""b"""',
      "device-02,,,,,,,,,,,",
    ].join("\r\n");
    assert.deepEqual(await read("a.csv", text.replace("sensor, 1", "sensor-1")), {
      "device-01": {
        ...{ deviceId: "sensor-1", certificate: leaf, iotEdge: true, allocationPolicy: "static" },
        iotHubs: ["a.azure-devices.net"],
        reprovisionPolicy: { updateHubAssignment: true, migrateDeviceData: false },
        initialTwin: { tags: { line: 1, site: "north" }, properties: { desired: { rate: { seconds: "5" } } } },
        optionalDeviceInformation: { note: 'a "b"' },
      },
      "device-02": {},
    });
    const keys = `registrationid,SymmetricKey,primaryKey,secondaryKey,endorsementKey\na,generated,,,\nb,,${KEY},${KEY},\nc,,,,${EK}`;
    assert.deepEqual(await read("b.csv", `\uFEFF${keys}`), {
      a: { symmetricKey: {} },
      b: { symmetricKey: { primaryKey: KEY, secondaryKey: KEY } },
      c: { tpm: { endorsementKey: EK } },
    });
  });

  it("takes the device's certificate out of a bundle, and nothing else", async () => {
    const listed = await read("a.csv", "registrationId,certificate\ndevice-01,bundle.pem\n");
    assert.deepEqual(listed, { "device-01": { certificate: leaf } });
  });

  it("reports every error of a CSV at once, with line, device, field, value, rule and remedy", async () => {
    const message = await refused(
      "faulty.csv",
      [
        "registrationId,certificate,iotEdge,provisioningStatus,tags,deviceId",
        "device-01,missing.pem,perhaps,off,{,",
        "device-01,key.pem,,,,",
        "not ok,,,,,",
        ",,,,,",
        "device-02,leaf.pem,,,[1],",
        'device-03,,,,"{""a.b"":1}",a b,1',
      ].join("\n"),
    );
    for (const part of [
      "faulty.csv has 13 errors; nothing was changed.",
      '  line 2, device-01: iotEdge = "perhaps": must be true or false\n    To fix: correct the cell, or leave it empty',
      '  line 2, device-01: tags = "{": must be an object of JSON',
      '  line 2, device-01: certificate = "missing.pem": the file cannot be read\n    To fix: give the path of the device\'s own',
      '  line 2, device-01: provisioningStatus = "off": must be one of enabled, disabled',
      '  line 3, device-01: registrationId = "device-01": is in line 2 already',
      '  line 3, device-01: certificate = "key.pem": holds no PEM certificate',
      '  line 4, not ok: registrationId = "not ok": "not ok" is not a valid registration ID',
      "  line 5: registrationId: is missing\n    To fix: give the device a registration ID of its own",
      '  line 6, device-02: certificate = "leaf.pem": the certificate\'s common name is "device-01"',
      "  line 6, device-02: initialTwin",
      "  line 7, device-03: the line has 7 cells, and the first line names 6 columns",
      '  line 7, device-03: deviceId = "a b"',
    ])
      assert.ok(message.includes(part), `${part}\nis missing in\n${message}`);
  });

  it("wants a first line of columns that it knows, each once, and a device at least", async () => {
    assert.match(
      await refused("a.csv", "device-01\ndevice-02\n"),
      /line 1: the first line names no column registrationId/,
    );
    const message = await refused("a.csv", "registrationId,colour,iotEdge,IotEdge\na,red,true,true\n");
    assert.match(message, /line 1: colour: no such column: there are registrationId, deviceId, .*tags\.NAME/);
    assert.match(message, /line 1: IotEdge: the column is there twice/);
    assert.match(
      await refused("a.csv", "registrationId\nSample-01\n"),
      /line 2, Sample-01: .*sample device of this stack/,
    );
    assert.match(await refused("a.csv", "registrationId\n"), /no device is listed/);
    assert.match(await refused("a.csv", 'registrationId\n"a\n'), /line 2: The CSV has a quoted cell that does not end/);
  });

  it("reads semicolons and UTF-16 as Excel writes them, and refuses Windows-1252 in every form", async () => {
    const expected = { a: { initialTwin: { tags: { site: "München" } } } };
    assert.deepEqual(await read("a.csv", "registrationId;tags.site\r\na;München\r\n"), expected);
    const unicodeText = Buffer.from("\ufeffregistrationId\ttags.site\r\na\tMünchen\r\n", "utf16le");
    assert.deepEqual(await read("a.csv", unicodeText), expected);
    for (const [name, text] of [
      ["a.csv", "registrationId,tags.site\na,M\u00fcnchen\n"],
      ["a.json", '[\n{ "registrationId": "M\u00fcnchen" }]'],
      ["a.jsonl", '\n{ "registrationId": "M\u00fcnchen" }'],
    ] as const) {
      const message = await refused(name, Buffer.from(text, "latin1"));
      assert.match(
        message,
        /has one error[\s\S]*line 2: .*neither UTF-8 nor UTF-16\n {4}To fix: save the file as UTF-8/,
      );
    }
  });

  it("never shows a key", async () => {
    const message = await refused("a.csv", "registrationId,primaryKey,secondaryKey\na,sesame,sesame\n");
    assert.match(message, /line 2, a: symmetricKey: primaryKey must be the base64 of 16 to 64 bytes/);
    assert.ok(!message.includes("sesame"));
    const json = await refused("a.json", '[{"registrationId":"a","symmetricKey":{"primaryKey":"sesame"}}]');
    assert.ok(!json.includes("sesame"));
    assert.ok(!(await refused("a.json", '[{"primaryKey":"sesame" "b"}]')).includes("sesame"));
  });

  it("reads JSON: fields as the program writes them, certificates as paths or as PEM; errors with their lines", async () => {
    const devices = [
      { registrationId: "device-01", certificate: "leaf.pem", initialTwin: { tags: { site: "[{" } } },
      { registrationId: "b", caReference: "root", iotEdge: true },
    ];
    assert.deepEqual(await read("a.json", JSON.stringify(devices, undefined, 2)), {
      "device-01": { certificate: leaf, initialTwin: { tags: { site: "[{" } } },
      b: { caReference: "root", iotEdge: true },
    });
    const inline = [{ registrationId: "device-01", certificate: leaf }];
    assert.deepEqual(await read("a.json", JSON.stringify(inline)), { "device-01": { certificate: leaf } });
    const faulty =
      '[\n  { "registrationId": "a", "tags": ["}"] },\n  {\n    "registrationId": 7\n  },\n  "c", { "registrationId": "b", "iotEdge": "yes" }\n]';
    const message = await refused("a.json", faulty);
    assert.match(message, /has 4 errors/);
    assert.match(message, /line 2, a: tags = .*: is none of deviceId, certificate/);
    assert.match(message, /line 3: registrationId = "7": must be text/);
    assert.match(message, /line 6: this is not a JSON object/);
    assert.match(message, /line 6, b: iotEdge = "yes": must be true or false/);
    assert.match(await refused("a.json", "{}"), /line 1: the JSON is not a list/);
    assert.match(await refused("a.json", '[\n{},\n{"a" 1}]'), /line 3: this is not JSON/);
  });

  it("reads the manifest of bulk issuing, and sees when a file holds another certificate", async () => {
    const { X509Certificate } = await import("node:crypto");
    const sha256Thumbprint = new X509Certificate(leaf).fingerprint256.replaceAll(":", "");
    const line = (files: readonly string[]) =>
      `${JSON.stringify({ registrationId: "device-01", serialNumber: "01", sha256Thumbprint, issuerThumbprint: "", files })}\n`;
    assert.deepEqual(await read("m.jsonl", line(["key.key.pem", "leaf.pem"])), { "device-01": { certificate: leaf } });
    assert.deepEqual(await read("m.jsonl", line(["bundle.pem"])), { "device-01": { certificate: leaf } });
    writeFileSync(join(folder, "other.pem"), otherLeaf);
    const message = await refused("m.jsonl", `${line(["other.pem"])}{"registrationId":\n`);
    assert.match(
      message,
      /line 1, device-01: certificate = "other\.pem": holds another certificate than the manifest names/,
    );
    assert.match(message, /line 2: this is not a JSON object/);
  });

  it("reads the example", async () => {
    const example = join(__dirname, "..", "..", "..", "examples", "individuals.csv");
    const listed = await readEnrollmentFile(example, { now: NOW });
    assert.deepEqual(Object.keys(listed), ["meter-0001", "meter-0002", "meter-0003"]);
    assert.deepEqual(listed["meter-0003"], {
      provisioningStatus: "disabled",
      initialTwin: { tags: { site: "south" }, properties: { desired: { interval: "300" } } },
    });
  });

  it("reports a file that does not exist, and one of another kind", async () => {
    await assert.rejects(
      readEnrollmentFile(join(folder, "none.csv")),
      /cannot be read \(ENOENT\)[\s\S]*individualsFile/,
    );
    await assert.rejects(readEnrollmentFile("a.xlsx"), /must end in \.csv, \.json, \.jsonl/);
  });

  it("reads the same from CSV, from JSON and from lines, whatever the texts hold", async () => {
    const id = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,20}[A-Za-z0-9-]$/);
    const cell = fc
      .string({ minLength: 1, maxLength: 20 })
      .filter((text) => text.trim() === text && !/[\n\r]/.test(text));
    const device = fc.record({ registrationId: id, site: cell });
    const devices = fc.uniqueArray(device, {
      minLength: 1,
      maxLength: 20,
      selector: (each) => each.registrationId.toLowerCase(),
    });
    await fc.assert(
      fc.asyncProperty(devices, async (given) => {
        const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
        const csv = given.map((each) => `${quoted(each.registrationId)},${quoted(each.site)}`);
        const objects = given.map(({ registrationId, site }) => ({ registrationId, initialTwin: { tags: { site } } }));
        const wanted = Object.fromEntries(objects.map(({ registrationId, ...rest }) => [registrationId, rest]));
        assert.deepEqual(await read("p.csv", `registrationId,tags.site\n${csv.join("\n")}`), wanted);
        assert.deepEqual(await read("p.json", JSON.stringify(objects)), wanted);
        assert.deepEqual(await read("p.jsonl", objects.map((each) => JSON.stringify(each)).join("\n")), wanted);
      }),
      { numRuns: 50 },
    );
  });
});
