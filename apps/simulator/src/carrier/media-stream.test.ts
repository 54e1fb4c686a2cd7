import { createServer, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { silentLogger, systemChance, systemClock, systemTimers } from '@onhook/service';
import { createLedger } from '../ledger.js';
import { openMediaStream } from './media-stream.js';
import type { FrameFault } from './stream-faults.js';
import { silentFrame } from './telephone-audio.js';
import { closeAll, connect, speak, streamSid } from './test-stream.js';

afterEach(closeAll);

describe('a media stream on its bare socket', () => {
  it('says which key the callee pressed, and counts it as it counts every message', async () => {
    const { stream, messages, until } = await connect();
    stream.pass(silentFrame);
    stream.dtmf('#');
    stream.pass(silentFrame);
    await until(() => messages.length === 5);
    expect(messages[3]).toEqual({
      event: 'dtmf',
      streamSid,
      sequenceNumber: '3',
      dtmf: { track: 'inbound_track', digit: '#' },
    });
    expect(messages[4]).toMatchObject({ sequenceNumber: '4', media: { chunk: '2', timestamp: '175' } });
    stream.stop();
  });

  it('plays what it is sent, in whatever way each message is written', async () => {
    const { stream, socket, ledger } = await connect();
    const sound = Buffer.from(Uint8Array.from({ length: 480 }, (_, i) => i & 0x7f));
    const parts = [sound.subarray(0, 100), sound.subarray(100, 299), sound.subarray(299)].map((part) => part.toString('base64'));
    socket.send(speak({ event: 'media', media: { payload: parts[0] } }));
    socket.send(speak({ event: 'media', media: { payload: parts[1] } }));
    socket.send(`{ "event" : "media", "media": {"payload":"${parts[2]}"}, "streamSid":"${streamSid}" }`);
    socket.send(speak({ event: 'mark', mark: { name: 'end' } }));
    const queued = new Promise((resolve) => ledger.subscribe((entry) => entry.kind === 'mark-queued' && resolve(entry)));
    expect(await queued).toMatchObject({ name: 'end', bufferedMs: 60 });
    stream.pass(silentFrame);
    const heard = [0, 1, 2].map(() => Buffer.from(stream.pass(silentFrame) ?? []));
    expect(Buffer.concat(heard)).toEqual(sound);
    expect(ledger.entries({ kind: 'mark-echoed' })).toMatchObject([{ name: 'end', why: 'played' }]);
    stream.stop();
  });

  it.each([
    [1000, undefined],
    [1005, 1005],
    [1006, 1006],
  ] as const)('ends with stop and then close code %i', async (code, streamCloseCode) => {
    const { stream, words, closed, ledger } = await connect({ habits: { streamCloseCode } });
    stream.pass(silentFrame);
    stream.stop();
    stream.pass(silentFrame);
    expect(await closed).toBe(code);
    expect(words()).toEqual(['connected', 'start', 'media', 'stop']);
    expect(await stream.closed).toEqual({ by: 'carrier' });
    expect(ledger.entries({ kind: 'stream-closed' })).toMatchObject([{ by: 'carrier', sentFrames: 1 }]);
  });

  it('that is sent text which is no UTF-8 warns 31924 and closes with 1007', async () => {
    const { stream, socket, closed, ledger } = await connect();
    socket.send(Buffer.from([0x22, 0xc3, 0x28, 0x22]), { binary: false });
    expect(await closed).toBe(1007);
    expect(await stream.closed).toEqual({ by: 'server', errorCode: 31924 });
    expect(ledger.entries({ kind: 'warning' })).toMatchObject([{ code: 31924 }]);
  });

  it('drops audio when the server does not read, warns once (31930), and its timestamps go on', async () => {
    const { stream, socket, media, messages, ledger } = await connect();
    let passed = 0;
    const pass = (): void => {
      stream.pass(silentFrame);
      passed++;
    };
    socket.pause();
    // The kernels buffer megabytes; between the frames they must get the chance to take them.
    while (ledger.entries({ kind: 'warning' }).length === 0 && passed < 60_000) {
      pass();
      if (passed % 500 === 0) await systemTimers.sleep(0);
    }
    for (let i = 0; i < 10; i++) pass();
    expect(ledger.entries({ kind: 'warning' })).toMatchObject([{ code: 31930 }]);
    socket.resume();
    const isLast = (): boolean => messages.at(-1)?.media?.['timestamp'] === String(155 + (passed - 1) * 20);
    for (let i = 0; i < 400 && !isLast(); i++) {
      pass();
      await systemTimers.sleep(20);
    }
    stream.stop();
    await stream.closed;
    const { sentFrames, droppedFrames } = ledger.entries({ kind: 'stream-closed' })[0] as unknown as Record<string, number>;
    expect(droppedFrames).toBeGreaterThanOrEqual(10);
    expect(sentFrames! + droppedFrames!).toBe(passed);
    const [last] = media().slice(-1);
    expect(last?.media).toMatchObject({ chunk: String(sentFrames), timestamp: String(155 + (passed - 1) * 20) });
    const chunks = media().map((message) => Number(message.media?.['chunk']));
    expect(chunks).toEqual(chunks.map((_, i) => i + 1));
  });

  it('loses or delays the frames that a fault names; what follows a delayed one follows it', async () => {
    const faults: (FrameFault | undefined)[] = [undefined, 'drop', { lateMs: 60, isStamped: false }, undefined];
    const { stream, socket, words, media, until } = await connect({ frameFault: () => faults.shift() });
    for (let i = 0; i < 4; i++) stream.pass(silentFrame);
    socket.send(speak({ event: 'mark', mark: { name: 'behind' } }));
    await until(() => words().includes('mark'));
    expect(words()).toEqual(['connected', 'start', 'media', 'media', 'media', 'mark']);
    expect(media().map((message) => message.media?.['timestamp'])).toEqual(['155', '195', '215']);
    stream.stop();
  });

  it('stamps what came late from the telephone network with the moment at which it came, and what follows it never earlier', async () => {
    let nowMs = 0;
    const clock = { now: () => nowMs, monotonicMs: () => nowMs };
    const faults: (FrameFault | undefined)[] = [undefined, { lateMs: 50, isStamped: true }];
    const { stream, media, until } = await connect({ clock, frameFault: () => faults.shift() });
    for (; nowMs <= 100; nowMs += 20) stream.pass(silentFrame);
    await until(() => media().length === 6);
    // The second is 50 ms late, the third still 30 and the fourth 10; the fifth is in time.
    expect(media().map((message) => message.media?.['timestamp'])).toEqual(['155', '225', '225', '225', '235', '255']);
    stream.stop();
  });

  it('writes down the gaps: of frames that it sent late, and of audio that ran dry in an utterance', async () => {
    let nowMs = 0;
    const clock = { now: () => nowMs, monotonicMs: () => nowMs };
    const { stream, socket, ledger } = await connect({ clock });
    const gaps = (): unknown[] => ledger.entries({ kind: 'frame-gap' });
    const hear = async (frames: number): Promise<void> => {
      const queued = new Promise((resolve) => ledger.subscribe((entry) => entry.kind === 'mark-queued' && resolve(entry)));
      socket.send(speak({ event: 'media', media: { payload: Buffer.alloc(frames * 160, 0x21).toString('base64') } }));
      socket.send(speak({ event: 'mark', mark: { name: 'said' } }));
      await queued;
    };
    const pass = (times: number): void => {
      for (let i = 0; i < times; i++, nowMs += 20) stream.pass(silentFrame);
    };
    await hear(2);
    pass(5);
    expect(gaps()).toEqual([]);
    await hear(1);
    pass(3);
    // Sounded at 0 and 20, was silent until 100, and the frame that began then has been heard.
    expect(gaps()).toMatchObject([{ streamSid, way: 'to-callee', ms: 60 }]);
    nowMs += 45;
    pass(1);
    expect(gaps()[1]).toMatchObject({ streamSid, way: 'to-server', track: 'inbound', ms: 65 });
    stream.stop();
  });

  it('that fell half-open is silent both ways, and the server is not told of its end', async () => {
    const { stream, socket, words, until, ledger } = await connect();
    await until(() => words().length === 2);
    stream.lose('half-open');
    stream.pass(silentFrame);
    socket.send(speak({ event: 'mark', mark: { name: 'lost' } }));
    await systemTimers.sleep(50);
    stream.stop();
    expect(await stream.closed).toEqual({ by: 'carrier' });
    await systemTimers.sleep(50);
    expect([words(), socket.readyState]).toEqual([['connected', 'start'], 1]);
    expect(ledger.entries({ kind: 'mark-queued' })).toEqual([]);
  });

  it('that only listens sends both tracks and plays nothing', async () => {
    const { stream, socket, messages, media, until, ledger } = await connect({
      tracks: ['inbound', 'outbound'],
      direction: 'listens',
    });
    for (let i = 0; i < 2; i++) {
      stream.tell('inbound', silentFrame);
      stream.tell('outbound', silentFrame);
    }
    socket.send(speak({ event: 'mark', mark: { name: 'none' } }));
    await until(() => media().length === 4);
    expect(messages[1]).toMatchObject({ start: { tracks: ['inbound', 'outbound'] } });
    expect(media().map(({ sequenceNumber, media: one }) => `${sequenceNumber} ${one?.['track']} ${one?.['chunk']}`)).toEqual([
      '2 inbound 1',
      '3 outbound 1',
      '4 inbound 2',
      '5 outbound 2',
    ]);
    stream.stop();
    await stream.closed;
    expect(ledger.entries({ kind: 'mark-echoed' })).toEqual([]);
  });

  it('that has not opened when the call goes on never opens', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const ledger = createLedger({ clock: systemClock, logger: silentLogger });
    const stream = openMediaStream({
      url: `ws://127.0.0.1:${(silent.address() as AddressInfo).port}/`,
      parameters: {},
      streamSid,
      callSid: 'CA1',
      accountSid: 'AC1',
      authToken: 'token',
      firstTimestampMs: 155,
      clock: systemClock,
      timers: systemTimers,
      chance: systemChance,
      ledger,
    });
    stream.stop();
    expect(await stream.opened).toMatchObject({ ok: false, errorCode: 31921 });
    expect(await stream.closed).toMatchObject({ by: 'never-opened' });
    expect(ledger.entries()).toHaveLength(1);
    silent.close();
  });
});
