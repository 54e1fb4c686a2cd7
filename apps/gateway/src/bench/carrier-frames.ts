import { textFrame } from './wire.js';

/** One stream of a carrier, as Twilio writes it: masked frames, made before anything is measured. */
export interface CarrierFrames {
  readonly streamSid: string;
  readonly callSid: string;
  connected(): Buffer;
  start(parameters: Readonly<Record<string, string>>): Buffer;
  /** The next 20 ms. */
  media(): { readonly frame: Buffer; readonly payload: string };
}

/** That of the simulator's load. */
export const ACCOUNT_SID = `AC${'0'.repeat(32)}`;

/** @param index of the stream: its audio and its mask are its own */
export function createCarrierFrames(index: number): CarrierFrames {
  const hex = index.toString(16).padStart(32, '0');
  const [streamSid, callSid] = [`MZ${hex}`, `CA${hex}`];
  const key = Uint8Array.of(0x5a, index & 0xff, 0xc3, (index >> 8) ^ 0x33);
  const audio = Buffer.alloc(160);
  let sequence = 1;
  let chunk = 0;
  const write = (message: unknown): Buffer => textFrame(JSON.stringify(message), key);
  return {
    streamSid,
    callSid,
    connected: () => write({ event: 'connected', protocol: 'Call', version: '1.0.0' }),
    start: (customParameters) =>
      write({
        event: 'start',
        sequenceNumber: '1',
        start: {
          accountSid: ACCOUNT_SID,
          streamSid,
          callSid,
          tracks: ['inbound'],
          mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
          customParameters,
        },
        streamSid,
      }),
    media() {
      for (let i = 0; i < audio.length; i++) audio[i] = (audio[i]! * 5 + i + chunk + index) & 0xff;
      const payload = audio.toString('base64');
      const media = { track: 'inbound', chunk: String(++chunk), timestamp: String(135 + chunk * 20), payload };
      return { frame: write({ event: 'media', sequenceNumber: String(++sequence), media, streamSid }), payload };
    },
  };
}
