import { describe, expect, it } from 'vitest';
import type { VoiceAgentSession } from '../../port.js';
import { useBench } from './testing/bench.js';

describe('when the callee breaks in on OpenAI', () => {
  const bench = useBench();

  async function speaking(ms: number): Promise<{ agent: VoiceAgentSession; itemId: string }> {
    const agent = await bench.begin();
    bench.fixture.session().startResponse();
    bench.fixture.session().audio(new Uint8Array(ms * 8));
    await bench.until(() => bench.record.of('audio').length === 1);
    return { agent, itemId: bench.record.of('audio')[0]![2].itemId };
  }
  const speechStarts = async (): Promise<void> => {
    bench.fixture.session().send({ type: 'input_audio_buffer.speech_started', audio_start_ms: 1, item_id: 'item_callee' });
    await bench.until(() => bench.record.of('calleeStartedSpeaking').length === 1);
  };

  it('takes back what was not heard, and does not cancel what the provider cancels itself', async () => {
    const { agent, itemId } = await speaking(2_000);
    await speechStarts();
    agent.interrupt({ itemId, heardMs: 740.6 });
    await bench.until(() => bench.sent('conversation.item.truncate').length === 1);
    expect(bench.sent('conversation.item.truncate')[0]).toEqual({
      event_id: expect.any(String),
      type: 'conversation.item.truncate',
      item_id: itemId,
      content_index: 0,
      audio_end_ms: 740,
    });
    expect(bench.sent('response.cancel')).toEqual([]);
  });

  it('cancels a response that the provider is not cancelling, once', async () => {
    const { agent, itemId } = await speaking(2_000);
    agent.interrupt({ itemId, heardMs: 100 });
    agent.interrupt({ itemId, heardMs: 100 });
    await bench.until(() => bench.sent('conversation.item.truncate').length === 2);
    expect(bench.sent('response.cancel')).toHaveLength(1);
    expect(bench.sent('response.cancel')[0]).toMatchObject({ response_id: bench.record.of('audio')[0]![2].turnId });
  });

  it('never claims more than was generated', async () => {
    const { agent, itemId } = await speaking(500);
    await speechStarts();
    agent.interrupt({ itemId, heardMs: 57_340 });
    await bench.until(() => bench.sent('conversation.item.truncate').length === 1);
    expect(bench.sent('conversation.item.truncate')[0]!['audio_end_ms']).toBe(500);
  });

  it('deletes an item of which nothing was heard', async () => {
    const { agent, itemId } = await speaking(500);
    await speechStarts();
    agent.interrupt({ itemId, heardMs: 0 });
    await bench.until(() => bench.sent('conversation.item.delete').length === 1);
    expect(bench.sent('conversation.item.delete')[0]).toMatchObject({ item_id: itemId });
    expect(bench.sent('conversation.item.truncate')).toEqual([]);
  });

  it('takes back speech whose generation was long over, and nothing if all of it was heard', async () => {
    const { agent, itemId } = await speaking(2_000);
    bench.fixture.session().endResponse();
    await bench.until(() => bench.record.of('turnDone').length === 1);
    agent.interrupt({ itemId, heardMs: 2_000 });
    agent.interrupt({ itemId, heardMs: 900 });
    await bench.until(() => bench.sent('conversation.item.truncate').length === 1);
    await bench.settled();
    expect(bench.sent('conversation.item.truncate').map((event) => event['audio_end_ms'])).toEqual([900]);
    expect(bench.sent('response.cancel')).toEqual([]);
  });

  it('drops audio that comes after the response was cancelled', async () => {
    await speaking(500);
    const { turnId, itemId } = bench.record.of('audio')[0]![2];
    bench.fixture.session().endResponse('cancelled', { type: 'cancelled', reason: 'turn_detected' });
    bench.fixture.session().send({ type: 'response.output_audio.delta', response_id: turnId, item_id: itemId, delta: 'AAAA' });
    await bench.settled();
    expect(bench.record.of('audio')).toHaveLength(1);
    expect(bench.record.of('turnDone')[0]![1]).toEqual({ turnId, status: 'cancelled', error: 'turn_detected' });
    expect(bench.record.of('audioDone')).toHaveLength(1);
  });
});
