import { describe, expect, it } from 'vitest';
import { createMetrics, serveMetrics } from './prometheus.js';

describe('metrics', () => {
  it('are read when they are asked for, not before', async () => {
    const metrics = createMetrics('gateway');
    let live = 1;
    let frames = 0;
    metrics.gauge('onhook_live', 'Calls.', () => live);
    metrics.counter('onhook_frames_total', 'Frames.', () => frames);
    live = 7;
    frames = 50;
    expect(await metrics.text()).toContain('onhook_live{app="gateway"} 7');
    live = 3;
    frames = 51;
    const text = await metrics.text();
    expect(text).toContain('onhook_live{app="gateway"} 3');
    expect(text).toContain('# TYPE onhook_frames_total counter\nonhook_frames_total{app="gateway"} 51');
  });

  it('forget a label that is gone', async () => {
    const metrics = createMetrics('gateway');
    let figures: Record<string, number> = { adaptive: 20 };
    metrics.gauge('onhook_append_ms', 'Milliseconds.', () => ({ label: 'setting', figures }));
    expect(await metrics.text()).toContain('onhook_append_ms{setting="adaptive",app="gateway"} 20');
    figures = { '60': 60 };
    const text = await metrics.text();
    expect(text).toContain('onhook_append_ms{setting="60",app="gateway"} 60');
    expect(text).not.toContain('adaptive');
  });

  it('tell of the process itself: memory, time, descriptors, what keeps it alive', async () => {
    const text = await createMetrics('api').text();
    const figure = (name: string): number => Number(new RegExp(`^${name}\\{[^}]*\\} (.+)$`, 'm').exec(text)?.[1]);
    expect(figure('process_resident_memory_bytes')).toBeGreaterThan(10_000_000);
    expect(figure('process_cpu_seconds_total')).toBeGreaterThan(0);
    expect(figure('process_open_fds')).toBeGreaterThanOrEqual(-1);
    expect(text).toContain('nodejs_active_resources{type=');
  });

  it('stand at a door of their own, and nothing else does', async () => {
    const server = await serveMetrics({ metrics: createMetrics('api'), host: '127.0.0.1', port: 0 });
    const answer = await fetch(server.url);
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(await answer.text()).toContain('process_resident_memory_bytes');
    expect((await fetch(server.url.replace('/metrics', '/'))).status).toBe(404);
    expect((await fetch(server.url, { method: 'POST' })).status).toBe(404);
    await server.close();
    await expect(fetch(server.url)).rejects.toThrow();
  });

  it('say what was wrong when their port is taken', async () => {
    const metrics = createMetrics('api');
    const first = await serveMetrics({ metrics, host: '127.0.0.1', port: 0 });
    const port = Number(new URL(first.url).port);
    await expect(serveMetrics({ metrics, host: '127.0.0.1', port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await first.close();
  });
});
