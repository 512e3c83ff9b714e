import assert from "node:assert/strict";
import { azureHost } from "../../azure/hosts";
import { NAME_RULES, type NameKind, nameError } from "../../azure/names";
import { parseSas } from "../../azure/sas";
import { parseCsv } from "../../certs/bulk/csv";
import { Certificate, readCertificates } from "../../certs/certificate";
import { decodeOid, encodeElement, readChildren, TAG } from "../../certs/der";
import { readPrivateKey } from "../../certs/keys";
import { nameConstraintError } from "../../certs/nameConstraints";
import { decodeBase64, parsePem } from "../../certs/pem";
import { readPkcs12 } from "../../certs/pkcs12/read";
import { arePoliciesValid } from "../../certs/policies";
import { readRequest } from "../../certs/request";
import { filterOf } from "../../emulator/arm/armRequest";
import { readCondition } from "../../emulator/dps/queries/queryCondition";
import { readQuery } from "../../emulator/dps/queries/queryPage";
import { readJwt } from "../../emulator/entra/jwt";
import { isKnownResource } from "../../emulator/entra/knownResources";
import { parseFilter } from "../../emulator/graph/odataFilter";
import { parseQuery } from "../../emulator/hub/queries/parseQuery";
import { covers } from "../../emulator/kernel/authorizeCaller";
import { etagMatches } from "../../emulator/kernel/etag";
import type { Request } from "../../emulator/kernel/operation";
import { parseJson } from "../../emulator/kernel/parseJson";
import { messageOf, readTopic } from "../../emulator/mqtt/hub/hubTopics";
import { readBag } from "../../emulator/mqtt/hub/propertyBag";
import { subjectName } from "../../emulator/vault/certificates/distinguishedName";
import { parseDuration } from "../../emulator/vault/keys/keyRotationPolicy";
import { DataPlane } from "../cast/dataPlane";
import { context, oid, sequence } from "../cast/fuzz/forgedCertificate";

/** Characters of hostile texts: a parser whose time grows with the square of the length takes many seconds for one. */
const LENGTH = 60_000;
/** Seconds of processor time, not of the clock. The least of three attempts counts: a busy machine makes one of them slow. */
const LIMIT = 3;

/** Runs a parser, which may refuse its input, until an attempt is fast enough, and returns the least seconds of processor time. */
async function secondsOf(parse: () => unknown): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 3 && least >= LIMIT; attempt += 1) least = Math.min(least, await secondsOfOne(parse));
  return least;
}

