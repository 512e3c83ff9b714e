/**
 * A client program as a user would write it: Microsoft's own @azure/identity, unmodified, configured by nothing but the
 * environment. Takes a list of credentials to make, each with the environment it is made in, and prints what came of
 * each. Run as a child process: Node reads NODE_EXTRA_CA_CERTS at start.
 */
import { DefaultAzureCredential, ManagedIdentityCredential, WorkloadIdentityCredential } from "@azure/identity";
import { environmentSignIn } from "../../azure/clients/environmentCredential";
import { credentialOf } from "../../azure/clients/signIn";

const CLASSES = {
  DefaultAzureCredential: (options: object) => new DefaultAzureCredential(options),
  ManagedIdentityCredential: (options: object) => new ManagedIdentityCredential(options),
  WorkloadIdentityCredential: (options: object) => new WorkloadIdentityCredential(options),
};

/** One sign-in to try. */
export interface Try {
  /** A class of @azure/identity, or `handlers`: this project's own choice. */
  readonly credential:
    | "DefaultAzureCredential"
    | "WorkloadIdentityCredential"
    | "ManagedIdentityCredential"
    | "handlers";
  readonly env: Readonly<Record<string, string>>;
  readonly options?: object;
}

/** The token's claims, or what the library said of the refusal. */
export interface Tried {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly error?: string;
}

async function attempt({ credential, env, options = {} }: Try): Promise<Tried> {
  for (const [name, value] of Object.entries(env)) process.env[name] = value;
  try {
    const made =
      credential === "handlers"
        ? credentialOf(environmentSignIn(process.env))
        : CLASSES[credential]({ ...options, retryOptions: { maxRetries: 0 } });
    const token = (await made.getToken("https://management.azure.com/.default"))?.token ?? "";
    return { claims: JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8")) };
  } catch (error) {
    return { error: (error as Error).message };
  } finally {
    for (const name of Object.keys(env)) delete process.env[name];
  }
}

async function tour(tries: readonly Try[]): Promise<readonly Tried[]> {
  const results: Tried[] = [];
  for (const each of tries) results.push(await attempt(each));
  return results;
}

void tour(JSON.parse(process.argv[2] ?? "[]") as Try[]).then((results) => {
  process.stdout.write(JSON.stringify(results));
});
