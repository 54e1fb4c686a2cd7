import { dialJob, hangupJob, type Wake } from '@onhook/contracts';
import type { Clock } from '@onhook/service';
import type { Producer, Waker } from './port.js';

/**
 * Turns wakes into jobs. All are tried, then the first failure is thrown: the caller logs it, the record's deadline
 * repeats the wake.
 */
export function createWaker({ producer, clock }: { producer: Producer; clock: Pick<Clock, 'now'> }): Waker {
  return async function wake(wakes) {
    const results = await Promise.allSettled(wakes.map((one) => perform(one)));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  };

  async function perform(wake: Wake): Promise<void> {
    switch (wake.type) {
      case 'wake-dialer': {
        const { callId, at } = wake;
        const delayMs = at === undefined ? 0 : Math.max(0, Math.ceil(at - clock.now()));
        return producer.add(dialJob, { callId }, { dedupeId: callId, ...(delayMs > 0 && { delayMs }) });
      }
      case 'wake-hangup':
        return producer.add(hangupJob, { callId: wake.callId }, { dedupeId: wake.callId });
      case 'stray':
        return producer.add(hangupJob, { sid: wake.sid }, { dedupeId: wake.sid });
      default:
        // Effects that are no wakes may stand among them: they are performed elsewhere.
        return;
    }
  }
}
