import { strict as assert } from "node:assert";
import { azureHost } from "../../../azure/hosts";
import { NAME_RULES, type NameKind, nameError, nameKey } from "../../../azure/names";
import { createSas, isSignedWith, parseSas } from "../../../azure/sas";

interface Case {
  readonly label: string;
  readonly good: readonly string[];
  /** Of a right length. */
  readonly bad: readonly string[];
  readonly shortest: number;
  readonly longest: number;
  readonly rule: string;
  readonly isCaseKept?: true;
}

const ID = {
  good: ["a", "-", "A.b_c:d-", ".a", ":1"],
  bad: ["a b", "a.", "a_", "a:", "é", "a/b", "a\n", "\na", "a+"],
  shortest: 1,
};
const ID_RULE = "letters, digits and the characters - . _ : ending in a letter, a digit or a dash";

const CASES: Readonly<Record<NameKind, Case>> = {
  iotHub: {
    label: "IoT hub name",
    good: ["abc", "A-1", "1a2"],
    bad: ["-ab", "ab-", "a.b", "a_b", "a b", "äbc", "abc\n"],
    ...{ shortest: 3, longest: 50 },
    rule: "3 to 50 letters, digits and hyphens, with a letter or digit at both ends",
  },
  provisioningService: {
    label: "provisioning service name",
    good: ["abc", "A-1", "global1", "my-global"],
    bad: ["-ab", "ab-", "a.b", "global", "Global", "abc\n"],
    ...{ shortest: 3, longest: 64 },
    rule: "3 to 64 letters, digits and hyphens, with a letter or digit at both ends, and not `global`",
  },
  storageAccount: {
    label: "storage account name",
    good: ["abc", "1a2", "123"],
    bad: ["Abc", "a-b", "a.b", "a b", "äbc", "abc\n"],
    ...{ shortest: 3, longest: 24 },
    rule: "3 to 24 lower-case letters and digits",
    isCaseKept: true,
  },
  containerApp: {
    label: "container app name",
    good: ["ab", "a-1", "a1-b2"],
    bad: ["Ab", "1a", "a-", "-a", "a--b", "a_b", "ab\n"],
    ...{ shortest: 2, longest: 32 },
    rule: "2 to 32 lower-case letters, digits and single hyphens, beginning with a letter and ending in a letter or digit",
    isCaseKept: true,
  },
  dpsCertificate: {
    label: "DPS certificate name",
    good: ["a", "-", "a.b_c-D"],
    bad: ["a b", "a:", "ä", " a", "a\n"],
    ...{ shortest: 1, longest: 64 },
    rule: "1 to 64 letters, digits and the characters - . _",
  },
  registrationId: { label: "registration ID", ...ID, longest: 128, rule: `1 to 128 ${ID_RULE}` },
  x509RegistrationId: {
    label: "registration ID (common name of the certificate)",
    ...ID,
    longest: 64,
    rule: `1 to 64 ${ID_RULE}`,
  },
  enrollmentGroupId: { label: "enrollment group ID", ...ID, longest: 128, rule: `1 to 128 ${ID_RULE}` },
  deviceId: {
    label: "device ID",
    good: ["a", "-.%_#*?!(),:=@$'+", "A1"],
    bad: ["a b", "a/b", "ä", "a\n", "\na", 'a"', "a&b", "a;"],
    ...{ shortest: 1, longest: 128 },
    rule: "1 to 128 letters, digits and the characters - . + % _ # * ? ! ( ) , : = @ $ '",
    isCaseKept: true,
  },
  moduleId: {
    label: "module ID",
    good: ["a", "-.%_#*?!(),:=@$'+", "A1"],
    bad: ["a b", "a/b", "ä", "a\n", "\na", 'a"', "a&b", "a;"],
    ...{ shortest: 1, longest: 128 },
    rule: "1 to 128 letters, digits and the characters - . + % _ # * ? ! ( ) , : = @ $ '",
    isCaseKept: true,
  },
  resourceGroup: {
    label: "resource group name",
    good: ["a", "ä.b", "(1)_-", ".a"],
    bad: ["a.", "a b", "a/b", "a\n", " a", "a:"],
    ...{ shortest: 1, longest: 90 },
    rule: "1 to 90 letters, digits and the characters _ - . ( ) not ending in a period",
  },
  keyVault: {
    label: "key vault name",
    good: ["abc", "a-1", "A-b-c"],
    bad: ["1ab", "-ab", "ab-", "a--b", "a.b", "abc\n", "1abc"],
    ...{ shortest: 3, longest: 24 },
    rule: "3 to 24 letters, digits and single hyphens, beginning with a letter and ending in a letter or digit",
  },
  vaultObject: {
    label: "name of a key, secret or certificate",
    good: ["a", "-", "1-A"],
    bad: ["a b", "a_b", "a.b", "ä", "a\n", " a"],
    ...{ shortest: 1, longest: 127 },
    rule: "1 to 127 letters, digits and hyphens",
  },
};

