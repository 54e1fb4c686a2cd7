import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  connectedSeconds,
  decideUpdate,
  isFinal,
  step,
  type CallEvent,
  type CallStatus,
  type CarrierCall,
  type HangupHabits,
} from './call.js';

const fresh: CarrierCall = {
  sid: 'CA1',
  to: '+14155550100',
  from: '+14155550199',
  status: 'queued',
  createdAtMs: 0,
  progress: 0,
};

function through(...events: CallEvent[]): { call: CarrierCall; told: string[] } {
  let call = fresh;
  const told: string[] = [];
  for (const event of events) {
    const stepped = step(call, event);
    if (!stepped) continue;
    call = stepped.call;
    if (stepped.progress) told.push(`${stepped.progress.sequenceNumber} ${stepped.progress.event} ${stepped.progress.status}`);
  }
  return { call, told };
}

const dialled: CallEvent = { type: 'dialled', atMs: 10 };
const rang: CallEvent = { type: 'rang', atMs: 20 };
const answered: CallEvent = { type: 'answered', atMs: 1_000 };
const completed: CallEvent = { type: 'ended', atMs: 3_500, status: 'completed', by: 'rest', sipCode: 200 };
const at = (status: CallStatus): CarrierCall => ({ ...fresh, status });

describe('a carrier call', () => {
  it('is reported with a sequence number over all events', () => {
    const { call, told } = through(dialled, rang, answered, completed);
    expect(told).toEqual(['0 initiated initiated', '1 ringing ringing', '2 answered in-progress', '3 completed completed']);
    expect(connectedSeconds(call)).toBe(3);
  });

  it('that is busy is reported as its third event and is billed nothing', () => {
    const { call, told } = through(dialled, rang, { type: 'ended', atMs: 30, status: 'busy', by: 'carrier', sipCode: 486 });
    expect(told.at(-1)).toBe('2 completed busy');
    expect(connectedSeconds(call)).toBe(0);
  });

  it('that is canceled in the queue is reported to nobody', () => {
    const { call, told } = through({ type: 'ended', atMs: 5, status: 'canceled', by: 'rest' });
    expect(call.status).toBe('canceled');
    expect(told).toEqual([]);
  });

  it('never leaves a final state, ends completed exactly if it was answered, and counts its events without a gap', () => {
    const events = fc.oneof(
      fc.constantFrom<CallEvent>(dialled, rang, answered),
      fc
        .constantFrom('completed', 'busy', 'failed', 'no-answer', 'canceled')
        .map((status): CallEvent => ({ type: 'ended', atMs: 9, status, by: 'carrier' }) as CallEvent),
    );
    fc.assert(
      fc.property(fc.array(events, { maxLength: 12 }), (sequence) => {
        let call = fresh;
        const counts: number[] = [];
        const newsAfterTheEnd: CallEvent[] = [];
        for (const event of sequence) {
          const stepped = step(call, event);
          if (stepped && isFinal(call.status)) newsAfterTheEnd.push(event);
          if (stepped?.progress) counts.push(stepped.progress.sequenceNumber);
          call = stepped?.call ?? call;
        }
        expect(newsAfterTheEnd).toEqual([]);
        expect(counts).toEqual(counts.map((_, i) => i));
        expect(call.status === 'completed').toBe(isFinal(call.status) && call.answeredAtMs !== undefined);
      }),
    );
  });
});

const habits: HangupHabits = { lateHangup: '21220', earlyHangup: 'canceled' };

describe('an update by REST', () => {
  it('with canceled does nothing to an answered call', () => {
    expect(decideUpdate(at('in-progress'), { status: 'canceled', redirects: false }, habits)).toEqual({ type: 'nothing' });
  });

  it('with completed ends an answered call as completed and a ringing one as canceled', () => {
    expect(decideUpdate(at('in-progress'), { status: 'completed', redirects: false }, habits)).toEqual({
      type: 'end',
      status: 'completed',
    });
    expect(decideUpdate(at('ringing'), { status: 'completed', redirects: false }, habits)).toEqual({
      type: 'end',
      status: 'canceled',
    });
    expect(decideUpdate(at('queued'), { status: 'completed', redirects: false }, habits)).toEqual({
      type: 'end',
      status: 'canceled',
    });
  });

  it.each(['canceled', 'no-answer', 'completed'] as const)('may end a call that was not answered as %s', (earlyHangup) => {
    const decision = decideUpdate(at('ringing'), { status: 'completed', redirects: false }, { ...habits, earlyHangup });
    expect(decision).toEqual({ type: 'end', status: earlyHangup });
    const ended = step(at('ringing'), { type: 'ended', atMs: 9, status: earlyHangup, by: 'rest' });
    expect(ended?.call.status).toBe(earlyHangup);
    expect(connectedSeconds(ended!.call)).toBe(0);
  });

  it('with a document is refused unless the call is answered', () => {
    for (const status of ['queued', 'initiated', 'ringing', 'completed', 'busy'] as const) {
      expect(decideUpdate(at(status), { redirects: true }, { ...habits, lateHangup: '200' })).toEqual({
        type: 'refuse',
        code: 21220,
      });
    }
    expect(decideUpdate(at('in-progress'), { redirects: true }, { ...habits, lateHangup: '200' })).toEqual({ type: 'redirect' });
  });

  it('that comes too late has the outcome that was chosen', () => {
    const late = { status: 'completed', redirects: false } as const;
    expect(decideUpdate(at('completed'), late, { ...habits, lateHangup: '21220' })).toEqual({ type: 'refuse', code: 21220 });
    expect(decideUpdate(at('completed'), late, { ...habits, lateHangup: '20404' })).toEqual({ type: 'refuse', code: 20404 });
    expect(decideUpdate(at('completed'), late, { ...habits, lateHangup: '200' })).toEqual({ type: 'nothing' });
  });
});
