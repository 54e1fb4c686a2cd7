import { createHmac } from 'node:crypto';
import { systemClock, systemTimers } from '@onhook/service';
import WebSocket from 'ws';
import type { AttackLine, LedgerLine } from '../evidence.js';
import type { Dice } from './seeded.js';

export interface AttackerDeps {
  readonly apiUrl: string;
  readonly mediaUrls: readonly string[];
  readonly accountSid: string;
  /** Somebody who listened on the wire has old callbacks with good signatures; they are made here as the carrier made them. */
  readonly authToken: string;
  readonly dice: Dice;
  /** The carrier's book so far: what an eavesdropper may know. */
  readonly ledger: () => Promise<readonly LedgerLine[]>;
  readonly write: (line: AttackLine) => void;
}

const OPEN_AT_MOST_MS = 12_000;

export function createAttacker(deps: AttackerDeps): { attack(): Promise<void> } {
  const { dice, write } = deps;

  async function post(path: string, body: string, headers: Record<string, string>): Promise<number | null> {
    try {
      const response = await fetch(`${deps.apiUrl}${path}`, {
        method: 'POST',
        body,
        headers,
        signal: AbortSignal.timeout(5_000),
      });
      await response.arrayBuffer();
      return response.status;
    } catch {
      return null; // broken off: the log says so
    }
  }
  const sign = (url: string, params: Record<string, string>, token: string): string =>
    createHmac('sha1', token)
      .update(
        url +
          Object.keys(params)
            .toSorted()
            .map((key) => key + params[key])
            .join(''),
      )
      .digest('base64');

  /** Somebody's live call, as an eavesdropper knows it. */
  async function someCall(): Promise<LedgerLine | undefined> {
    const labelled = (await deps.ledger()).filter(
      ({ kind, callId, callSid }) => kind === 'rang' && callId !== undefined && callSid !== undefined,
    );
    return labelled.length > 0 ? dice.pick(labelled.slice(-20)) : undefined;
  }

  async function callback(kind: string, token: string | null): Promise<void> {
    const call = await someCall();
    if (!call) return;
    const path = `/carrier/twilio/status/${call.callId}/${call.attempt}`;
    const isReplay = token === deps.authToken;
    // A replay says again what was true long ago; a forgery says that the call is over.
    const params = {
      CallSid: call.callSid!,
      AccountSid: deps.accountSid,
      CallStatus: isReplay ? 'initiated' : 'completed',
      Direction: 'outbound-api',
      SequenceNumber: '0',
    };
    const headers = {
      'Content-Type': 'application/x-www-form-urlencoded',
      ...(token !== null && { 'X-Twilio-Signature': sign(deps.apiUrl + path, params, token) }),
    };
    const status = await post(path, new URLSearchParams(params).toString(), headers);
    // A replay is genuine: it is answered like one, and the audit's other statements see what it did.
    const succeeded = !isReplay && status !== null && status < 300;
    write({ at: systemClock.now(), kind, callId: call.callId!, status, succeeded });
  }

  function socket(kind: string, headers: Record<string, string>, onOpen: (ws: WebSocket) => void): Promise<void> {
    const at = systemClock.now();
    return new Promise((resolve) => {
      const ws = new WebSocket(dice.pick(deps.mediaUrls), { headers, perMessageDeflate: false });
      let wasOpenAt: number | null = null;
      let heardAudio = false;
      const tooLong = systemTimers.after(OPEN_AT_MOST_MS, () => ws.terminate());
      ws.on('open', () => {
        wasOpenAt = systemClock.now();
        onOpen(ws);
      });
      ws.on('message', () => (heardAudio = true));
      ws.on('error', () => {}); // a refusal: `close` follows
      ws.on('close', () => {
        tooLong.cancel();
        const openForMs = wasOpenAt === null ? 0 : systemClock.now() - wasOpenAt;
        write({ at, kind, status: null, openForMs, succeeded: heardAudio });
        resolve();
      });
    });
  }

  const attacks: readonly (() => Promise<void>)[] = [
    () => callback('callback-unsigned', null),
    () => callback('callback-forged', 'not-the-token'),
    () => callback('callback-replayed', deps.authToken),
    async () => {
      const status = await post('/v1/calls', JSON.stringify({ to: '+14155559999', agentId: 'prove-short' }), {
        'Content-Type': 'application/json',
      });
      write({ at: systemClock.now(), kind: 'create-without-key', status, succeeded: status !== null && status < 300 });
    },
    async () => {
      const status = await post('/v1/end-all', JSON.stringify({ confirm: 'end-all-calls' }), {
        'Content-Type': 'application/json',
        Authorization: 'Bearer sk_live_0000000000000000000000000000000000',
      });
      write({ at: systemClock.now(), kind: 'end-all-with-wrong-key', status, succeeded: status !== null && status < 300 });
    },
    () => socket('media-unsigned', {}, () => {}),
    () => socket('media-forged', { 'X-Twilio-Signature': 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=' }, () => {}),
    async () => {
      // A signed upgrade that somebody captured, and no token: the socket may open, and must come to nothing.
      const url = dice.pick(deps.mediaUrls);
      const call = await someCall();
      const start = {
        event: 'start',
        sequenceNumber: '1',
        streamSid: 'MZ00000000000000000000000000000000',
        start: {
          accountSid: deps.accountSid,
          callSid: call?.callSid ?? 'CA00000000000000000000000000000000',
          streamSid: 'MZ00000000000000000000000000000000',
          tracks: ['inbound'],
          mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
          customParameters: { callId: call?.callId ?? 'call_a_0', attempt: '1', token: 'x'.repeat(43) },
        },
      };
      await socket('media-wrong-token', { 'X-Twilio-Signature': sign(url, {}, deps.authToken) }, (ws) => {
        ws.send(JSON.stringify({ event: 'connected', protocol: 'Call', version: '1.0.0' }));
        ws.send(JSON.stringify(start));
      });
    },
    async () => {
      const url = dice.pick(deps.mediaUrls);
      await socket('media-silent', { 'X-Twilio-Signature': sign(url, {}, deps.authToken) }, () => {});
    },
  ];

  return { attack: () => dice.pick(attacks)() };
}