describe("Azure's name rules", () => {
  it("are all here", () => {
    assert.deepEqual(Object.keys(CASES).sort(), Object.keys(NAME_RULES).sort());
  });

  for (const [name, { label, good, bad, shortest, longest, rule, isCaseKept }] of Object.entries(CASES)) {
    const kind = name as NameKind;
    it(`hold for a ${label}`, () => {
      for (const each of [...good, "a".repeat(shortest), "a".repeat(longest)])
        assert.equal(nameError(kind, each), undefined, each);
      for (const each of [...bad, "a".repeat(shortest - 1)])
        assert.equal(nameError(kind, each), `"${each}" is not a valid ${label}: the rule is ${rule}`);
      const long = "a".repeat(longest + 1);
      const reported = `"${long}" is not a valid ${label}: it has ${longest + 1} characters, and the rule is ${rule}`;
      assert.equal(nameError(kind, long), reported);
      assert.equal(nameKey(kind, "aB-1"), isCaseKept ? "aB-1" : "ab-1");
    });
  }
});

describe("Azure's host names", () => {
  it("name the service and the tenant's name, in any letter case", () => {
    const table = {
      "management.azure.com": { service: "arm" },
      "login.microsoftonline.com": { service: "login" },
      "login.windows.net": { service: "login" },
      "graph.microsoft.com": { service: "graph" },
      "global.azure-devices-provisioning.net": { service: "dpsDevice" },
      "d1.azure-devices-provisioning.net": { service: "dps", name: "d1" },
      "h-1.azure-devices.net": { service: "hub", name: "h-1" },
      "v.vault.azure.net": { service: "vault", name: "v" },
      "a.blob.core.windows.net": { service: "blob", name: "a" },
      "a.servicebus.windows.net": { service: "eventHubs", name: "a" },
    };
    for (const [host, found] of Object.entries(table)) {
      assert.deepEqual(azureHost(host), found, host);
      assert.deepEqual(azureHost(host.toUpperCase()), found, host);
    }
  });

  it("are no others: none that only hold one, nor one below another, nor what every object knows", () => {
    for (const host of [
      "azure-devices.net",
      ".azure-devices.net",
      "a.b.azure-devices.net",
      "-a.azure-devices.net",
      `${"a".repeat(65)}.azure-devices.net`,
      "h.azure-devices.net.example.com",
      "xazure-devices.net",
      "management.azure.com.example.com",
      "constructor",
      "",
    ])
      assert.equal(azureHost(host), undefined, host);
  });
});

describe("shared access signatures", () => {
  const key = Buffer.alloc(32, 1).toString("base64");

  it("are what Azure documents: resource, signature, expiry and, where there is one, the policy", () => {
    const token = createSas("hub/devices/a b", key, 1_700_000_000);
    assert.match(token, /^SharedAccessSignature sr=hub%2Fdevices%2Fa%20b&sig=[A-Za-z0-9%]+&se=1700000000$/);
    assert.ok(createSas("hub", key, 1, "a&b").endsWith("&se=1&skn=a%26b"));
    const read = parseSas(token);
    assert.ok(read);
    const { signature, ...rest } = read;
    assert.equal(Buffer.from(signature, "base64").length, 32);
    assert.deepEqual(rest, {
      encodedResource: "hub%2Fdevices%2Fa%20b",
      resource: "hub/devices/a b",
      expiry: 1_700_000_000,
    });
    assert.equal(parseSas(createSas("hub", key, 1, "a&b"))?.policy, "a&b");
    assert.ok(isSignedWith(read, key));
    assert.ok(!isSignedWith(read, Buffer.alloc(32, 2).toString("base64")));
    assert.ok(!isSignedWith({ ...read, expiry: read.expiry + 1 }, key));
    assert.ok(!isSignedWith({ ...read, encodedResource: "hub" }, key));
    for (const text of ["", signature.slice(1), `${signature}=`])
      assert.ok(!isSignedWith({ ...read, signature: text }, key));
  });

  it("are read with fields in any order and letter case, and blanks around", () => {
    const read = { encodedResource: "r", resource: "r", signature: "s=", expiry: 5, policy: "p" };
    for (const text of [
      "SharedAccessSignature sr=r&sig=s%3D&se=5&skn=p",
      "  sharedaccesssignature   SKN=p&SE=5&sig=s=&sr=r ",
      "SharedAccessSignature =x&sr=r&sig=s%3D&se=5&skn=p&more&sr2=y",
    ])
      assert.deepEqual(parseSas(text), read, text);
    assert.ok(!("policy" in (parseSas("SharedAccessSignature sr=r&sig=s&se=5&skn=") ?? {})));
  });

  it("are invalid if a field is missing, not a number or badly encoded, or if there is other text", () => {
    for (const text of [
      "",
      "SharedAccessSignature",
      "SharedAccessSignature ",
      "Bearer sr=r&sig=s&se=5",
      "x SharedAccessSignature sr=r&sig=s&se=5",
      "SharedAccessSignature sr=r&sig=s&se=5 x",
      "SharedAccessSignature sig=s&se=5",
      "SharedAccessSignature sr=r&se=5",
      "SharedAccessSignature sr=r&sig=s",
      "SharedAccessSignature sr=r&sig=s&se=",
      "SharedAccessSignature sr=r&sig=s&se=x5",
      "SharedAccessSignature sr=r&sig=s&se=5x",
      "SharedAccessSignature sr=r&sig=s&se=-5",
      "SharedAccessSignature sr=%&sig=s&se=5",
      "SharedAccessSignature sr=r&sig=%zz&se=5",
    ])
      assert.equal(parseSas(text), undefined, text);
  });
});
