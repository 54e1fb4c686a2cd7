import { createAudioFrames, type PcmRateHz } from '@onhook/audio';
import { systemChance, type Chance, type Clock, type Logger, type Timers } from '@onhook/service';
import type { Duplex } from 'node:stream';
import type { VoiceAgent } from '../../port.js';
import { openConnection } from './connection.js';
import { openSession } from './session.js';

export interface OpenAiRealtimeDeps {
  /** `wss://api.openai.com/v1/realtime`, or whatever speaks the same protocol. The model is added to it. */
  readonly url: string;
  readonly apiKey: string;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly timers: Pick<Timers, 'after' | 'every'>;
  /** From the first byte until the session is configured. */
  readonly connectTimeoutMs?: number;
  /** How much of the callee's audio goes into one message; asked for each frame of it. 20 unless told. */
  readonly appendMs?: () => number;
  /**
   * Linear PCM of this rate instead of µ-law, for what speaks the same protocol and no µ-law. OpenAI itself knows 24 000 alone.
   */
  readonly pcmHz?: PcmRateHz | undefined;
  readonly chance?: Pick<Chance, 'bytes'>;
  /** How the TCP connection is made, if not by the URL. */
  readonly connect?: () => Duplex;
}

/** OpenAI Realtime, GA. There is no beta header: sockets that send it are closed with 4000. */
export function createOpenAiRealtimeAgent({
  url,
  apiKey,
  logger,
  clock,
  timers,
  connectTimeoutMs = 5_000,
  appendMs = () => 20,
  pcmHz,
  chance = systemChance,
  connect,
}: OpenAiRealtimeDeps): VoiceAgent {
  const frames = createAudioFrames(chance.bytes);
  return {
    open(request, events) {
      const { callId, attempt, agent } = request;
      const beganMs = clock.monotonicMs();
      const headers = {
        Authorization: `Bearer ${apiKey}`,
        'x-onhook-call-id': callId,
        'x-onhook-attempt': String(attempt),
      };
      return openSession({
        request,
        events,
        connect: (heard) =>
          openConnection({ url: withModel(url, agent.model), headers, timers, frames, ...(connect && { connect }) }, heard),
        connectTimeoutMs,
        timers,
        logger,
        elapsedMs: () => clock.monotonicMs() - beganMs,
        now: clock.now,
        appendMs,
        pcmHz,
      });
    },
  };
}

/** A model that stands in the configured URL already is somebody's decision. */
function withModel(url: string, model: string): string {
  const target = new URL(url);
  if (!target.searchParams.has('model')) target.searchParams.set('model', model);
  return target.href;
}
