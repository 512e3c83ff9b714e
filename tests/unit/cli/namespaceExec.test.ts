import { strict as assert } from "node:assert";
import { resolve } from "node:path";
import fc from "fast-check";
import { forwards, withoutProxy } from "../../../cli/local/namespaceExec";
import { dnsResponse } from "../../../cli/namespace/nameServer.cjs";
import { withPreload } from "../../../emulator/contract/nodePreload";
import { aReady } from "../../cast/ready";

/** A DNS query for a name; type 1 is A, 28 AAAA. */
function query(name: string, type = 1): Buffer {
  const labels = name.split(".").map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  const head = Buffer.from([0xab, 0xcd, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  return Buffer.concat([head, ...labels, Buffer.from([0, 0, type, 0, 1])]);
}

describe("the network namespace", () => {
  it("has Azure's names at 127.0.0.1 and no other name", () => {
    const known = dnsResponse(query("Hub-1.azure-devices.net")) ?? Buffer.alloc(0);
    assert.equal(known.readUInt16BE(0), 0xabcd, "the query's id");
    assert.deepEqual([known.readUInt16BE(2), known.readUInt16BE(6)], [0x8580, 1], "a response, one answer");
    assert.deepEqual([...known.subarray(-4)], [127, 0, 0, 1]);
    const six = dnsResponse(query("hub-1.azure-devices.net", 28)) ?? Buffer.alloc(0);
    assert.deepEqual([six.readUInt16BE(2), six.readUInt16BE(6)], [0x8580, 0], "it exists and has no IPv6 address");
    const other = dnsResponse(query("example.com")) ?? Buffer.alloc(0);
    assert.deepEqual([other.readUInt16BE(2), other.readUInt16BE(6)], [0x8583, 0], "NXDOMAIN");
  });

  it("never throws for other data", () => {
    assert.equal(dnsResponse(Buffer.alloc(12)), null);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const response = dnsResponse(Buffer.from(bytes));
        assert.ok(response === null || response.length >= 12);
      }),
    );
  });

  it("forwards Azure's ports to the direct listener, and the local Azure's own ports unchanged", () => {
    const expected = [
      [443, 1003],
      [8883, 1003],
      [5671, 1003],
      [1001, 1001],
      [1002, 1002],
      [1004, 1004],
      [1003, 1003],
    ];
    assert.deepEqual([...forwards(aReady())], expected);
  });

  it("removes only proxies from the environment, including the user's own", () => {
    const environment = { set: { HTTPS_PROXY: "p", mqtt_proxy: "p", SSL_CERT_FILE: "f" }, unset: ["PULUMI_STACK"] };
    const { set, unset } = withoutProxy(environment);
    assert.deepEqual(set, { SSL_CERT_FILE: "f" });
    for (const name of ["PULUMI_STACK", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "NO_PROXY", "mqtt_proxy"]) {
      assert.ok(unset.includes(name), name);
    }
  });
});

describe("the environment with the preload", () => {
  const hook = resolve(__dirname, "../../../emulator/contract/preload/azure.cjs");
  const environment = { set: { A: "1" }, unset: ["B"] };

  it("adds it to NODE_OPTIONS once, after the user's own", () => {
    const option = `--require ${JSON.stringify(hook)}`;
    const first = withPreload(environment, aReady(), { NODE_OPTIONS: "--trace-warnings" });
    assert.deepEqual(first, {
      set: { A: "1", NODE_OPTIONS: `--trace-warnings ${option}`, ZERO_TOUCH_LOCAL_DIRECT: "127.0.0.1:1003" },
      unset: ["B"],
    });
    assert.equal(withPreload(environment, aReady(), first.set).set.NODE_OPTIONS, first.set.NODE_OPTIONS);
    assert.equal(withPreload(environment, aReady(), {}).set.NODE_OPTIONS, option);
  });
});
