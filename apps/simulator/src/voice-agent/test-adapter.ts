import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { silentLogger, systemChance, systemClock, systemTimers } from '@onhook/service';
import { WebSocket } from 'ws';
import type { Speech } from '../speech/index.js';
import { builtInScripts } from './scripts.js';
import { createVoiceAgentServer, type VoiceAgentServer } from './server.js';

/** For tests: a provider on a free port, its ledger, and a client that knows nothing but the wire. */

export interface LedgerLine {
  kind: string;
  [fact: string]: unknown;
}

export interface ServerEvent {
  type: string;
  event_id: string;
  [field: string]: unknown;
}

export interface TestProvider {
  url: string;
  agents: VoiceAgentServer;
  ledger: LedgerLine[];
  of(kind: string): LedgerLine[];
  close(): Promise<void>;
}

export async function startProvider(speech: Speech, { maxSessionMs }: { maxSessionMs?: number } = {}): Promise<TestProvider> {
  const ledger: LedgerLine[] = [];
  const agents = createVoiceAgentServer({
    speech,
    ledger: { write: (kind, facts) => ledger.push({ ...facts, kind }) },
    clock: systemClock,
    timers: systemTimers,
    chance: systemChance,
    logger: silentLogger,
    ...(maxSessionMs !== undefined && { maxSessionMs }),
  });
  // The same scripts, spoken in no time: tests that interrupt ask for the script `unhurried`.
  for (const script of builtInScripts) agents.addScript({ ...script, pace: 80, thinkMs: 5 });
  agents.addScript({ ...builtInScripts[0]!, name: 'unhurried' });
  const http = createServer();
  http.on('upgrade', (request, socket, head) => agents.handleUpgrade(request, socket, head));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}/v1/realtime`,
    agents,
    ledger,
    of: (kind) => ledger.filter((line) => line.kind === kind),
    async close() {
      await agents.close();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

export interface TestAdapter {
  events: ServerEvent[];
  closed: Promise<{ code: number; reason: string }>;
  send(type: string, fields?: Record<string, unknown>): void;
  raw(frame: string | Buffer): void;
  /** The next event of this type (that fits) after the last one that was waited for. */
  next(type: string, fits?: (event: ServerEvent) => boolean): Promise<ServerEvent>;
  /** Sends µ-law as a gateway does, in frames of 20 ms, without waiting for real time to pass. */
  say(...sounds: Uint8Array[]): void;
  /** All audio that was received, of one item or of all. */
  audio(itemId?: unknown): Buffer;
  types(): string[];
  close(): void;
}

const WAIT_MS = 20_000;

/** @param model may carry `#script=…` */
export async function connectAdapter(
  provider: TestProvider,
  { model = 'gpt-realtime', headers = {} }: { model?: string; headers?: Record<string, string> } = {},
): Promise<TestAdapter> {
  const socket = new WebSocket(`${provider.url}?model=${encodeURIComponent(model)}`, {
    headers: { Authorization: 'Bearer sk-test', ...headers },
  });
  const events: ServerEvent[] = [];
  const wakers = new Set<() => void>();
  let seen = 0;
  socket.on('message', (data) => {
    events.push(JSON.parse((data as Buffer).toString()) as ServerEvent);
    for (const wake of wakers) wake();
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() })),
  );
  await new Promise<void>((resolve, reject) => socket.once('open', resolve).once('error', reject));

  const send = (type: string, fields: Record<string, unknown> = {}): void => socket.send(JSON.stringify({ type, ...fields }));
  return {
    events,
    closed,
    send,
    raw: (frame) => socket.send(frame),
    next(type, fits = () => true) {
      return new Promise((resolve, reject) => {
        const look = (): void => {
          const at = events.findIndex((event, i) => i >= seen && event.type === type && fits(event));
          if (at < 0) return;
          seen = at + 1;
          tooLate.cancel();
          wakers.delete(look);
          resolve(events[at]!);
        };
        const tooLate = systemTimers.after(WAIT_MS, () => {
          wakers.delete(look);
          reject(
            new Error(
              `no ${type} after: ${events
                .slice(seen)
                .map((event) => event.type)
                .join(' ')}`,
            ),
          );
        });
        wakers.add(look);
        look();
      });
    },
    say(...sounds) {
      const sound = Buffer.concat(sounds);
      for (let at = 0; at < sound.length; at += 160) {
        send('input_audio_buffer.append', { audio: sound.subarray(at, at + 160).toString('base64') });
      }
    },
    audio: (itemId) =>
      Buffer.concat(
        events
          .filter(
            (event) => event.type === 'response.output_audio.delta' && (itemId === undefined || event['item_id'] === itemId),
          )
          .map((event) => Buffer.from(String(event['delta']), 'base64')),
      ),
    types: () => events.map(({ type }) => type),
    close: () => socket.close(),
  };
}

/** What a gateway configures. */
export const gatewaySession = {
  type: 'realtime',
  instructions: 'You remind people of appointments.',
  output_modalities: ['audio'],
  audio: {
    input: {
      format: { type: 'audio/pcmu' },
      transcription: { model: 'gpt-4o-mini-transcribe' },
      turn_detection: { type: 'server_vad', silence_duration_ms: 500 },
    },
    output: { format: { type: 'audio/pcmu' }, voice: 'marin' },
  },
  tools: [{ type: 'function', name: 'end_call', description: 'Ends the call.', parameters: { type: 'object', properties: {} } }],
  tool_choice: 'auto',
};

/** A client whose session is configured like a gateway's, and otherwise. */
export async function configuredAdapter(
  provider: TestProvider,
  { model, session = {} }: { model?: string; session?: Record<string, unknown> } = {},
): Promise<TestAdapter> {
  const adapter = await connectAdapter(provider, { ...(model !== undefined && { model }) });
  await adapter.next('session.created');
  adapter.send('session.update', { session: { ...gatewaySession, ...session } });
  await adapter.next('session.updated');
  return adapter;
}

export const silenceOf = (ms: number): Uint8Array => new Uint8Array(ms * 8).fill(0xff);
