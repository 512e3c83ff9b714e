import type { Socket } from "node:dgram";
/** The response to a DNS query: Azure's names are at 127.0.0.1 (no IPv6), no other name exists. Null for what is no query. */
export declare function dnsResponse(query: Buffer): Buffer | null;
/** Serves DNS at 127.0.0.1, over UDP. */
export declare function listen(port: number): Promise<Socket>;
