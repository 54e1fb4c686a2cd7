import type { LedgerWriter } from '../ledger.js';
import type { RecordingOrder } from './recording-order.js';
import type { LiveRecording, RecordedCall, Recording, RecordingSource, Recordings } from './recordings.js';
import type { TelephoneLine } from './telephone-line.js';

/** What is being recorded of one call that is up. */
export interface CallRecordings {
  start(order: RecordingOrder, source: RecordingSource): Recording;
  /** By SID, or the one that was begun last (`Twilio.CURRENT`). */
  find(sid: string): LiveRecording | undefined;
  /** The call is over. What its last status callback says of the recording that its create asked for. */
  stop(): Record<string, string> | undefined;
}

export const currentRecording = 'Twilio.CURRENT';

export function createCallRecordings({
  recordings,
  line,
  call,
  ledger,
}: {
  recordings: Pick<Recordings, 'start'>;
  line: Pick<TelephoneLine, 'tap'>;
  call: RecordedCall;
  ledger: LedgerWriter;
}): CallRecordings {
  const live: LiveRecording[] = [];

  return {
    start(order, source) {
      const recording = recordings.start(call, order, source, ledger);
      live.push(recording);
      line.tap(recording.hear);
      return recording.begun;
    },
    find(sid) {
      const going = live.filter(({ isOver }) => !isOver);
      return sid === currentRecording ? going.at(-1) : going.find(({ begun }) => begun.sid === sid);
    },
    stop() {
      const told = live.filter(({ isOver }) => !isOver).map((one) => ({ source: one.begun.source, params: one.stop() }));
      return told.find(({ source }) => source === 'OutboundAPI')?.params;
    },
  };
}
