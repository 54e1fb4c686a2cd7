import type { Timers } from '@onhook/service';
import type { LedgerWriter } from '../ledger.js';
import type { Send } from './wire.js';

export interface LateAudio {
  /** The ids that its deltas carry. */
  place: { response_id: string; item_id: string; output_index: number; content_index: number };
  sound: Uint8Array;
}

const DELTA_MS = 100;
const EVERY_MS = 20;

/**
 * Audio of a response that is over already: a client that plays it has not understood that it was cancelled.
 * Returns how to stop it.
 */
export function sendLateAudio(
  { place, sound }: LateAudio,
  bytesPerMs: number,
  { send, ledger, timers }: { send: Send; ledger: LedgerWriter; timers: Timers },
): () => void {
  const size = DELTA_MS * bytesPerMs;
  let at = 0;
  const beat = timers.every(EVERY_MS, () => {
    const delta = sound.subarray(at, at + size);
    if (delta.length === 0) {
      beat.cancel();
      ledger.write('agent-late-audio', { responseId: place.response_id, itemId: place.item_id, bytes: sound.length });
      return;
    }
    at += delta.length;
    send('response.output_audio.delta', { ...place, delta: Buffer.from(delta).toString('base64') });
  });
  return () => beat.cancel();
}
