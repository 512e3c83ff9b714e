/** The environment that the doctor examines, apart from its checks, so that each check can be tested on its own. */
import type { DoctorResult } from "./doctorResult";

/** What a TLS server showed. */
export interface TlsPeer {
  readonly reached: true;
  /** Whether this process trusts the chain: the system's roots, Node's, and NODE_EXTRA_CA_CERTS. */
  readonly isTrusted: boolean;
  /** Why not. */
  readonly mistrust?: string;
  /** Whether the chain leads to a CA that the public trusts (Mozilla's list, as Node carries it). */
  readonly isPublic: boolean;
  /** Who issued the topmost certificate of the chain, on one line. */
  readonly topIssuer: string;
  /** The HTTP `Date` header; undefined where there is none (MQTT). */
  readonly date?: Date;
}

/** What came of speaking TLS to a host. */
export type ProbeResult = TlsPeer | { readonly reached: false; readonly why: string };

/** A response of ARM: JSON. */
export interface ArmResponse {
  readonly status: number;
  readonly body: unknown;
}

/** Azure Resource Manager, signed in. */
export interface Arm {
  /** Of the subscription in use, without the leading `/subscriptions/`. */
  readonly subscriptionId: string;
  /** A path below the subscription (`/providers/…`). Statuses other than 2xx and 404 throw AzureError. */
  send(method: "GET" | "POST", path: string, apiVersion: string, body?: unknown): Promise<ArmResponse>;
}

/** Who this machine is to Azure. */
export interface SignedIn {
  /** The way, in words: `a client secret`, `az login, …`. */
  readonly way: string;
  /** Of the access token: `tid`, `oid`, `appid`, `upn`. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** Subscriptions that the identity sees. */
  readonly subscriptions: readonly VisibleSubscription[];
}

/** One subscription that the identity sees. */
export interface VisibleSubscription {
  readonly subscriptionId: string;
  readonly tenantId: string;
  readonly displayName: string;
  readonly state: string;
}

/** What the checks need of the settings of a stack. */
export interface DeploymentPlan {
  readonly cloud: "local" | "public";
  readonly location: string;
  /** Names that the configuration gives; undefined: chosen at the deployment, free for certain. */
  readonly resourceGroup: string | undefined;
  readonly hub: string | undefined;
  readonly hubSku: string;
  readonly provisioningService: string | undefined;
  /** How the provisioning service is linked to the hub. Default: by its identity. */
  readonly linkBy?: "identity" | "key";
  /** Whether the devices' messages are read back, by a key of the hub. Default false. */
  readonly readsMessages?: boolean;
  /** Whether a vault is made, and what it is to be called. */
  readonly vault: { readonly name: string | undefined } | undefined;
  /** What is deployed for an operator endpoint. Default: nothing. */
  readonly operator?: "storage" | "containers";
}

/** The stack's plan, or why there is none. */
export type Stack =
  | { readonly name: string; readonly plan: DeploymentPlan }
  | { readonly name: string | undefined; readonly findings: readonly DoctorResult[] };

/** Everything that checks look at. Each question is asked once, however many checks ask it. */
export interface DoctorContext {
  readonly env: NodeJS.ProcessEnv;
  now(): Date;
  readonly nodeVersion: string;
  /** The Pulumi CLI that the commands would take; `notes` say why not others. */
  pulumi(): Promise<{ readonly version: string | undefined; readonly notes: readonly string[] }>;
  /** The version that `go version` prints; undefined where there is no Go. */
  go(): Promise<string | undefined>;
  /** The process id of the local Azure of this checkout; undefined where it does not run. */
  localAzure(): number | undefined;
  /** Whether this shell points at a local Azure, of whichever checkout, that is not running. */
  isLocalAzureStopped(): Promise<boolean>;
  probe(host: string, port: number): Promise<ProbeResult>;
  signIn(): Promise<SignedIn>;
  stack(): Promise<Stack>;
  /** Rejects where sign-in does; undefined where several subscriptions are visible and none is named. */
  arm(): Promise<Arm | undefined>;
}

/** One check: what it is called in the report, and what it finds. */
export interface Check {
  readonly name: string;
  find(context: DoctorContext): Promise<readonly DoctorResult[]>;
}
