/** The heartbeats of worker processes: we do not start what we cannot end. */
export interface WorkerBeats {
  beat(kind: 'hangup' | 'dialer' | 'webhooks', workerId: string, ttlMs: number): Promise<void>;
  leave(kind: 'hangup' | 'dialer' | 'webhooks', workerId: string): Promise<void>;
  alive(kind: 'hangup' | 'dialer' | 'webhooks'): Promise<number>;
}
