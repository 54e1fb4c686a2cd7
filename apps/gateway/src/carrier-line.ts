import { createAudioMessages, silence, type MuLawAudio } from '@onhook/audio';
import type { Logger } from '@onhook/service';
import { CARRIER_BACKPRESSURE } from './backpressure.js';
import { readCarrierMessage } from './carrier-messages.js';
import type { MediaSocket } from './media-socket.js';
import type { Recorder } from './recorder.js';
import type { Traffic } from './traffic.js';

/** The carrier's half of a live call, as far as it speaks to us: reads its messages and says what they mean. */
export interface CarrierLine {
  /** Media in `bytes[from…to)`, without a parser, once the carrier has shown how it writes it. False: `hear` has to read it. */
  hearMedia(bytes: Uint8Array, from: number, to: number): boolean;
  /** One message, as it came. */
  hear(bytes: Uint8Array): void;
}

interface CarrierLineDeps {
  readonly socket: Pick<MediaSocket, 'bufferedBytes'>;
  readonly recorder: Pick<Recorder, 'callee'>;
  readonly agent: {
    hear(audio: MuLawAudio): void;
    /** So much waits for it that it would hear the past. */
    isDeaf(): boolean;
    /** The agent shall hear silence. */
    isShielded(): boolean;
  };
  readonly traffic: Pick<Traffic, 'framesIn' | 'unheardByAgent'>;
  readonly elapsedMs: () => number;
  readonly logger: Logger;
  /** Nothing counts any more. */
  readonly isClosing: () => boolean;
  /** The end was asked: what the callee says goes to nobody but the recording. */
  readonly isEnding: () => boolean;
  readonly onMedia: (atMs: number) => void;
  readonly onMark: (name: string) => void;
  readonly onDigit: (digit: string) => void;
  readonly onStop: () => void;
  /** The carrier does not read what we write: its queue is full. */
  readonly onStuck: () => void;
}

const QUIET = silence(8_000);

export function createCarrierLine(deps: CarrierLineDeps): CarrierLine {
  const { socket, recorder, agent, traffic, elapsedMs, logger } = deps;
  const messages = createAudioMessages<null>({
    audio: 'media.payload',
    free: ['sequenceNumber', 'media.chunk', 'media.timestamp'],
    number: 'media.timestamp',
  });
  let badMessages = 0;

  function media(audio: MuLawAudio, timestampMs: number): void {
    const atMs = elapsedMs();
    traffic.framesIn++;
    deps.onMedia(atMs);
    recorder.callee(audio, timestampMs, atMs);
    feed(audio);
  }

  function feed(audio: MuLawAudio): void {
    if (socket.bufferedBytes() > CARRIER_BACKPRESSURE.fullBytes) return deps.onStuck();
    if (deps.isEnding()) return;
    if (agent.isDeaf()) return void traffic.unheardByAgent++;
    agent.hear(agent.isShielded() ? quiet(audio.length) : audio);
  }

  function hearMedia(bytes: Uint8Array, from: number, to: number): boolean {
    if (deps.isClosing()) return true;
    const found = messages.find(bytes, from, to);
    if (found) media(found, found.number);
    return found !== null;
  }

  return {
    hearMedia,
    hear(bytes) {
      // What was held until the stream was accepted has not been looked at.
      if (hearMedia(bytes, 0, bytes.length)) return;
      const message = readCarrierMessage(bytes);
      switch (message?.event) {
        case 'media':
          messages.study(bytes, null);
          return media(message.audio, message.timestampMs);
        case 'mark':
          return deps.onMark(message.name);
        case 'dtmf':
          return deps.onDigit(message.digit);
        case 'stop':
          return deps.onStop();
        case 'other':
        case 'connected':
          return;
        // A second start on an accepted stream, or no message at all: it changes nothing.
        case 'start':
        case undefined:
          if (badMessages++ === 0) logger.warn('carrier message was not understood');
      }
    },
  };
}

function quiet(bytes: number): Uint8Array {
  return bytes <= QUIET.length ? QUIET.subarray(0, bytes) : silence(bytes);
}
