import { audioBytes } from '@onhook/audio';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { useBench } from './testing/bench.js';

describe('whatever the provider sends', () => {
  const bench = useBench();

  it('is survived, and the conversation goes on', async () => {
    await bench.begin();
    const session = bench.fixture.session();
    const types = fc.constantFrom(
      'response.output_audio.delta',
      'response.output_audio.done',
      'response.output_audio_transcript.delta',
      'response.output_item.done',
      'response.done',
      'response.created',
      'input_audio_buffer.speech_started',
      'session.created',
      'rate_limits.updated',
    );
    const event = fc.record(
      {
        type: types,
        response_id: fc.jsonValue(),
        item_id: fc.jsonValue(),
        delta: fc.jsonValue(),
        item: fc.jsonValue(),
        response: fc.jsonValue(),
      },
      { requiredKeys: ['type'] },
    );
    const noise = fc.oneof(
      fc.json(),
      fc.string({ unit: 'binary' }),
      event.map((one) => JSON.stringify(one)),
    );
    for (const frame of fc.sample(noise, 400)) session.sendRaw(frame);
    for (const frame of fc.sample(fc.uint8Array({ minLength: 1, maxLength: 64 }), 100)) session.sendRaw(Buffer.from(frame));
    await bench.settled();
    expect(bench.record.of('closed')).toEqual([]);
    const before = bench.record.of('audio').length;
    session.startResponse();
    session.audio(Uint8Array.of(1, 2, 3));
    await bench.until(() => bench.record.of('audio').length > before);
    expect([...audioBytes(bench.record.of('audio').at(-1)![1])]).toEqual([1, 2, 3]);
  });

  it('audio is the same on the fast path and on the slow one, however it is written', async () => {
    await bench.begin();
    const session = bench.fixture.session();
    session.startResponse();
    const expected: Buffer[] = [];
    const one = fc.record({
      audio: fc.uint8Array({ minLength: 1, maxLength: 400 }),
      item: fc.constantFrom('item_a', 'item_a', 'item_a', 'item_b'),
      indent: fc.constantFrom(0, 0, 0, 0, 1),
      turned: fc.constantFrom(0, 0, 0, 0, 2),
      escaped: fc.constantFrom(false, false, false, true),
    });
    fc.sample(one, 300).forEach(({ audio, item, indent, turned, escaped }, n) => {
      expected.push(Buffer.concat([Buffer.from(`${item} `), audio]));
      const entries: [string, unknown][] = [
        ['type', 'response.output_audio.delta'],
        ['event_id', `event_${n}`],
        ['response_id', 'resp_1'],
        ['item_id', item],
        ['output_index', 0],
        ['content_index', 0],
        ['delta', Buffer.from(audio).toString('base64')],
      ];
      entries.push(...entries.splice(0, turned));
      const text = JSON.stringify(Object.fromEntries(entries), null, indent);
      session.sendRaw(escaped ? text.replace('delta', '\\u0064elta') : text);
    });
    await bench.until(() => bench.record.of('audio').length === expected.length);
    const heard = bench.record
      .of('audio')
      .map(([, audio, { itemId }]) => Buffer.concat([Buffer.from(`${itemId} `), audioBytes(audio)]));
    expect(heard).toEqual(expected);
  });
});
