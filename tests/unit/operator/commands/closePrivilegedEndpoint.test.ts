import { strict as assert } from "node:assert";
import { allowedDestinations, type CheckDestination } from "../../../../operator/archive/allowedDestinations";
import { type CloseDependencies, closePrivilegedEndpoint } from "../../../../operator/commands/closePrivilegedEndpoint";
import type { Credential } from "../../../../operator/commands/operatorCommand";
import { aContext } from "../../../cast/operator/commandRun";
import { ALICE, type TestInstance, type TestInstances, testInstances } from "../../../cast/operator/instances";
import { MemoryDestination } from "../../../cast/operator/memoryDestination";
import { refuses } from "../../../cast/operator/storeContract";

describe("Close-PrivilegedEndpoint", () => {
  let instances: TestInstances;
  let one: TestInstance;
  let destination: MemoryDestination;

  beforeEach(async () => {
    instances = testInstances();
    one = await instances.add("one");
    destination = new MemoryDestination();
  });
  afterEach(() => instances.close());

  const dependencies = (checkDestination: CheckDestination = () => undefined): CloseDependencies => ({
    ...one,
    clock: instances.clock,
    checkDestination,
  });
  const run = (session: string, url = destination.url, credential?: Credential) => {
    const { store } = one;
    const opened: unknown[] = [];
    const command = closePrivilegedEndpoint(dependencies(), (...values) => {
      opened.push(values);
      return destination;
    });
    const context = aContext(store);
    const parameters = { TranscriptsPathDestination: url, Credential: credential };
    return { opened, output: command.run(parameters, { ...context, session: { ...context.session, id: session } }) };
  };

  it("moves earlier transcripts, ends the session, and moves its own one then", async () => {
    const earlier = await one.registry.open(ALICE);
    await earlier.close("exit");
    const own = await one.registry.open(ALICE);
    const credential = { userName: "account", password: "c2VjcmV0" };
    const { opened, output } = run(own.information.id, "https://a.blob.core.windows.net/t", credential);
    const { value, endsSession, afterClose } = await output;
    assert.deepEqual(opened, [["https://a.blob.core.windows.net/t", credential]]);
    assert.equal(endsSession, true);
    assert.deepEqual(
      (value as { transcripts: { session: string }[] }).transcripts.map(({ session }) => session),
      [earlier.information.id],
    );
    assert.equal(destination.files.size, 1);
    await own.recorder.record("output", { value });
    await own.close("Close-PrivilegedEndpoint");
    const last = await afterClose?.();
    assert.equal(last?.exitCode, 0);
    assert.match(last?.text ?? "", /uploaded, \d+ bytes, SHA-256 [0-9a-f]{64}\n.*uploaded[\s\S]*session is closed/);
    assert.deepEqual([destination.files.size, await one.store.listLogs("transcripts/")], [2, []]);
    assert.ok(!JSON.stringify([...destination.files.values()].map(String)).includes("c2VjcmV0"));
  });

  it("leaves the session open where the destination cannot be read", async () => {
    const own = await one.registry.open(ALICE);
    destination.failsAt = 1;
    await refuses("UploadFailed", run(own.information.id).output);
    await own.recorder.record("output", {});
    await own.close("exit");
  });

  it("keeps the own transcript where its upload fails, says so, and ends with exit code 1", async () => {
    const own = await one.registry.open(ALICE);
    destination.failsAt = 2;
    const { afterClose } = await run(own.information.id).output;
    await own.close("Close-PrivilegedEndpoint");
    const last = await afterClose?.();
    assert.equal(last?.exitCode, 1);
    assert.match(last?.text ?? "", /kept: UploadFailed: .*\n.*kept: 1\.\nTo fix: connect again/);
    assert.equal((await one.store.listLogs("transcripts/")).length, 1);
  });

  it("refuses URLs that are none of a blob container", async () => {
    const { store } = one;
    const command = closePrivilegedEndpoint(dependencies());
    const wrong = [
      "transcripts",
      "\\\\server\\share",
      "http://account.blob.core.windows.net/transcripts",
      "https://account.blob.core.windows.net",
      "https://user:password@account.blob.core.windows.net/transcripts",
      "https://account.blob.core.windows.net/transcripts#part",
      "https://account.blob.core.windows.net/transcripts?comp=list",
      "file:///tmp/transcripts",
      "https://account.blob.core.windows.net/transcripts/%zz",
      "https://account.blob.core.windows.net/transcripts/a%2F..%2F..%2Fother",
      // A token of the endpoint's own identity goes to Azure only.
      "https://account.blob.core.windows.net.example.org/transcripts",
      "https://example.org/transcripts",
      "http://127.0.0.1:10000/account/transcripts",
    ];
    for (const url of wrong) {
      const context = aContext(store);
      await refuses("ParameterInvalid", command.run({ TranscriptsPathDestination: url }, context));
    }
    const both = { userName: "a", password: "a2V5" };
    const signed = "https://account.blob.core.windows.net/transcripts?sv=1&sig=c2ln";
    await refuses(
      "ParameterInvalid",
      command.run({ TranscriptsPathDestination: signed, Credential: both }, aContext(store)),
    );
  });

  it("moves transcripts to allowed destinations only; by default to the account of a store in Blob Storage", async () => {
    const blob = "https://account.blob.core.windows.net";
    const azurite = "http://127.0.0.1:10000/account";
    const cases: readonly (readonly [allowed: string[], store: string, url: string, isAllowed: boolean])[] = [
      [[], "store.db", "https://other.blob.core.windows.net/t", true],
      [[], `${blob}/operator-store?sv=1&sig=a`, `${blob}/transcripts/a`, true],
      [[], `${blob}/operator-store`, "https://other.blob.core.windows.net/transcripts", false],
      [[], `${blob}/operator-store`, `${blob.replace("https", "http")}/transcripts`, false],
      [[], `${azurite}/operator-store`, `${azurite}/transcripts`, true],
      [[], `${azurite}/operator-store`, "http://127.0.0.1:10000/other/transcripts", false],
      [[`${blob}/transcripts/2026`], "store.db", `${blob}/transcripts/2026/may?sv=1&sig=a`, true],
      [[`${blob}/transcripts/2026`], "store.db", `${blob}/transcripts/2026/../2025`, false],
      [[`${blob}/transcripts`], `${blob}/operator-store`, `${blob}/transcripts-2`, false],
      [[`${blob}/a`, `${blob}/b`], "store.db", `${blob}/b`, true],
    ];
    for (const [allowed, store, url, isAllowed] of cases) {
      const command = closePrivilegedEndpoint(dependencies(allowedDestinations(allowed, store)), () => destination);
      const output = Promise.resolve(command.run({ TranscriptsPathDestination: url }, aContext(one.store)));
      if (isAllowed) assert.equal((await output).endsSession, true, url);
      else await refuses("AccessDenied", output);
    }
  });
});
