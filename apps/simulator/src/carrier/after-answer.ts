import type { Behaviour } from '../scenarios.js';
import type { CreateOrder } from './create-request.js';
import { verdictOf, type Verdict } from './machine-detection.js';
import { createPrompt } from './prompt.js';
import { toneAudio } from './telephone-audio.js';
import type { TelephoneLine } from './telephone-line.js';

/**
 * What lies between the answer and the document: keys that are sent first, or machine detection. Synchronous detection keeps
 * the document waiting, and the callee in silence, until the verdict; asynchronous detection does not.
 */
export function afterAnswer({
  order: { sendDigits, machineDetection },
  behaviour,
  line,
  later,
  onVerdict,
  begin,
}: {
  order: Pick<CreateOrder, 'sendDigits' | 'machineDetection'>;
  behaviour: Pick<Behaviour, 'answeredBy' | 'amdDelayMs'>;
  line: Pick<TelephoneLine, 'connect' | 'disconnect'>;
  later: (ms: number, run: () => void) => void;
  onVerdict: (verdict: Verdict) => void;
  /** Begins the document, with these parameters beside the usual ones. */
  begin: (params?: Record<string, string>) => void;
}): void {
  if (sendDigits !== undefined) {
    const keys = createPrompt(toneAudio(sendDigits));
    line.connect(keys);
    void keys.played.then(() => {
      line.disconnect(keys);
      begin();
    });
    return;
  }
  if (!machineDetection) return begin();
  const verdict = verdictOf(machineDetection, behaviour);
  later(verdict.afterMs, () => {
    onVerdict(verdict);
    if (!machineDetection.isAsync) begin(verdictParams(verdict));
  });
  if (machineDetection.isAsync) begin();
}

export function verdictParams({ answeredBy, afterMs }: Verdict): Record<string, string> {
  return { AnsweredBy: answeredBy, MachineDetectionDuration: String(afterMs) };
}
