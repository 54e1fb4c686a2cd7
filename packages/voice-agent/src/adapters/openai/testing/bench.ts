import { afterEach, beforeEach } from 'vitest';
import type { PcmRateHz } from '@onhook/audio';
import { silentLogger, systemClock, systemTimers, type Timers } from '@onhook/service';
import {
  anOpenSession,
  recordEvents,
  startOpenAiFixture,
  type ClientEvent,
  type OpenAiFixture,
} from '../../../conformance/index.js';
import type { OpenSession, VoiceAgent, VoiceAgentSession } from '../../../port.js';
import { createOpenAiRealtimeAgent } from '../index.js';

export function agentAt(
  url: string,
  timers: Pick<Timers, 'after' | 'every'> = systemTimers,
  connectTimeoutMs = 5_000,
  pcmHz?: PcmRateHz,
): VoiceAgent {
  return createOpenAiRealtimeAgent({
    url,
    apiKey: 'sk-test',
    logger: silentLogger,
    clock: systemClock,
    timers,
    connectTimeoutMs,
    pcmHz,
  });
}

/** A provider, a session with it, and what both have said; fresh for each test. */
export interface Bench {
  fixture: OpenAiFixture;
  session: VoiceAgentSession | undefined;
  record: ReturnType<typeof recordEvents>;
  readonly begin: (changes?: Partial<OpenSession>) => Promise<VoiceAgentSession>;
  readonly until: (condition: () => boolean) => Promise<void>;
  readonly sent: (type: string) => readonly ClientEvent[];
  /** Resolves when everything that the provider has sent so far has been handled. */
  readonly settled: () => Promise<void>;
}

export function useBench(): Bench {
  let fixture: OpenAiFixture | undefined;
  const bench: Bench = {
    get fixture() {
      if (!fixture) throw new Error('the bench is there while a test runs');
      return fixture;
    },
    set fixture(started) {
      fixture = started;
    },
    session: undefined,
    record: recordEvents(),
    async until(condition) {
      for (let i = 0; i < 500; i++) {
        if (condition()) return;
        await systemTimers.sleep(5);
      }
      throw new Error('the awaited did not happen');
    },
    async begin(changes = {}) {
      bench.session = agentAt(bench.fixture.url).open(anOpenSession(changes), bench.record.events);
      await bench.until(() => bench.record.of('ready').length === 1);
      return bench.session;
    },
    sent: (type) => bench.fixture.session().events.filter((event) => event.type === type),
    async settled() {
      const before = bench.record.of('error').length;
      bench.fixture.session().send({ type: 'error', error: { type: 'x', code: 'sync', message: '', event_id: 'none' } });
      await bench.until(() => bench.record.of('error').length > before);
    },
  };
  beforeEach(async () => {
    bench.fixture = await startOpenAiFixture();
    bench.record = recordEvents();
    bench.session = undefined;
  });
  afterEach(async () => {
    bench.session?.close('test over');
    await bench.fixture.stop();
  });
  return bench;
}