async function secondsOfOne(parse: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  try {
    await parse();
  } catch (error) {
    // Its own refusal; to run out of stack or memory is none.
    assert.ok(!(error instanceof RangeError), String(error));
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

const FILLERS = [
  " ",
  "\t\n",
  "a",
  "a ",
  "0",
  "(",
  ")",
  "[",
  '{"a":',
  "'",
  "''",
  '"',
  "=",
  "==",
  "/",
  "//",
  "-",
  "-----",
  ",",
  ";",
  "&",
  "&a=b",
  ".",
  "a.",
  ":",
  "%41",
  "\\",
  "+",
  "#",
  "W/",
  "not ",
  "a=1 and ",
  " and ",
  " eq ",
  "CN=a,",
  "é",
];

/** Parsers of text with the beginnings after which a hostile text follows. */
const PARSERS: Readonly<
  Record<string, { readonly parse: (text: string) => unknown; readonly after: readonly string[] }>
> = {
  JSON: { parse: (text) => parseJson(Buffer.from(text)), after: ["", '"', '{"a":'] },
  "shared access signatures": { parse: parseSas, after: ["", "SharedAccessSignature ", "SharedAccessSignature sr="] },
  "resources of signatures": {
    parse: (text) => covers(text, "a.azure-devices.net/devices/x"),
    after: ["", "https://"],
  },
  "ETag lists": { parse: (text) => etagMatches(text, "x"), after: ["", "x", '"', "W/"] },
  "conditions of queries": { parse: readCondition, after: ["", "a='", "a=1 "] },
  "queries of IoT Hub": { parse: parseQuery, after: ["SELECT * FROM devices WHERE tags.a IN ["] },
  "$filter of ARM": {
    parse: (text) =>
      filterOf({ query: new Map([["$filter", text]]) } as unknown as Request, "things", () => () => true),
    after: ["", "a eq 'b' "],
  },
  "$filter of Graph": { parse: parseFilter, after: ["", "a eq '", "startswith(", "a/any(", "a eq 'b' and "] },
  tokens: { parse: readJwt, after: ["", "e30."] },
  "resources of tokens": { parse: isKnownResource, after: ["", "https://vault.azure.net"] },
  "host names": { parse: azureHost, after: [""] },
  base64: { parse: decodeBase64, after: ["", "AAAA"] },
  PEM: {
    parse: parsePem,
    after: ["", "-----BEGIN ", "-----BEGIN A-----", "-----BEGIN A-----\nAAAA\n-----END A-----\n"],
  },
  certificates: { parse: readCertificates, after: ["", "-----BEGIN CERTIFICATE-----\n"] },
  "certificate requests": { parse: readRequest, after: ["", "-----BEGIN CERTIFICATE REQUEST-----\n"] },
  "private keys": { parse: (text) => readPrivateKey(text), after: ["-----BEGIN PRIVATE KEY-----\n"] },
  "names of subjects": { parse: subjectName, after: ["", "CN="] },
  durations: { parse: parseDuration, after: ["P", "P1"] },
  "property bags": { parse: (text) => messageOf(readBag(text), Buffer.alloc(0)), after: ["", "a=", "%24.ct="] },
  topics: {
    parse: (text) => readTopic(text, "devices/a"),
    after: ["devices/a/messages/events/", "$iothub/twin/GET/?", "$iothub/methods/res/200/?"],
  },
  names: {
    parse: (text) => (Object.keys(NAME_RULES) as NameKind[]).map((kind) => nameError(kind, text)),
    after: ["", "a-"],
  },
};

describe("parsers of clients' text", () => {
  for (const [name, { parse, after }] of Object.entries(PARSERS)) {
    it(`read ${name} in linear time`, async () => {
      for (const begin of after) {
        for (const filler of FILLERS) {
          const text = begin + filler.repeat(LENGTH / filler.length);
          for (const end of ["", "!x '", " "]) {
            const seconds = await secondsOf(() => parse(text + end));
            assert.ok(seconds < LIMIT, `${JSON.stringify(begin + filler)}… ${end}: ${seconds} s`);
          }
        }
      }
    });
  }

  it("read CSV in linear time, with a first line of any length", async () => {
    for (const filler of ["a", '"', "a,", '""', ";"]) {
      const text = `registrationId,"${filler.repeat(LENGTH / filler.length)}`;
      const parse = async (): Promise<void> => {
        for await (const _ of parseCsv(text.match(/.{1,8}/gs) ?? [])) void _;
      };
      assert.ok((await secondsOf(parse)) < LIMIT, filler);
    }
  });

  it("read whole queries of their longest length at once", async () => {
    const plane = new DataPlane();
    const filled = (head: string, filler: string, end: string): string =>
      head + filler.repeat((4090 - head.length) / filler.length) + end;
    for (const filler of FILLERS) {
      for (const head of [
        "",
        "SELECT ",
        "SELECT * ",
        "SELECT * WHERE a",
        "SELECT * FROM enrollments",
        "{'query': 'SELECT *'",
      ]) {
        const query = filled(head, filler, "b");
        const seconds = await secondsOf(() => readQuery({ body: { query } } as Request, ["enrollments"]));
        assert.ok(seconds < LIMIT, `${head}${filler}`);
      }
      const query = filled("SELECT * FROM devices", filler, "b");
      assert.ok((await secondsOf(() => plane.ask("Query_GetTwins", { body: { query } }))) < LIMIT, filler);
    }
  });

  it("refuse conditions that nest too deep, and read many beside each other", () => {
    const nested = (open: string, depth: number): string =>
      `${open.repeat(depth)}a = 1${(open === "(" ? ")" : "").repeat(depth)}`;
    for (const open of ["(", "NOT "]) {
      assert.ok(readCondition(nested(open, 64)));
      for (const depth of [65, 1500, 100_000]) assert.equal(readCondition(nested(open, depth)), undefined);
    }
    assert.ok(readCondition(Array.from({ length: 1000 }, () => "(a = 1)").join(" AND ")));
  });

  it("read DER in linear time, however it nests", async () => {
    const wide = encodeElement(TAG.sequence, Buffer.from("3000".repeat(LENGTH), "hex"));
    const spread = encodeElement(TAG.sequence, Buffer.from([2, 1, 3]), wide);
    let deep: Buffer = Buffer.from([2, 1, 3]);
    for (let depth = 0; depth < 5_000; depth += 1) deep = encodeElement(TAG.sequence, deep);
    const deepFile = encodeElement(TAG.sequence, Buffer.from([2, 1, 3]), deep);
    const indefinite = Buffer.concat([Buffer.from("3080020103", "hex"), Buffer.from("3080".repeat(20_000), "hex")]);
    const pieces = Buffer.concat([Buffer.from("3080020103", "hex"), Buffer.from("2480".repeat(20_000), "hex")]);
    for (const [name, bytes] of Object.entries({ wide, spread, deep, deepFile, indefinite, pieces })) {
      for (const parse of [
        () => readChildren(bytes),
        () => new Certificate(bytes),
        () => readRequest(bytes),
        () => readPkcs12(bytes, "secret"),
      ]) {
        const seconds = await secondsOf(parse);
        assert.ok(seconds < LIMIT, `${name}: ${seconds} s`);
      }
    }
    assert.throws(() => decodeOid(Buffer.alloc(LENGTH, 0x81)), { code: "malformed" });
  });

  it("bound the work of a certificate's constraints", async () => {
    const many = (count: number): Buffer[] => Array.from({ length: count }, (_, at) => context(0x82, `${at}.example`));
    const names = { subjectDer: sequence(), subjectAltName: sequence(...many(5000)) };
    const subtrees = context(0xa0, Buffer.concat(many(5000).map((name) => sequence(name))));
    assert.throws(() => nameConstraintError(sequence(subtrees), names), { code: "malformed" });
    const policies = sequence(...Array.from({ length: 5000 }, (_, at) => sequence(oid(`1.3.6.1.4.1.${at + 1}`))));
    const mapping = sequence(
      ...Array.from({ length: 5000 }, (_, at) => sequence(oid("1.3.6.1.4.1.1"), oid(`1.3.6.1.4.1.${at + 1}`))),
    );
    const ca = { certificatePolicies: policies, policyMappings: mapping, isSelfIssued: false };
    assert.ok((await secondsOf(() => arePoliciesValid(Array.from({ length: 9 }, () => ca)))) < LIMIT);
  });
});
