import { applied } from "../../cli/local/localEnvironment";
import { execInNamespace, withoutProxy } from "../../cli/local/namespaceExec";

// What `npm run local -- exec` does once the local Azure runs.
const [ready = "", command = "", ...args] = process.argv.slice(2);
const env = applied(process.env, withoutProxy({ set: {}, unset: [] }));
execInNamespace(command, args, { ready: JSON.parse(ready), env }).then(
  (code) => {
    process.exitCode = code;
  },
  (error: { readonly code: string }) => {
    process.stderr.write(error.code);
    process.exitCode = 1;
  },
);
