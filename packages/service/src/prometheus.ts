import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Counter, Gauge, Registry } from 'prom-client';
import type { Metrics } from './metrics.js';

/** @param app stands on every figure, as the label `app` */
export function createMetrics(app: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ app });
  const registers = [registry];

  const metrics: Metrics = {
    gauge(name, help, read) {
      const first = read();
      const labelNames = typeof first === 'number' ? [] : [first.label];
      new Gauge({
        name,
        help,
        labelNames,
        registers,
        collect() {
          const now = read();
          if (typeof now === 'number') return this.set(now);
          // A label that has gone must not stay at its last figure.
          this.reset();
          for (const [value, figure] of Object.entries(now.figures)) this.set({ [now.label]: value }, figure);
        },
      });
    },
    counter(name, help, read) {
      new Counter({
        name,
        help,
        registers,
        collect() {
          this.reset();
          this.inc(read());
        },
      });
    },
    text: () => registry.metrics(),
  };
  aboutTheProcess(metrics);
  return metrics;
}

/** The names are those that Prometheus's own clients use, so that ready-made boards show them. */
function aboutTheProcess(metrics: Metrics): void {
  const startedAtSec = Math.round(Date.now() / 1_000 - process.uptime());
  metrics.gauge('process_start_time_seconds', 'When this process began (Unix time).', () => startedAtSec);
  metrics.gauge('process_resident_memory_bytes', 'Memory of this process.', () => process.memoryUsage.rss());
  metrics.counter('process_cpu_seconds_total', 'CPU time of this process, user and system.', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000_000;
  });
  metrics.gauge('nodejs_heap_size_used_bytes', 'Heap in use.', () => process.memoryUsage().heapUsed);
  metrics.gauge(
    'nodejs_external_memory_bytes',
    'Buffers and the like, outside of the heap.',
    () => process.memoryUsage().external,
  );
  metrics.gauge('process_open_fds', 'Open files and sockets; -1 where the system does not tell.', openDescriptors);
  metrics.gauge('nodejs_active_resources', 'What keeps this process alive: timers, sockets, requests.', () => ({
    label: 'type',
    figures: countEach(process.getActiveResourcesInfo()),
  }));
}

function openDescriptors(): number {
  try {
    // One of them is this reading's.
    return readdirSync('/proc/self/fd').length - 1;
  } catch {
    return -1;
  }
}

function countEach(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

export interface MetricsServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * `GET /metrics`, at a door of its own: the public one is the carrier's, and how full a process is is nobody's business outside.
 *
 * @param port 0: any that is free
 */
export async function serveMetrics({
  metrics,
  host,
  port,
}: {
  metrics: Metrics;
  host: string;
  port: number;
}): Promise<MetricsServer> {
  const server = createServer({ headersTimeout: 5_000, requestTimeout: 5_000, keepAliveTimeout: 5_000 }, (request, response) => {
    const isIt = request.url === '/metrics' && (request.method === 'GET' || request.method === 'HEAD');
    if (!isIt) return void response.writeHead(404).end();
    metrics.text().then(
      (text) => response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  server.listen(port, host);
  await once(server, 'listening');
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}/metrics`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
