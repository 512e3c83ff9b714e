"use strict";
/**
 * Preload (`NODE_OPTIONS=--require …/azure.cjs`) for Node clients that know no proxy: the MQTT transports of the IoT SDKs,
 * azure-iothub, and on Node before 22.21 every client over https.request. A connection to one of Azure's host names, at a
 * port at which Azure listens, goes to the local Azure's direct listener. Only the address is exchanged: server name,
 * certificate checks and HTTP's Host stay those of Azure's name. `npm run -s env -- --preload` sets it up.
 */
const { Socket } = require("node:net");
const { AZURE_NAMES } = require("./names.cjs");

/** HTTPS and MQTT over WebSocket, MQTT, AMQP. */
const PORTS = new Set([443, 8883, 5671]);

const [, host, port] = /^(.+):(\d+)$/.exec(process.env.ZERO_TOUCH_LOCAL_DIRECT ?? "") ?? [];
const connect = Socket.prototype.connect;

/** Whether a connection is meant for Azure. */
const isAzure = (name, at) => typeof name === "string" && AZURE_NAMES.test(name) && PORTS.has(Number(at));

function redirected(options) {
  // A copy: tls checks the server's certificate against the name in the options that it has kept.
  return { ...options, host, port: Number(port) };
}

Socket.prototype.connect = function (...args) {
  const [first, second] = args;
  // What tls and http pass was brought into this form by net itself: [options, callback], marked by a symbol.
  const options = Array.isArray(first) ? first[0] : first;
  const isObject = typeof options === "object" && options !== null;
  if (!(isObject ? isAzure(options.host, options.port) : isAzure(second, first))) return connect.apply(this, args);
  if (host === undefined) {
    const name = isObject ? options.host : second;
    this.destroy(
      new Error(`${name} was not reached: the preload of azure-iot-zero-touch lacks ZERO_TOUCH_LOCAL_DIRECT`),
    );
    return this;
  }
  if (Array.isArray(first)) {
    first[0] = redirected(options);
    return connect.call(this, first);
  }
  if (isObject) return connect.call(this, redirected(options), ...args.slice(1));
  return connect.call(this, Number(port), host, ...args.slice(2));
};
