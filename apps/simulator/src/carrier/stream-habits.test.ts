import { afterEach, describe, expect, it } from 'vitest';
import { systemTimers } from '@onhook/service';
import { createPlayout } from './playout.js';
import { createCarrierMessages, readServerMessage } from './stream-messages.js';
import { silentFrame } from './telephone-audio.js';
import { closeAll, connect, speak, streamSid } from './test-stream.js';

afterEach(closeAll);

const media = (bytes: number): string =>
  speak({ event: 'media', media: { payload: Buffer.alloc(bytes, 0x21).toString('base64') } });

describe('what is not known of the real carrier’s media streams is a switch', () => {
  it('pings are sent as often as is said, while the stream is open', async () => {
    const due: (() => void)[] = [];
    let cancelled = 0;
    const timers = {
      ...systemTimers,
      every: (ms: number, run: () => void) => {
        expect(ms).toBe(20_000);
        due.push(run);
        return { cancel: () => cancelled++ };
      },
    };
    const { stream, socket } = await connect({ timers, habits: { streamPingEveryMs: 20_000 } });
    const pinged = new Promise((resolve) => socket.once('ping', resolve));
    due[0]?.();
    expect(await pinged).toEqual(Buffer.alloc(0));
    expect(cancelled).toBe(0);
    stream.stop();
    await stream.closed;
    expect(cancelled).toBe(1);
    await connect({ timers });
    expect(due).toHaveLength(1);
  });

  it.each([
    ['dropped', undefined, ['connected', 'start', 'stop'], 'mark-dropped'],
    ['echoed', 'echoed', ['connected', 'start', 'mark', 'stop'], 'mark-echoed'],
  ] as const)('a mark that waits when the call ends is %s', async (_, marksAtEnd, said, kind) => {
    const { stream, socket, words, ledger, closed } = await connect({ habits: { marksAtEnd } });
    const queued = new Promise((resolve) => ledger.subscribe((entry) => entry.kind === 'mark-queued' && resolve(entry)));
    socket.send(media(1_600));
    socket.send(speak({ event: 'mark', mark: { name: 'goodbye' } }));
    await queued;
    stream.cut(0);
    stream.stop();
    await closed;
    expect(words()).toEqual(said);
    expect(ledger.entries({ kind })).toMatchObject([{ name: 'goodbye' }]);
  });

  it('no mark is echoed when it is the server that closed', async () => {
    const { stream, socket, ledger } = await connect({ habits: { marksAtEnd: 'echoed' } });
    socket.send(media(1_600));
    socket.send(speak({ event: 'mark', mark: { name: 'goodbye' } }));
    socket.close();
    await stream.closed;
    expect(ledger.entries({ kind: 'mark-dropped' })).toMatchObject([{ name: 'goodbye' }]);
    expect(ledger.entries({ kind: 'mark-echoed' })).toEqual([]);
  });

  it.each([
    [undefined, 200, []],
    [100, 100, [31930]],
  ])('the playout keeps what it is sent, up to a cap if there is one (%s)', async (playoutCapMs, keptMs, codes) => {
    const { stream, socket, ledger } = await connect({ habits: { playoutCapMs } });
    const queued = new Promise((resolve) => ledger.subscribe((entry) => entry.kind === 'mark-queued' && resolve(entry)));
    socket.send(media(1_200));
    socket.send(media(400));
    socket.send(speak({ event: 'mark', mark: { name: 'end' } }));
    expect(await queued).toMatchObject({ bufferedMs: keptMs });
    expect(ledger.entries({ kind: 'warning' }).map(({ code }) => code)).toEqual(codes);
    const lost = ledger.entries({ kind: 'audio-unplayed' }).reduce((sum, { ms }) => sum + Number(ms), 0);
    expect(lost).toBe(200 - keptMs);
    stream.cut(0);
    stream.stop();
    await stream.closed;
    expect(ledger.entries({ kind: 'stream-closed' })).toMatchObject([{ receivedMs: 200, playedMs: 0, unplayedMs: 200 }]);
  });

  it('a cap counts what waits, not what has been played', () => {
    const playout = createPlayout(320);
    const audio = new Uint8Array(240).fill(1);
    expect([playout.append(audio), playout.append(audio)]).toEqual([0, 160]);
    playout.next();
    expect([playout.append(audio), playout.bufferedBytes()]).toEqual([80, 480]);
  });

  it.each([
    [undefined, ['inbound 1', 'outbound 1', 'inbound 2', 'outbound 2']],
    ['shared', ['inbound 1', 'outbound 2', 'inbound 3', 'outbound 4']],
  ] as const)('chunks of both tracks are counted by track or together (%s)', (chunkCounter, counted) => {
    const given = { streamSid, callSid: 'CA1', accountSid: 'AC1', firstTimestampMs: 155, chunkCounter };
    const messages = createCarrierMessages(given);
    const tracks = ['inbound', 'outbound', 'inbound', 'outbound'] as const;
    const sent = tracks.map(
      (track) => (JSON.parse(messages.media(silentFrame, track)) as { media: Record<string, string> }).media,
    );
    expect(sent.map(({ track, chunk }) => `${track} ${chunk}`)).toEqual(counted);
    expect(sent.map(({ timestamp }) => timestamp)).toEqual(['155', '155', '175', '175']);
  });

  it.each([
    { event: 'clear', sequenceNumber: '1' },
    { event: 'mark', mark: { name: 'a', at: 1 } },
    { event: 'media', media: { payload: 'AAAA', track: 'outbound' } },
  ])('extra fields are tolerated, or warned of: %j', (message) => {
    expect(readServerMessage(speak(message), streamSid)).toMatchObject({ event: message.event });
    expect(readServerMessage(speak(message), streamSid, 'warned')).toEqual({ rejected: 'extra fields' });
  });

  it.each([{ event: 'clear' }, { event: 'mark', mark: { name: 'a' } }, { event: 'media', media: { payload: 'AAAA' } }])(
    'what has none is read either way: %j',
    (message) => {
      expect(readServerMessage(speak(message), streamSid, 'warned')).toMatchObject({ event: message.event });
    },
  );
});
