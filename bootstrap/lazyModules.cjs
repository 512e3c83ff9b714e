"use strict";
// Lets modules that the Pulumi SDK requires load at their first use instead of at its start. Measured on loading the SDK:
// 0.4 s of the processor less in each process.
require("./nodeWarnings.cjs");
require("./moduleCache.cjs");
const Module = require("node:module");
const path = require("node:path");

/** Modules that serve the serialisation of closures, the Automation API, and projects with a package.yaml. */
const LATER = new Set(["@npmcli/arborist", "typescript", "normalize-package-data", "js-yaml", "semver"]);
const SDK = path.join("@pulumi", "pulumi", "index.js");
const isLater = (request, parent) =>
  LATER.has(request) || (request === "./automation" && parent?.filename?.endsWith(SDK) === true);
/** The SDK takes single functions and classes of these when it loads, and calls them only where it sends traces. */
const TRACING =
  /^@opentelemetry\/(?:resources|sdk-trace-base|sdk-trace-node|exporter-zipkin|instrumentation(?:-grpc)?)$/;
const isOfSdk = (parent) => parent?.filename?.includes(`${path.sep}@pulumi${path.sep}pulumi${path.sep}`) === true;
const isTracing = (request, parent) => TRACING.test(request) && isOfSdk(parent);
/**
 * undici's fetch, WebSocket, caches and cookies, of which it takes single functions and classes when it loads: requests go by its
 * dispatchers. Measured: 0.02 s of the processor less in each process that sends one.
 */
const WEB = /^\.\/lib\/web\/(?!cache\/symbols$)/;
const UNDICI = path.join("undici", "index.js");
const isWeb = (request, parent) => WEB.test(request) && parent?.filename?.endsWith(UNDICI) === true;
// Maps each stack trace of the SDK's own files, 22 resources with a trace each; Node itself maps our TypeScript.
const NEVER = new Set(["source-map-support", "source-map-support/register"]);
/** Where the SDK starts a program, and a policy pack. */
const HOSTS = ["run", "run-policy-pack"].map((host) => path.join("cmd", host, "index.js"));
/**
 * Opens a session of V8's debugger, so that error messages about closures name lines, and sets a flag of V8 that makes it reject
 * every cached script. Measured: 0.2 s of the processor less in each preview. Where a closure is serialised, the SDK loads it then.
 */
const isHooks = (request, parent) =>
  request === "../../runtime/closure/v8Hooks" && HOSTS.some((host) => parent?.filename?.endsWith(host));
const load = Module._load;

/** The SDK writes a stack trace for each promise, and prints them where a developer of the SDK looks for leaks. */
const isDebuggable = (request, parent) =>
  /^(?:\.|\.\/runtime)\/debuggable$/.test(request) && isOfSdk(parent) && !process.env.PULUMI_DEBUG_PROMISE_LEAKS;
const traceless = new WeakSet();

function withoutTraces(debuggable) {
  if (traceless.has(debuggable)) return debuggable;
  traceless.add(debuggable);
  const { debuggablePromise } = debuggable;
  debuggable.debuggablePromise = (promise, context) => {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
      return debuggablePromise(promise, context);
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  };
  return debuggable;
}

const isLog = (request, parent) => /^\.{1,2}\/log$/.test(request) && isOfSdk(parent);
/** Milliseconds for which debug messages wait for more. */
const MESSAGES_WAIT_MS = 10;
const joining = new WeakSet();

/**
 * The SDK sends the engine four debug messages for each resource, in a request each, which the engine shows with `--debug` only.
 * Those of a few milliseconds are one message. Measured: a preview of 29 resources takes 13% less of the processor.
 */
function withJoinedMessages(log, settingsFile) {
  // A module that is being loaded has none yet.
  if (log.error === undefined || joining.has(log)) return log;
  joining.add(log);
  const { debug, error } = log;
  let joined;
  const flush = () => {
    if (joined === undefined) return;
    const { messages, settle } = joined;
    joined = undefined;
    settle(debug(messages.join("\ndebug: ")));
  };
  log.debug = (message, resource, streamId, isEphemeral) => {
    const settings = require(settingsFile);
    if (resource !== undefined || streamId !== undefined || isEphemeral || settings.getEngine() === undefined) {
      return debug(message, resource, streamId, isEphemeral);
    }
    if (joined === undefined) {
      // Keeps the connection until they are sent.
      const release = settings.rpcKeepAlive();
      let settle;
      const sent = new Promise((done) => {
        settle = done;
      });
      sent.then(release);
      joined = { messages: [], sent, settle };
      setTimeout(flush, MESSAGES_WAIT_MS);
    }
    joined.messages.push(message);
    return joined.sent;
  };
  // A program may end with its error.
  log.error = (...message) => {
    flush();
    return error(...message);
  };
  return log;
}

/** A function or class that is loaded when it is called. */
const callLater = (real) =>
  new Proxy(function later() {}, {
    apply: (_target, self, args) => Reflect.apply(real(), self, args),
    construct: (_target, args) => Reflect.construct(real(), args),
  });

/** The same of undici's, whose members are read, too, as `instanceof` does. It makes its one `CacheStorage` when it loads. */
function webLater(real, key) {
  const make = () => real()[key];
  const construct = (_target, args) => {
    if (key !== "CacheStorage") return Reflect.construct(make(), args);
    let made;
    const get = (_caches, member) => {
      made ??= Reflect.construct(make(), args);
      const value = Reflect.get(made, member);
      return typeof value === "function" ? value.bind(made) : value;
    };
    return new Proxy({}, { get });
  };
  return new Proxy(function later() {}, {
    apply: (_target, self, args) => Reflect.apply(make(), self, args),
    construct,
    get: (_target, member) => Reflect.get(make(), member),
  });
}

Module._load = function (request, parent, isMain) {
  if (NEVER.has(request)) return { install: () => undefined };
  if (isHooks(request, parent)) return { isInitializedAsync: () => Promise.resolve() };
  if (isDebuggable(request, parent)) return withoutTraces(load.call(this, request, parent, isMain));
  if (isLog(request, parent)) {
    const settings = path.resolve(path.dirname(parent.filename), request, "..", "runtime", "settings.js");
    return withJoinedMessages(load.call(this, request, parent, isMain), settings);
  }
  const tracing = isTracing(request, parent);
  const web = isWeb(request, parent);
  if (!tracing && !web && !isLater(request, parent)) return load.call(this, request, parent, isMain);
  const real = () => load.call(this, request, parent, isMain);
  return new Proxy(
    {},
    {
      // `__esModule` keeps the callers' import helper from copying every member, which would load the module.
      get: (_target, key) => {
        if (key === "__esModule") return true;
        if (tracing) return callLater(() => real()[key]);
        if (web) return webLater(real, key);
        return key === "default" ? real() : real()[key];
      },
      has: (_target, key) => key in real(),
      ownKeys: () => Reflect.ownKeys(real()),
      getOwnPropertyDescriptor: (_target, key) => {
        const found = Reflect.getOwnPropertyDescriptor(real(), key);
        return found && { ...found, configurable: true };
      },
    },
  );
};
