import { strict as assert } from "node:assert";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { type Container, create_container, type EventContext, message as rheaMessage } from "rhea";
import { AmqpConnection, bytesOf, dataBody } from "../../../azure/devices/amqpConnection";

/** As over TLS, with a certificate: SASL EXTERNAL. */
const open = (near: Socket) =>
  AmqpConnection.open(Object.assign(near, { encrypted: true }) as unknown as TLSSocket, "hub", "chain");

/** Both ends of a socket: rhea cannot be entered from its own write, as a pair of streams in this process would. */
async function sockets(): Promise<{ readonly near: Socket; readonly far: Socket }> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const near = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const [far] = (await once(server, "connection")) as [Socket];
  server.close();
  far.on("error", () => undefined);
  return { near, far };
}

/** A service by rhea. */
async function service(
  begin: (container: Container) => void,
): Promise<{ readonly near: Socket; readonly far: Socket }> {
  const { near, far } = await sockets();
  const container = create_container();
  const mechanisms = container.sasl_server_mechanisms as Record<string, unknown>;
  mechanisms.EXTERNAL = () => ({
    outcome: undefined,
    start(this: { outcome?: boolean }) {
      this.outcome = true;
    },
  });
  for (const event of ["connection_error", "disconnected", "error", "protocol_error", "session_error"])
    container.on(event, () => undefined);
  // A link that is accepted has its terminus.
  container.on("receiver_open", ({ receiver }: EventContext) => {
    if (receiver?.target?.address !== "closed") receiver?.set_target(receiver.target as never);
  });
  container.on("sender_open", ({ sender }: EventContext) => sender?.set_source(sender.source as never));
  begin(container);
  const connection = container.create_connection({ reconnect: false } as never);
  (connection as unknown as { accept(socket: Socket): void }).accept(far);
  return { near, far };
}

describe("the AMQP connection of a device", () => {
  it("sends and receives, and closes", async () => {
    const got: string[] = [];
    const { near } = await service((container) => {
      container.on("message", ({ message }: EventContext) => void (message && got.push(bytesOf(message).toString())));
      container.on(
        "sender_open",
        ({ sender }: EventContext) => void sender?.send({ body: rheaMessage.data_section(Buffer.from("down")) }),
      );
    });
    const amqp = await open(near);
    const sender = await amqp.sender("a");
    await amqp.send(sender, { body: dataBody(Buffer.from("up")) });
    const down = await new Promise<string>((done) => {
      void amqp.receiver("b", (message) => done(bytesOf(message).toString()));
    });
    assert.deepEqual([got, down], [["up"], "down"]);
    await amqp.close();
    await assert.rejects(amqp.send(sender, { body: "x" }));
  });

  it("tells a refused link and a rejected message with their conditions", async () => {
    const { near } = await service((container) => {
      container.on("receiver_open", ({ receiver }: EventContext) => {
        if (receiver?.target?.address === "closed")
          receiver.close({ condition: "amqp:not-found", description: "none" });
      });
      container.on("message", ({ delivery }: EventContext) => {
        delivery?.reject({ condition: "amqp:not-allowed", description: "too warm" });
      });
    });
    const amqp = await open(near);
    const sender = await amqp.sender("a");
    await assert.rejects(amqp.send(sender, { body: "x" }), { condition: "amqp:not-allowed", description: "too warm" });
    await assert.rejects(amqp.sender("closed"), { name: "AmqpRefusedError", condition: "amqp:not-found" });
    await amqp.close();
  });

  it("fails all that waits when the connection ends, and says why", async () => {
    const endings: [string, (far: Socket) => void][] = [
      ["closed by the service", (far) => void far.end()],
      ["no AMQP", (far) => void far.write(Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"))],
      ["a frame without end", (far) => void far.write(Buffer.from([0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 0, 0, 0]))],
      ["a frame that is no frame", (far) => void far.write(Buffer.from([0, 0, 0, 12, 2, 0, 0, 0, 1, 2, 3, 4]))],
    ];
    for (const [label, end] of endings) {
      const { near, far } = await service((container) => {
        container.on("message", () => undefined);
        container.options.autoaccept = false;
      });
      const amqp = await open(near);
      const sender = await amqp.sender("a");
      const pending = Promise.all([amqp.send(sender, { body: "1" }), amqp.send(sender, { body: "2" })]);
      pending.catch(() => undefined);
      setImmediate(() => end(far));
      assert.ok((await amqp.broken) instanceof Error, label);
      await assert.rejects(pending, label);
      await amqp.close();
    }
  });

  it("gives up while it connects to what is no AMQP", async () => {
    for (const hello of ["HTTP/1.1 400 Bad Request\r\n\r\n", "AMQP\0\0\x09\x01", ""]) {
      const { near, far } = await sockets();
      far.resume();
      if (hello === "") far.end();
      else far.write(hello);
      await assert.rejects(open(near), Error, hello);
    }
  });
});
