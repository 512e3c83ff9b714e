import { strict as assert } from "node:assert";
import { OperatorError } from "../../../../operator/operatorError";
import type { OperatorStore } from "../../../../operator/store/operatorStore";
import { storeUnavailable } from "../../../../operator/store/storeErrors";
import { ALICE, type TestInstance, type TestInstances, testInstances } from "../../../cast/operator/instances";
import { refuses } from "../../../cast/operator/storeContract";

describe("the recorder of a session", () => {
  let instances: TestInstances;
  let one: TestInstance;
  let two: TestInstance;
  /** Appends that the store refuses, as when it is away. */
  let isAway = false;

  before(async () => {
    instances = testInstances();
    const breakable = (store: OperatorStore): OperatorStore =>
      new Proxy(store, {
        get: (target, name) => {
          const member = Reflect.get(target, name, target) as unknown;
          if (typeof member !== "function") return member;
          return async (...values: unknown[]) => {
            if (isAway && name !== "close") throw storeUnavailable("The store is away.", "wait");
            return (member as (...all: unknown[]) => unknown).apply(target, values);
          };
        },
      });
    [one, two] = [await instances.add("one", breakable), await instances.add("two")];
  });
  after(() => instances.close());

  const kinds = async (id: string): Promise<string[]> => {
    const text = (await two.store.readLog(`transcripts/${id}`))?.toString("utf8") ?? "";
    return text.match(/"kind":"\w+"/g)?.map((each) => each.slice(8, -1)) ?? [];
  };

  it("keeps the order of entries that are recorded at once", async () => {
    const { recorder, information, close } = await session();
    await Promise.all(Array.from({ length: 20 }, (_, number) => recorder.record("output", { number })));
    await close();
    const text = (await two.store.readLog(`transcripts/${information.id}`))?.toString("utf8") ?? "";
    assert.deepEqual(
      [...text.matchAll(/"number":(\d+)/g)].map(([, number]) => Number(number)),
      Array.from({ length: 20 }, (_, number) => number),
    );
  });

  async function session() {
    const opened = await one.registry.open(ALICE);
    return {
      recorder: opened.recorder,
      information: opened.information,
      lost: opened.lost,
      close: () => opened.close("exit"),
    };
  }

  it("records nothing more once the store was away, also after it is back", async () => {
    const { recorder, information, lost } = await session();
    await recorder.record("command", { line: "first" });
    isAway = true;
    await refuses("TranscriptUnavailable", recorder.record("output", { text: "first" }));
    isAway = false;
    assert.equal(lost.aborted, true);
    assert.ok(lost.reason instanceof OperatorError && lost.reason.code === "TranscriptUnavailable");
    await refuses("TranscriptUnavailable", recorder.record("command", { line: "second" }));
    assert.deepEqual(await kinds(information.id), ["opened", "command"]);
  });

  it("opens no session while the store is away", async () => {
    isAway = true;
    await refuses("TranscriptUnavailable", one.registry.open(ALICE));
    isAway = false;
  });

  it("fences off an instance that comes back after its session was taken over", async () => {
    const { recorder, information, lost } = await session();
    instances.clock.advance(21);
    const taken = await two.registry.takeOver(information.id, ALICE);
    await refuses("TranscriptUnavailable", recorder.record("output", { text: "late" }));
    assert.equal(lost.aborted, true);
    await taken.recorder.record("command", { line: "next" });
    await taken.close("exit");
    assert.deepEqual(await kinds(information.id), ["opened", "takenOver", "command", "closed"]);
  });

  it("goes on after a pause in which its lease has expired, where no other instance took it", async () => {
    const { recorder, information, close } = await session();
    instances.clock.advance(3600);
    await recorder.record("command", { line: "after the pause" });
    await close();
    assert.deepEqual(await kinds(information.id), ["opened", "command", "closed"]);
  });

  it("records nothing after it is closed", async () => {
    const { recorder, close } = await session();
    await close();
    await refuses("SessionClosed", recorder.record("command", { line: "late" }));
  });

  it("refuses an entry of more than 4 MiB, and data that is no JSON", async () => {
    const long = await session();
    await refuses("TranscriptUnavailable", long.recorder.record("output", { text: "x".repeat(5 * 1024 * 1024) }));
    const big = await session();
    await refuses("TranscriptUnavailable", big.recorder.record("output", { count: 1n }));
  });

  it("records no shared access signature, account key, bearer token or private key, however deep", async () => {
    const { recorder, information, close } = await session();
    const secrets = ["c2VjcmV0", "QWNjb3VudEtleQ==", "eyJhbGciOiJSUzI1NiJ9.payload.signature", "MIIEvQIBADANBg"];
    const [sas = "", key = "", token = "", pem = ""] = secrets;
    await recorder.record("command", {
      line: `Close-PrivilegedEndpoint -TranscriptsPathDestination "https://a.blob.core.windows.net/c?sv=1&sig=${sas}&se=2"`,
      parameters: { list: [`AccountName=a;AccountKey=${key};x`, { header: `Bearer ${token}` }] },
      json: JSON.stringify({ pem: `-----BEGIN EC PRIVATE KEY-----\nDEK-Info: AES-256-CBC,1\n${pem}\n` }),
    });
    await close();
    const text = (await two.store.readLog(`transcripts/${information.id}`))?.toString("utf8") ?? "";
    for (const secret of secrets) assert.ok(!text.includes(secret), secret);
    assert.match(text, /sig=\*\*\*&se=2/);
    assert.match(text, /AccountKey=\*\*\*;x/);
  });
});
