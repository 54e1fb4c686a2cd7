/** The heartbeats of worker processes: we do not start what we cannot end. */
export interface WorkerBeats {
  beat(kind: 'hangup' | 'dialer', workerId: string, ttlMs: number): Promise<void>;
  leave(kind: 'hangup' | 'dialer', workerId: string): Promise<void>;
  alive(kind: 'hangup' | 'dialer'): Promise<number>;
}
