import { clientText, createWire, textFrame, upgradeAnswer, type Wire } from './wire.js';

/** The far end of an agent's socket: says what it must until it is configured, then counts. */
export interface Provider {
  readonly wire: Wire;
  frames(): number;
  /** What came last, as text. */
  last(): string;
  /** Resolves when everything that comes counts. */
  readonly ready: Promise<void>;
}

const PING = 0x89;
const PONG = 0x8a;

/** @param speaks the protocol of the provider; else all that comes counts from the first frame on */
export function createProvider({ speaks }: { speaks: boolean }): Provider {
  let stage: 'head' | 'configuring' | 'counting' = 'head';
  let frames = 0;
  let last: readonly Buffer[] = [];
  let becomeReady = (): void => {};
  const ready = new Promise<void>((resolve) => (becomeReady = resolve));
  // Not before the write that is answered is over.
  const answer = (bytes: Buffer | string): void => process.nextTick(() => wire.push(bytes));
  const say = (message: unknown): void => answer(textFrame(JSON.stringify(message), null));
  const session = { id: 'sess_bench', object: 'realtime.session', type: 'realtime' };

  const wire = createWire((parts) => {
    if (stage === 'counting') {
      if (parts[0]![0] === PING) return answer(Buffer.of(PONG, 0));
      frames++;
      last = parts;
      return;
    }
    const bytes = Buffer.concat(parts);
    if (stage === 'head') {
      stage = speaks ? 'configuring' : 'counting';
      answer(upgradeAnswer(bytes.toString('latin1')));
      if (!speaks) return becomeReady();
      return say({ type: 'session.created', event_id: 'event_1', session });
    }
    if (!clientText(bytes).includes('"session.update"')) return;
    stage = 'counting';
    say({ type: 'session.updated', event_id: 'event_2', session });
    becomeReady();
  });

  return {
    wire,
    ready,
    frames: () => frames,
    // The writer may use its bytes again; nobody has written since.
    last: () => clientText(Buffer.concat(last)),
  };
}
