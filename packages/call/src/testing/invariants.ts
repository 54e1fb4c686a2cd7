import { expect } from 'vitest';
import type { AttemptEnd, Call } from '../call.js';
import { latestMoment } from '../deadlines.js';
import type { CallEvent } from '../event.js';
import type { Transition } from '../outcome.js';
import { isLive, isOver, isWaiting, lastEnd } from '../questions.js';

const ORDER: readonly Call['state'][] = [
  'scheduled',
  'queued',
  'dialing',
  'unconfirmed',
  'placed',
  'ringing',
  'answered',
  'bridged',
  'transferred',
  'ending',
  'settling',
  'ended',
];

/** What must be true of every record. */
export function expectSound(call: Call): void {
  if (call.state === 'ended') expect(call.deadline).toBeNull();
  else expect(Number.isSafeInteger(call.deadline)).toBe(true);
  expect(call.attempts.map(({ n }) => n)).toEqual(call.attempts.map((_, i) => i + 1));
  expect(call.dials).toBeGreaterThanOrEqual(call.attempts.length);
  const living = call.attempts.filter(({ over }) => over === null);
  expect(living).toEqual(isLive(call) ? call.attempts.slice(-1) : []);
  if (isOver(call)) expect(lastEnd(call)).not.toBeNull();
  if (isWaiting(call)) expect(call.end).toBeNull();
  if (call.state === 'dialing' || call.state === 'unconfirmed') expect(living[0]?.sid).toBeNull();
  const named = ['placed', 'ringing', 'answered', 'bridged', 'transferred'].includes(call.state);
  if (named) expect(living[0]?.sid).not.toBeNull();
  if (call.state === 'bridged') expect([call.owner, living[0]?.bridgedAt]).not.toContain(null);
  else if (call.state !== 'ending' && call.state !== 'settling') expect(call).not.toHaveProperty('owner');
  if (call.state === 'ending') expect([call.cause, call.by, call.trigger].every(Boolean)).toBe(true);
  for (const { sid, carrierStatus, over } of call.attempts) {
    if (over?.endedBy === 'carrier' && over.proven && over.disposition === 'completed')
      expect([sid, carrierStatus]).not.toContain(null);
  }
}

/** What must be true of every step. */
export function expectLawful(before: Call, event: CallEvent, { call, verdict, effects }: Transition): void {
  expectSound(call);

  // The verdict tells exactly what changed.
  if (verdict === 'moved') expect(call.state).not.toBe(before.state);
  else expect(call.state).toBe(before.state);
  if (verdict === 'no-news') expect(call).toBe(before);
  if (verdict === 'noted') expect(call).not.toEqual(before);
  if (verdict === 'refused') expect(event.type).toBe('stream-started');

  // Back only by the four ways, each by its own event.
  if (ORDER.indexOf(call.state) < ORDER.indexOf(before.state)) {
    const way = `${before.state} → ${call.state} by ${event.type}`;
    expect([
      'queued → scheduled by held',
      'queued → scheduled by amended',
      'dialing → queued by not-sent',
      'unconfirmed → queued by not-sent',
      'settling → scheduled by settled',
      'settling → scheduled by deadline-passed',
    ]).toContain(way);
  }

  // What is over stays as it was; a SID binds once; only a dial that was not sent is taken back.
  for (const old of before.attempts) {
    const now = call.attempts[old.n - 1];
    if (!now) {
      expect([event.type, old.sid, old.over]).toEqual(['not-sent', null, null]);
      continue;
    }
    if (old.over) expectSameEnd(before, event, old.over, now.over);
    if (old.sid) expect(now.sid).toBe(old.sid);
    expect([now.n, now.from, now.dialedAt]).toEqual([old.n, old.from, old.dialedAt]);
  }

  // The first cause and party stay; one that was only concluded from a silent lease its owner may mend.
  const isMended = before.state === 'ending' && before.cause === 'gateway-lost' && event.type === 'media-closed';
  if (before.state === 'ending' && !isMended) {
    const after = call.state === 'ending' ? call : lastEnd(call);
    expect([after?.cause, after?.by]).toEqual([before.cause, before.by]);
  }
  if (before.end) expect(call.end).toEqual(before.end);

  // A call is placed by the commit into `dialing` alone, and never in doubt or too late.
  const placed = effects.filter(({ type }) => type === 'place-call');
  const dialed = before.state === 'queued' && call.state === 'dialing' && event.type === 'dial-started';
  expect(placed).toHaveLength(dialed ? 1 : 0);
  if (dialed) {
    expect(placed).toEqual([{ type: 'place-call', callId: call.callId, n: call.attempts.length }]);
    expect(before.attempts.every(({ over }) => over?.proven)).toBe(true);
    expect(event.at).toBeLessThan(latestMoment(before));
  }
  if (effects.some(({ type }) => type === 'redirect')) expect([event.type, call.state]).toEqual(['transfer-asked', 'bridged']);

  // The leg of the live attempt is never hunted.
  const ours = isLive(call) ? call.attempts.at(-1)?.sid : null;
  for (const effect of effects) if (effect.type === 'stray') expect(effect.sid).not.toBe(ours);

  // Whoever waits for a worker has woken it.
  if (verdict === 'moved' && (call.state === 'ending' || call.state === 'settling' || call.state === 'unconfirmed')) {
    expect(effects.map(({ type }) => type)).toContain('wake-hangup');
  }
}

/** R8: an end stays as it was. What of it was only concluded its owner's word, or its owner's silence, may mend, once. */
function expectSameEnd(before: Call, event: CallEvent, old: AttemptEnd, now: AttemptEnd | null): void {
  const isOwner = event.type === 'media-closed' && event.streamSid === old.concluded?.streamSid;
  const isSilent = before.state === 'settling' && (event.type === 'settled' || event.type === 'deadline-passed');
  if (old.concluded === undefined || !(isOwner || isSilent)) {
    expect(now).toEqual(old);
    return;
  }
  const { cause, by, endedBy, concluded, ...facts } = old;
  expect(now).toMatchObject({ ...facts, ...(!concluded.cause && { cause, by }), ...(!concluded.layer && { endedBy }) });
  if (isOwner) expect(now).not.toHaveProperty('concluded');
  else if (now?.cause !== cause) expect(now).toMatchObject({ cause: 'gateway-lost', endedBy: 'fall-through' });
}
