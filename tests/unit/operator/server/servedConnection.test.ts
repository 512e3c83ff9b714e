import { strict as assert } from "node:assert";
import { EventEmitter } from "node:events";
import type { Connection } from "ssh2";
import { OperatorError } from "../../../../operator/operatorError";
import { ServedConnection } from "../../../../operator/server/servedConnection";
import type { AuthenticatedUser, Authenticator } from "../../../../operator/users/authenticator";

const ADA: AuthenticatedUser = { user: "ada", role: "operator", credential: "password" };

describe("operator/server/servedConnection", () => {
  /** A connection that has signed in, and a session on it. */
  async function session(serve: () => Promise<void>) {
    const connection = new EventEmitter();
    const notes: string[] = [];
    let served = 0;
    const { ended } = new ServedConnection(
      connection as unknown as Connection,
      "192.0.2.1",
      {
        hostKeys: [],
        authenticator: { byPassword: async () => ADA } as unknown as Authenticator,
        connect: () => ({
          serve: () => {
            served += 1;
            return serve();
          },
          closed: async () => undefined,
        }),
        log: (event) => notes.push(event),
      },
      { signedIn: () => undefined, isEndpointEnding: () => false },
    );
    await new Promise<void>((accept) => {
      connection.emit("authentication", { method: "password", username: "ada", password: "x", accept });
    });
    connection.emit("ready");
    const opened = new EventEmitter();
    connection.emit("session", () => opened);
    const end = (): Promise<void> => {
      connection.emit("close");
      return ended;
    };
    return { opened, notes, end, served: () => served };
  }

  it("serves one shell or command of a channel, whatever else the client asks for on it", async () => {
    const { opened, end, served } = await session(async () => undefined);
    opened.emit("shell", () => ({}));
    // So does ssh2 for a second request on the same channel.
    opened.emit("shell", () => undefined);
    opened.emit("exec", () => undefined, undefined, { command: "Get-Command" });
    await end();
    assert.equal(served(), 1);
  });

  it("closes a channel that a defect ends, and goes on", async () => {
    const { opened, notes, end } = await session(() => Promise.reject(new TypeError("defect")));
    let isClosed = false;
    const close = (): void => {
      isClosed = true;
    };
    opened.emit("shell", () => ({ close }));
    await end();
    assert.deepEqual([isClosed, notes], [true, ["signed in", "channel failed"]]);
  });

  it("notes no name that is no user's, which may be a password, and a connection's first error", async () => {
    const lines: string[] = [];
    const connection = new EventEmitter();
    const authenticator = {
      byPassword: () => Promise.reject(new OperatorError("AuthenticationFailed", "The password is wrong.")),
      knownName: async (name: string) => (name === "Ada" ? "ada" : undefined),
    } as unknown as Authenticator;
    new ServedConnection(
      connection as unknown as Connection,
      "192.0.2.1",
      {
        hostKeys: [],
        authenticator,
        connect: () => assert.fail("not signed in"),
        log: (_event, data) => lines.push(JSON.stringify(data)),
      },
      { signedIn: () => undefined, isEndpointEnding: () => false },
    );
    for (const username of ["correct horse battery", "Ada"]) {
      await new Promise<void>((reject) => {
        connection.emit("authentication", { method: "password", username, password: "x", reject: () => reject() });
      });
    }
    for (let at = 0; at < 3; at += 1) connection.emit("error", new Error("broken"));
    assert.deepEqual(
      lines.map((line) => (JSON.parse(line) as { user?: string }).user),
      ["(unknown)", "ada", undefined],
    );
  });
});
