import { strict as assert } from "node:assert";
import fc from "fast-check";
import { compareVersions, PINNED, parseVersion, serves, type Version } from "../../../cli/pulumi/cliVersion";

describe("cli/pulumi/cliVersion", () => {
  it("reads the ways in which versions are written", () => {
    assert.deepEqual(parseVersion("v3.256.0\n"), [3, 256, 0]);
    assert.deepEqual(parseVersion("go1.26"), [1, 26, 0]);
    assert.deepEqual(parseVersion("go1.26.8"), [1, 26, 8]);
    assert.deepEqual(parseVersion("go1.27rc1"), [1, 27, 0]);
    assert.deepEqual(parseVersion("3.256.1-alpha.1+build"), [3, 256, 1]);
    for (const text of ["", "v3", "three", "devel go1.27", "3.256.0.1"])
      assert.equal(parseVersion(text), undefined, text);
  });

  it("takes the pinned minor and newer of the same major only", () => {
    for (const text of [PINNED, "v3.256.0", "3.256.7", "v3.300.0"]) assert.ok(serves(text), text);
    for (const text of ["v3.255.9", "v4.0.0", "v2.999.0", "", "unknown"]) assert.ok(!serves(text), text);
  });

  it("orders as numbers, not as text", () => {
    assert.ok(compareVersions([3, 99, 0], [3, 256, 0]) < 0);
    const version: fc.Arbitrary<Version> = fc.tuple(fc.nat(400), fc.nat(400), fc.nat(400));
    fc.assert(
      fc.property(version, version, (a, b) => {
        const number = ([x, y, z]: Version) => (x * 1000 + y) * 1000 + z;
        assert.equal(Math.sign(compareVersions(a, b)), Math.sign(number(a) - number(b)));
      }),
    );
  });
});
