import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { silentLogger, systemChance, systemClock, systemTimers } from '@onhook/service';
import { createMemoryDatabase, createMemoryStore } from '@onhook/store/memory';
import { createOpenAiRealtimeAgent } from '@onhook/voice-agent/openai';
import { acceptCarrier, dialAgent, naive, relay, type PlainBridge } from '../plain-bridges.js';
import { startBenchGateway } from '../session-calls.js';

/** One bridge as a process of its own, between a load's two ends. Says its port on stdout, and ends when its stdin does. */
const { values } = parseArgs({
  options: {
    kind: { type: 'string', default: 'onhook' },
    agent: { type: 'string', default: '' },
    'append-ms': { type: 'string', default: '20' },
    calls: { type: 'string', default: '0' },
  },
});
const server = values.kind === 'onhook' ? await onhook() : plain(values.kind === 'relay' ? relay : naive);
server.listen(0, '127.0.0.1');
await once(server, 'listening');
process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
process.stdin.on('end', () => process.exit(0)).resume();

function plain(bridge: PlainBridge): Server {
  const sockets = acceptCarrier(bridge);
  const http = createServer();
  http.on('upgrade', (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, (carrier) => {
      // The first words of the carrier wait in the network until there is somebody to hear them.
      carrier.pause();
      const agent = dialAgent(bridge, values.agent);
      agent.once('open', () => {
        bridge.join(carrier, agent);
        carrier.resume();
      });
      carrier.on('close', () => agent.terminate()).on('error', () => carrier.terminate());
      agent.on('close', () => carrier.terminate()).on('error', () => agent.terminate());
    });
  });
  return http;
}

async function onhook(): Promise<Server> {
  const time = { ...systemClock, ...systemTimers };
  const appendMs = Number(values['append-ms']);
  const gateway = await startBenchGateway({
    store: createMemoryStore({ database: createMemoryDatabase(time), chance: systemChance }),
    voiceAgent: createOpenAiRealtimeAgent({
      url: values.agent,
      apiKey: 'bench',
      logger: silentLogger,
      clock: systemClock,
      timers: systemTimers,
      appendMs: () => appendMs,
    }),
    recordings: null,
    clock: systemClock,
    timers: systemTimers,
  });
  for (let index = 0; index < Number(values.calls); index++) await gateway.dial(index);
  return gateway.server;
}
