import type { Clock } from '@onhook/service';
import type { LedgerWriter } from '../ledger.js';
import type { Line, Listener, Speech } from '../speech/index.js';
import { answered, heardKey, listen, understood, type FarEnd, type FarEndAct, type FarEndScript } from './far-end.js';
import { createKeyEar } from './key-ear.js';
import { createKeypad } from './keypad.js';
import { createMouth } from './mouth.js';
import { createSoundSpans } from './sound-spans.js';
import { frameBytes, frameMs, isLoud, silentFrame } from './telephone-audio.js';
import type { Ticker } from './ticker.js';

/** Who is connected to the callee on the carrier's side: a media stream, or something that is played. */
export interface LineSource {
  /** 20 ms have passed: what the callee said in them goes in, what it heard in them comes out (`undefined`: nothing). Neither is true any longer than until the next `pass`. */
  pass(said: Uint8Array): Uint8Array | undefined;
  /** The line is cut `sinceFrameMs` after the last `pass`: what was heard of the frame that had begun. */
  cut(sinceFrameMs: number): Uint8Array | undefined;
}

/** The callee as it was prepared before the phone rang: its script, and its lines as sound. */
export interface Callee {
  script: FarEndScript;
  hello: Line | undefined;
  replies: readonly Line[];
  /** What its steps say or sound. */
  lines: readonly Line[];
}

/** An answered call's line. It lives from the answer to the end of the call, whoever is connected to it. */
export interface TelephoneLine {
  connect(source: LineSource): void;
  /** Does nothing if another source has taken its place. */
  disconnect(source: LineSource): void;
  /** The callee presses keys, one after another (`w` waits half a second, `W` a whole one). */
  press(digits: string): void;
  /** Told of every key that the callee presses. Returns how to stop. */
  onKey(listener: (key: string) => void): () => void;
  /** Told of every 20 ms that pass: what the callee said, what it heard. Returns how to stop. */
  tap(listener: LineTap): () => void;
  end(): void;
}

export type LineTap = (said: Uint8Array, heard: Uint8Array) => void;

export function createTelephoneLine({
  callee,
  ticker,
  clock,
  speech,
  ledger,
  onHangUp,
}: {
  callee: Callee;
  ticker: Ticker;
  clock: Clock;
  speech: Pick<Speech, 'createListener'>;
  ledger: LedgerWriter;
  onHangUp: () => void;
}): TelephoneLine {
  let source: LineSource | undefined;
  let farEnd: FarEnd = answered();
  let lastDueMs = clock.monotonicMs();
  const keypad = createKeypad();
  const keyEar = callee.script.hearsKeys === true ? createKeyEar() : undefined;
  const keyListeners = new Set<(key: string) => void>();
  const taps = new Set<LineTap>();
  const wallOf = (monoMs: number): number => clock.now() - (clock.monotonicMs() - monoMs);

  const listener: Listener = speech.createListener((heard) => {
    farEnd = understood(farEnd, callee.script, heard.text);
    ledger.write('line-heard', {
      text: heard.text,
      voice: heard.voice,
      fromMs: heard.fromMs,
      toMs: heard.toMs,
      ofMs: heard.ofMs,
      startedAt: wallOf(heard.startedAtMs),
      lastPlayedAt: wallOf(heard.endedAtMs),
      lastPlayedMono: heard.endedAtMs,
    });
  });
  const spans = createSoundSpans({
    onSpan: ({ startMs, endMs, ms }) =>
      ledger.write('played', { startAt: wallOf(startMs), endAt: wallOf(endMs), startMono: startMs, endMono: endMs, ms }),
  });
  const mouth = createMouth({
    onSpoken: ({ line, startMs, endMs, spokenMs }) =>
      ledger.write('callee-spoke', {
        text: line.text,
        voice: line.voice,
        startAt: wallOf(startMs),
        endAt: wallOf(endMs),
        startMono: startMs,
        endMono: endMs,
        spokenMs,
        ofMs: line.durationMs,
        isComplete: spokenMs >= line.durationMs,
      }),
  });

  function hear(audio: Uint8Array, atMs: number): void {
    listener.hear(audio, atMs);
    spans.hear(audio, atMs);
  }

  function perform(act: FarEndAct, atMs: number): void {
    switch (act.type) {
      case 'hang-up':
        return onHangUp();
      case 'hush':
        return mouth.stop(atMs);
      case 'press':
        return keypad.press(act.digits, atMs);
      case 'say-hello':
      case 'say-reply':
      case 'say-line': {
        const line =
          act.type === 'say-hello' ? callee.hello : act.type === 'say-reply' ? callee.replies[act.reply] : callee.lines[act.line];
        if (line) mouth.say(line, atMs);
      }
    }
  }

  const stop = ticker.add((dueMs) => {
    const startMs = Math.max(lastDueMs, dueMs - frameMs);
    lastDueMs = dueMs;
    for (const key of keypad.due(dueMs)) {
      ledger.write('key-pressed', { key });
      for (const listener of keyListeners) listener(key);
    }
    const said = mouth.next();
    const heard = source?.pass(said) ?? silentFrame;
    hear(heard, startMs);
    for (const tap of taps) tap(said, heard);
    const key = keyEar?.hear(heard);
    if (key !== undefined) {
      ledger.write('key-heard', { key });
      farEnd = heardKey(farEnd, key);
    }
    const step = listen(farEnd, callee.script, heard !== silentFrame && isLoud(heard), frameMs);
    farEnd = step.farEnd;
    if (step.act) perform(step.act, dueMs);
  });

  function cut(): void {
    const heard = source?.cut(clock.monotonicMs() - lastDueMs);
    if (heard && heard.length > 0 && heard.length <= frameBytes) hear(heard, lastDueMs);
    source = undefined;
  }

  return {
    connect(next) {
      cut();
      source = next;
    },
    disconnect(leaving) {
      if (source === leaving) cut();
    },
    press: (digits) => keypad.press(digits, lastDueMs),
    onKey(listener) {
      keyListeners.add(listener);
      return () => void keyListeners.delete(listener);
    },
    tap(listener) {
      taps.add(listener);
      return () => void taps.delete(listener);
    },
    end() {
      stop();
      cut();
      const nowMs = clock.monotonicMs();
      listener.flush(nowMs);
      spans.end();
      mouth.stop(nowMs);
    },
  };
}
