import type { Metrics } from '@onhook/service';
import type { AppendPace } from './append-pace.js';
import type { GatewayStage } from './gateway.js';
import type { Load } from './load-gauge.js';
import type { Traffic } from './traffic.js';

interface GatewayMetricsDeps {
  readonly metrics: Metrics;
  readonly traffic: Readonly<Traffic>;
  readonly live: () => number;
  readonly seats: number;
  readonly stage: () => GatewayStage;
  readonly load: () => Load;
  readonly appends: Pick<AppendPace, 'setting' | 'ms'>;
}

/** The figures of one gateway process. Their names are a promise: boards and alarms are built on them. */
export function tellGatewayMetrics({ metrics, traffic, live, seats, stage, load, appends }: GatewayMetricsDeps): void {
  const { gauge, counter } = metrics;
  gauge('onhook_gateway_live_calls', 'Calls whose media passes through this process.', live);
  gauge('onhook_gateway_seats', 'Calls that the dialers may give to this process.', () => seats);
  gauge('onhook_gateway_open', '1 while this process takes new calls, 0 once it is draining.', () => Number(stage() === 'open'));
  gauge(
    'onhook_gateway_event_loop_utilisation',
    'Share of the last second in which the one thread worked, 0 to 1.',
    () => load().utilisation,
  );
  gauge(
    'onhook_gateway_event_loop_lag_seconds',
    'How late a timer was, in the middle of the last ten.',
    () => load().lagMs / 1_000,
  );
  gauge(
    'onhook_gateway_append_seconds',
    "How much of a callee's audio goes to the agent in one message, by setting (AGENT_APPEND_MS).",
    () => ({
      label: 'setting',
      figures: { [appends.setting]: appends.ms() / 1_000 },
    }),
  );
  counter('onhook_gateway_streams_accepted_total', 'Media streams that were ours.', () => traffic.streamsAccepted);
  counter('onhook_gateway_frames_in_total', 'Media messages of carriers.', () => traffic.framesIn);
  counter('onhook_gateway_frames_out_total', 'Media messages to carriers, of any length.', () => traffic.framesOut);
  counter(
    'onhook_gateway_late_audio_total',
    'Pieces of answers that had been broken off, dropped unsent.',
    () => traffic.lateAudio,
  );
  counter(
    'onhook_gateway_unheard_by_agent_total',
    'Frames that an agent did not get, because it reads too slowly.',
    () => traffic.unheardByAgent,
  );
  gauge(
    'onhook_gateway_carrier_buffered_max_bytes',
    'The most that was ever found waiting for one carrier socket.',
    () => traffic.carrierBufferedMaxBytes,
  );
  gauge(
    'onhook_gateway_agent_buffered_max_bytes',
    'The most that was ever found waiting for one agent.',
    () => traffic.agentBufferedMaxBytes,
  );
}
