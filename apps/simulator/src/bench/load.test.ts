import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { systemClock, systemTimers } from '@onhook/service';
import { createTicker } from '../carrier/ticker.js';
import { closeServer } from '../listen.js';
import { startLoadAgent } from './load-agent.js';
import { openLoadStream } from './load-carrier.js';
import { createWayTally } from './way-tally.js';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** Between the two ends of the load, as somebody's gateway is: what `toAgent` and `toCarrier` make of a message goes on. */
async function between(
  agentPort: number,
  first: string[],
  translate: { toAgent: Translate; toCarrier: Translate },
): Promise<string> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  closers.push(() => server.close());
  server.on('connection', (carrier) => {
    const agent = new WebSocket(`ws://127.0.0.1:${agentPort}/`);
    const opened = new Promise((resolve) => agent.once('open', resolve));
    for (const text of first) void opened.then(() => agent.send(text));
    carrier.on('message', (data: Buffer) => {
      const text = translate.toAgent(data.toString());
      if (text !== undefined) void opened.then(() => agent.send(text));
    });
    agent.on('message', (data: Buffer) => {
      const text = translate.toCarrier(data.toString());
      if (text !== undefined) carrier.send(text);
    });
    carrier.on('close', () => agent.close());
  });
  await new Promise((resolve) => server.once('listening', resolve));
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

type Translate = (text: string) => string | undefined;

async function hold(first: string[], translate: { toAgent: Translate; toCarrier: Translate }) {
  const sizes = { streams: 1, framesEach: 500 };
  const [toAgent, toCarrier] = [createWayTally(sizes), createWayTally(sizes)];
  const ticker = createTicker({ clock: systemClock, timers: systemTimers });
  const agent = await startLoadAgent({ port: 0, ticker, toAgent, toCarrier });
  closers.push(() => closeServer(agent));
  const lost: string[] = [];
  const url = await between((agent.address() as AddressInfo).port, first, translate);
  const ends = { ticker, toAgent, toCarrier, onLost: (why: string) => void lost.push(why) };
  const stream = await openLoadStream({ index: 0, url, parameters: {}, authToken: 'bench', ...ends });
  const fromMs = systemClock.monotonicMs();
  stream.begin();
  const reports = (toMs: number) => [toAgent, toCarrier].map((way) => way.report({ fromMs, toMs, looks: [] }));
  let toMs = fromMs;
  await until(() => reports((toMs = systemClock.monotonicMs())).every((report) => report && report.frames >= 9));
  // What was on its way, or waited for its batch to be full, comes yet.
  await until(() => reports(toMs).every((report) => report?.lost === 0));
  const [heardByAgent, heardByCarrier] = reports(toMs);
  await stream.end();
  ticker.close();
  expect(lost).toEqual([]);
  return { toAgent: heardByAgent, toCarrier: heardByCarrier };
}

async function until(fits: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !fits(); i++) await systemTimers.sleep(10);
  expect(fits()).toBe(true);
}

it('speaks as a Media Stream to what stands behind a bare relay, and loses no frame either way', async () => {
  const both = await hold([], { toAgent: (text) => text, toCarrier: (text) => (text.includes('"media"') ? text : undefined) });
  expect(both.toAgent?.messages).toBe(both.toAgent?.frames);
  expect([both.toAgent?.lost, both.toCarrier?.lost]).toEqual([0, 0]);
});

it('speaks as OpenAI Realtime to a gateway that appends in batches, and knows every frame in them', async () => {
  let streamSid = '';
  let batch: Buffer[] = [];
  const both = await hold([JSON.stringify({ type: 'session.update', session: {} })], {
    toAgent(text) {
      const message = JSON.parse(text) as { streamSid?: string; media?: { payload: string } };
      streamSid = message.streamSid ?? streamSid;
      if (message.media) batch.push(Buffer.from(message.media.payload, 'base64'));
      if (batch.length < 3) return undefined;
      const audio = Buffer.concat(batch).toString('base64');
      batch = [];
      return JSON.stringify({ type: 'input_audio_buffer.append', audio });
    },
    toCarrier(text) {
      const event = JSON.parse(text) as { type: string; delta?: string };
      return event.delta && JSON.stringify({ event: 'media', streamSid, media: { payload: event.delta } });
    },
  });
  const { frames = 0, messages = 0 } = both.toAgent ?? {};
  expect(frames / messages).toBeGreaterThan(2);
  expect([both.toAgent?.lost, both.toCarrier?.lost]).toEqual([0, 0]);
});
