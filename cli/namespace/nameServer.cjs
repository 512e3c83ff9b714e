"use strict";
const { createSocket } = require("node:dgram");
const { AZURE_NAMES } = require("../../emulator/contract/preload/names.cjs");

const TYPE_A = 1;
const ANY = 255;
const CLASS_IN = 1;

/** The question of a DNS query (RFC 1035, 4.1.2): name, type, class, and where it ends; null for what is none. */
function questionOf(query) {
  if (query.length < 17 || (query[2] & 0x80) !== 0 || query.readUInt16BE(4) !== 1) return null;
  const labels = [];
  let at = 12;
  for (;;) {
    const length = query[at];
    if (length === undefined || length > 63) return null;
    at += 1;
    if (length === 0) break;
    labels.push(query.toString("latin1", at, at + length));
    at += length;
  }
  if (at + 4 > query.length) return null;
  return { name: labels.join("."), type: query.readUInt16BE(at), class: query.readUInt16BE(at + 2), end: at + 4 };
}

/** The response to a DNS query: Azure's names are at 127.0.0.1 (no IPv6), no other name exists. Null for what is no query. */
function dnsResponse(query) {
  const question = questionOf(query);
  if (question === null) return null;
  const known = AZURE_NAMES.test(question.name);
  const isAddress = known && question.class === CLASS_IN && (question.type === TYPE_A || question.type === ANY);
  const head = Buffer.alloc(12);
  query.copy(head, 0, 0, 2);
  // An authoritative response, recursion as asked for; NXDOMAIN where the name is not Azure's.
  head.writeUInt16BE(0x8480 | ((query[2] & 1) << 8) | (known ? 0 : 3), 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(isAddress ? 1 : 0, 6);
  // The name by a pointer to the question, type A, class IN, a minute to live, four bytes.
  const address = Buffer.from([0xc0, 12, 0, TYPE_A, 0, CLASS_IN, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]);
  return Buffer.concat([head, query.subarray(12, question.end), isAddress ? address : Buffer.alloc(0)]);
}

/** Serves DNS at 127.0.0.1, over UDP. */
function listen(port) {
  const socket = createSocket("udp4", (query, from) => {
    const response = dnsResponse(query);
    if (response !== null) socket.send(response, from.port, from.address);
  });
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(port, "127.0.0.1", () => resolve(socket));
  });
}

module.exports = { dnsResponse, listen };
