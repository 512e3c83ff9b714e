import type { NetConnectOpts, Server } from "node:net";
/** A listener that hands each connection on to another address, both ways, half-closed sides included. */
export declare function splice(to: NetConnectOpts): Server;
