import type { Call } from '@onhook/call';
import { callMediaRoutes, type CallId } from '@onhook/contracts';
import { oneSide, type Recording } from '@onhook/recordings';
import type { ApiDeps } from '../api-deps.js';
import { Refusal } from '../reply.js';
import { sendBytes } from '../send-bytes.js';
import { ANSWERED, refusal, type Serve } from '../serve.js';
import type { Within } from '../within.js';

type RecordingDeps = Pick<ApiDeps, 'calls' | 'recordings' | 'logger'> & { within: Within };

/** For so long after its end a gateway may still complete a call's recording. */
const COMPLETES_WITHIN_MS = 130_000;

/** The recording of the last attempt, both sides or one, and how loud it is. */
export function addRecordingRoutes(serve: Serve, { calls, recordings, within, logger }: RecordingDeps): void {
  serve(callMediaRoutes.recording, async ({ params: { id }, query: { channel }, request, response }) => {
    const attempt = await recordedAttempt(id);
    if (attempt instanceof Refusal) return attempt;
    const stereo = await recordings.find(id, attempt);
    if (!stereo) return missing(id, attempt);
    const side = channel === 'customer' ? 'callee' : channel;
    const recording: Recording = side === 'stereo' ? stereo : oneSide(stereo, side);
    response.setHeader('Content-Type', 'audio/wav');
    response.setHeader('Cache-Control', 'private, no-store');
    await sendBytes(request, response, { ...recording, etag: `"${id}-${attempt}-${side}-${recording.bytes}"` });
    return ANSWERED;
  });

  serve(callMediaRoutes.peaks, async ({ params: { id } }) => {
    const attempt = await recordedAttempt(id);
    if (attempt instanceof Refusal) return attempt;
    const peaks = await recordings.peaks(id, attempt);
    if (!peaks) return missing(id, attempt);
    const { durationMs, windowMs, callee, agent } = peaks;
    return { body: { attempt, durationMs, windowMs, callee: [...callee], agent: [...agent] } };
  });

  async function recordedAttempt(callId: CallId): Promise<number | Refusal> {
    const loaded = await within(calls.load(callId));
    if (!loaded) return refusal('not-found');
    const { call, now } = loaded;
    if (call.erasedAt !== undefined) return refusal('call-erased');
    const last = call.attempts.at(-1);
    if (call.recording && last) return last.n;
    return mayStillCome(call, now)
      ? refusal('recording-not-ready', { headers: { 'Retry-After': '2' } })
      : refusal('no-recording');
  }

  function missing(callId: CallId, attempt: number): Refusal {
    logger.error({ callId, attempt }, 'recording is missing');
    return refusal('no-recording');
  }
}

function mayStillCome(call: Call, now: number): boolean {
  if (call.state !== 'ended') return true;
  const wasBridged = (call.attempts.at(-1)?.bridgedAt ?? null) !== null;
  return wasBridged && now - call.endedAt < COMPLETES_WITHIN_MS;
}
