import { createMetrics } from '@onhook/service/prometheus';
import { describe, expect, it } from 'vitest';
import { createAppendPace } from './append-pace.js';
import { tellGatewayMetrics } from './gateway-metrics.js';
import { createCallBench } from './testing/call-bench.js';
import { createTraffic } from './traffic.js';
import { silentLogger } from '@onhook/service';

async function aGateway() {
  const traffic = createTraffic();
  const bench = await createCallBench({ traffic });
  const metrics = createMetrics('gateway');
  const appends = createAppendPace({ setting: 'adaptive', logger: silentLogger });
  const { live, stage } = bench.gateway;
  tellGatewayMetrics({ metrics, traffic, live, seats: 10, stage, load: () => ({ utilisation: 0.25, lagMs: 4 }), appends });
  async function read(): Promise<Record<string, number>> {
    const lines = (await metrics.text()).split('\n').filter((line) => line.startsWith('onhook_gateway_'));
    return Object.fromEntries(
      lines.map((line) => [line.slice('onhook_gateway_'.length, line.indexOf('{')), Number(line.split(' ').at(-1))]),
    );
  }
  return { bench, appends, metrics, read };
}

describe('the figures of a gateway', () => {
  it('tell how full it is, what passes through, and how busy its thread is', async () => {
    const { bench, read } = await aGateway();
    expect(await read()).toMatchObject({ live_calls: 0, seats: 10, open: 1, frames_in_total: 0, streams_accepted_total: 0 });
    const { session } = await bench.talking();
    await bench.time.advance(1_000);
    const figures = await read();
    expect(figures).toMatchObject({ live_calls: 1, streams_accepted_total: 1, event_loop_utilisation: 0.25 });
    expect(figures['event_loop_lag_seconds']).toBe(0.004);
    expect(figures['frames_in_total']).toBeGreaterThan(100);
    expect(figures['frames_out_total']).toBeGreaterThan(0);
    // What an agent still generates of an answer that was broken off.
    session.speak(3_000, { turnId: 't-1', itemId: 'answer' }, { done: false });
    session.events.calleeStartedSpeaking();
    session.speak(500, { turnId: 't-1', itemId: 'answer' });
    expect((await read())['late_audio_total']).toBeGreaterThan(0);
  });

  it('tell the setting of the batching and what it is now', async () => {
    const { appends, metrics, read } = await aGateway();
    expect(await read()).toMatchObject({ append_seconds: 0.02 });
    appends.look({ utilisation: 0.9 });
    expect(await metrics.text()).toContain('onhook_gateway_append_seconds{setting="adaptive",app="gateway"} 0.1');
  });

  it('show the most that waited for an agent which reads slowly, and what it did not hear', async () => {
    const { bench, read } = await aGateway();
    const { session } = await bench.talking();
    session.setBuffered(70_000);
    await bench.time.advance(1_000);
    session.setBuffered(0);
    const figures = await read();
    expect(figures['agent_buffered_max_bytes']).toBe(70_000);
    expect(figures['unheard_by_agent_total']).toBeGreaterThan(40);
  });

  it('show that it is draining', async () => {
    const { bench, read } = await aGateway();
    const stopped = bench.gateway.stop({ acceptMs: 0, goodbyeAfterMs: 0, endAfterMs: 0 });
    expect(await read()).toMatchObject({ open: 0 });
    await bench.time.advance(100);
    await stopped;
  });
});
