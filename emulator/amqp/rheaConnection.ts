import type { Connection, Receiver, Sender } from "rhea";

/** What is used of rhea beyond its declarations: the handlers of frames, which a connection calls by name, and its state. */
type FrameHandlers = "on_open" | "on_begin" | "on_attach" | "on_flow" | "on_transfer" | "on_disposition";

export interface RheaConnection extends Omit<Connection, FrameHandlers> {
  readonly remote_channel_map: Readonly<Record<number, RheaSession | undefined>>;
  readonly local_channel_map: Readonly<Record<number, RheaSession | undefined>>;
  accept(socket: unknown): void;
  /** Without a performative: an empty frame, which keeps the connection alive. */
  _write_frame(channel: number, frame?: RheaPerformative, payload?: Buffer): void;
  on_open(frame: RheaFrame): void;
  on_begin(frame: RheaFrame): void;
  on_attach(frame: RheaFrame): void;
  on_flow(frame: RheaFrame): void;
  on_transfer(frame: RheaFrame): void;
  on_disposition(frame: RheaFrame): void;
}

/** A performative to write: its fields in order. */
interface RheaPerformative {
  readonly constructor: { readonly descriptor?: { readonly numeric: number } };
  readonly value: { length: number };
}

/** A frame with its performative: the fields by their names, and undecoded by their index. */
export interface RheaFrame {
  readonly channel: number;
  // biome-ignore lint/suspicious/noExplicitAny: a performative has the fields of its kind, sent by the client
  readonly performative: Record<string, any>;
  readonly payload?: Buffer;
}

export interface RheaSession {
  readonly connection: RheaConnection;
  readonly local: {
    readonly begin: { handle_max?: number };
    readonly handles: Readonly<Record<number, RheaLink | undefined>>;
  };
  readonly remote: { readonly handles: Readonly<Record<number, RheaLink | undefined>> };
  readonly outgoing: {
    readonly deliveries: { readonly size: number };
    readonly next_delivery_id: number;
    readonly next_pending_delivery: number;
  };
}

interface LinkState {
  readonly session: RheaSession;
  readonly local: {
    readonly attach: {
      snd_settle_mode: number;
      rcv_settle_mode: number;
      max_message_size?: number;
      properties?: unknown;
    };
  };
  readonly remote: { handle?: number };
  readonly credit: number;
  readonly delivery_count: number;
  readonly _incomplete?: { readonly frames: readonly (Buffer | undefined)[] };
}

export type RheaSender = Omit<Sender, "session"> & LinkState;
export type RheaReceiver = Omit<Receiver, "session"> & LinkState;
export type RheaLink = RheaSender | RheaReceiver;
