import { strict as assert } from "node:assert";
import { EventEmitter } from "node:events";
import { boundSocket } from "../../../../operator/server/boundedSocket";

describe("operator/server/boundedSocket", () => {
  function watched() {
    const socket = Object.assign(new EventEmitter(), { bytesRead: 0, writableLength: 0, destroy: () => socket });
    const reasons: string[] = [];
    const signedIn = boundSocket(socket as never, { signInBytes: 100, unreadBytes: 50 }, (reason) =>
      reasons.push(reason),
    );
    const receive = (values: { readonly bytesRead?: number; readonly writableLength?: number }): readonly string[] => {
      Object.assign(socket, values);
      socket.emit("data");
      return reasons;
    };
    return { receive, signedIn };
  }

  it("ends a connection that sends much before it has signed in, and says why once", () => {
    const { receive } = watched();
    assert.deepEqual(receive({ bytesRead: 100 }), []);
    assert.match(receive({ bytesRead: 101 }).join(), /^it sends too much before it has signed in$/);
    assert.equal(receive({ bytesRead: 102 }).length, 1);
  });

  it("lets a client that has signed in send as much as it likes, and ends one that does not read", () => {
    const { receive, signedIn } = watched();
    signedIn();
    assert.deepEqual(receive({ bytesRead: 10_000, writableLength: 50 }), []);
    assert.match(receive({ writableLength: 51 }).join(), /does not read/);
  });
});
