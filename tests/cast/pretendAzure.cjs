"use strict";
// A stand-in for emulator/main.ts for the tests of cli/: it keeps the contract of start, health, events and shutdown,
// and nothing else. `--behave` picks how it misbehaves: `exit` ends at once, `port` fails as a taken port does, `silent`
// never becomes ready, `slow` becomes ready after half a second.
const fs = require("node:fs");
const http = require("node:http");
const path = require("node:path");
const tls = require("node:tls");

const option = (name) => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : undefined);
const dir = option("--dir");
const behave = option("--behave");
const ready = path.join(dir, "ready.json");

function end() {
  fs.rmSync(ready, { force: true });
  process.exit(0);
}

function respond(request, response) {
  const reply = (status, body) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  };
  if (request.url === "/health") return reply(200, { status: "ok", pid: process.pid, version: "fake" });
  if (request.method === "POST" && request.headers["x-local-azure-token"] !== "token") return reply(403, {});
  if (request.url === "/shutdown") {
    response.on("finish", end);
    return reply(202, {});
  }
  if (request.url === "/reset") return reply(200, {});
  if (request.url.startsWith("/hubs/hub/events")) {
    const event = {
      sequenceNumber: 1,
      deviceId: "device-1",
      enqueuedTimeUtc: "2026-01-01T00:00:00Z",
      body: { temperature: 30 },
    };
    return reply(200, { events: [event] });
  }
  return reply(404, {});
}

if (behave === "exit") {
  process.stderr.write("state.db is not a database\n");
  process.exit(2);
} else if (behave === "port") {
  process.stderr.write("Error: listen EADDRINUSE: address already in use 127.0.0.1:4711\n");
  process.exit(1);
} else if (behave === "silent") {
  setInterval(() => {}, 1000);
} else {
  process.on("SIGTERM", end);
  const server = http.createServer(respond);
  setTimeout(() => server.listen(0, "127.0.0.1"), behave === "slow" ? 500 : 0);
  server.once("listening", () => {
    const ca = path.join(dir, "ca", "ca.pem");
    fs.mkdirSync(path.dirname(ca), { recursive: true });
    // Any real certificate does: Node reads the file at every start.
    fs.writeFileSync(ca, `${tls.rootCertificates[0]}\n`);
    const url = `http://127.0.0.1:${server.address().port}`;
    const content = {
      pid: process.pid,
      version: "fake",
      proxyUrl: url,
      controlUrl: url,
      metadataHost: "127.0.0.1:1",
      machineUrl: "http://127.0.0.1:2",
      identitySecret: "identity",
      clientCertificateFile: "client-certificate.pem",
      controlToken: "token",
      caFile: ca,
      tenantId: "tenant",
      subscriptionId: "subscription",
      clientId: "client",
      clientSecret: "secret",
      objectId: "object",
    };
    fs.writeFileSync(`${ready}.new`, JSON.stringify(content), { mode: 0o600 });
    fs.renameSync(`${ready}.new`, ready);
  });
}
