import type { GatewayId, GatewayOrder } from '@onhook/contracts';

/** Which gateways live, how full they are, and the way to tell one something. */
export interface GatewayDirectory {
  /** Writes or renews this gateway's entry; it vanishes `ttlMs` after the last beat. */
  beat(entry: GatewayEntry, ttlMs: number): Promise<void>;
  leave(gatewayId: GatewayId): Promise<void>;
  list(): Promise<GatewayEntry[]>;
  /** The stream of a call that is about to be dialed may open at that gateway within so long. */
  expectStream(gatewayId: GatewayId, withinMs: number): Promise<void>;
  /** For how long streams of calls that were dialed may still open at it; 0: none will. */
  streamsExpectedForMs(gatewayId: GatewayId): Promise<number>;
}

export interface GatewayEntry {
  readonly gatewayId: GatewayId;
  readonly mediaUrl: string;
  readonly live: number;
  readonly seats: number;
  readonly draining: boolean;
}

export interface OrderSender {
  /** Appends to that gateway's stream. An order for a gateway that is gone is written in vain and expires. */
  send(gatewayId: GatewayId, order: GatewayOrder): Promise<void>;
}

export interface OrderReceiver {
  /**
   * All orders kept for this gateway, in order, until `signal` aborts: a gateway id is fresh at each process start, so what
   * was sent before this call was meant for it too. Survives a Redis outage: missed orders are read afterwards. An order may
   * come twice.
   */
  receive(gatewayId: GatewayId, onOrder: (order: GatewayOrder) => Promise<void> | void, signal: AbortSignal): Promise<void>;
}
