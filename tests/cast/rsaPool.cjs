"use strict";
// The n-th RSA key of a size that a process of the tests makes is the n-th that an earlier run made, where there is one: all keys
// of a process differ. To make a key of 2048 bits takes 0.3 s of the processor, one of 4096 bits 3 s. Measured on the unit tests: 40 s less.
const crypto = require("node:crypto");
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require("node:fs");
const { join, resolve } = require("node:path");
const { promisify } = require("node:util");

const FOLDER = resolve(__dirname, "..", "..", "node_modules", ".cache", "azure-iot-zero-touch-tests");
const { generateKeyPairSync: makeNow, generateKeyPair: make } = crypto;
/** How many keys of a size this process has taken. */
const taken = new Map();

const isPooled = (type, { modulusLength, publicExponent = 0x10001, hashAlgorithm, ...others } = {}) =>
  type === "rsa" &&
  publicExponent === 0x10001 &&
  hashAlgorithm === undefined &&
  Object.keys(others).every((name) => /^(public|private)KeyEncoding$/.test(name)) &&
  Number.isInteger(modulusLength);

function take(modulusLength) {
  const count = (taken.get(modulusLength) ?? 0) + 1;
  taken.set(modulusLength, count);
  const file = join(FOLDER, `rsa-${modulusLength}-${count}.pem`);
  try {
    return crypto.createPrivateKey(readFileSync(file));
  } catch {
    const { privateKey } = makeNow("rsa", { modulusLength });
    mkdirSync(FOLDER, { recursive: true });
    const own = `${file}.${process.pid}`;
    writeFileSync(own, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
    renameSync(own, file);
    return detached({ privateKey }).privateKey;
  }
}

function pair({ modulusLength, publicKeyEncoding, privateKeyEncoding }) {
  const privateKey = take(modulusLength);
  const publicKey = crypto.createPublicKey(privateKey);
  const encoded = (key, encoding) => (encoding === undefined ? key : key.export(encoding));
  return { publicKey: encoded(publicKey, publicKeyEncoding), privateKey: encoded(privateKey, privateKeyEncoding) };
}

/** Keys of their own: Node 20 may lock up when a test exports a generated key as a JWK (certs/detachedKey.ts). */
function detached({ publicKey, privateKey }) {
  if (!(privateKey instanceof crypto.KeyObject)) return { publicKey, privateKey };
  const der = { type: "pkcs8", format: "der" };
  const own = crypto.createPrivateKey({ key: privateKey.export(der), ...der });
  return {
    publicKey: publicKey instanceof crypto.KeyObject ? crypto.createPublicKey(own) : publicKey,
    privateKey: own,
  };
}

crypto.generateKeyPairSync = (type, options) =>
  isPooled(type, options) ? pair(options) : detached(makeNow(type, options));
crypto.generateKeyPair = (type, options, done) => {
  if (!isPooled(type, options)) return make(type, options, done);
  setImmediate(() => {
    const { publicKey, privateKey } = pair(options);
    done(null, publicKey, privateKey);
  });
};
crypto.generateKeyPair[promisify.custom] = (type, options) =>
  new Promise((done, fail) => {
    crypto.generateKeyPair(type, options, (error, publicKey, privateKey) =>
      error ? fail(error) : done({ publicKey, privateKey }),
    );
  });
