import type { CallEvent } from '@onhook/call';
import { describe, expect, it } from 'vitest';
import { FROM, newSid } from '../conformance/sample-call.js';
import { timelineDetail } from './timeline-entry.js';

const facts = { at: 1, source: 'dialer' } as const;

describe('a timeline entry', () => {
  it('tells what the event said', () => {
    const sid = newSid();
    expect(timelineDetail({ ...facts, type: 'accepted', n: 2, sid })).toEqual({ n: 2, sid });
    expect(timelineDetail({ ...facts, type: 'refused', n: 1, code: 21211, retryable: false })).toEqual({
      n: 1,
      code: 21211,
      retryable: false,
    });
  });

  it('masks numbers, wherever they stand', () => {
    expect(timelineDetail({ ...facts, type: 'dial-started', n: 1, from: FROM })).toEqual({ n: 1, from: '+1415•••0199' });
    expect(timelineDetail({ ...facts, type: 'unclear', n: 1, reason: `no answer for ${FROM}` })['reason']).toBe(
      'no answer for +1415•••0199',
    );
  });

  it('says that there were words, not which', () => {
    expect(
      timelineDetail({ ...facts, type: 'end-asked', cause: 'operator-ended-call', by: 'operator', words: 'good bye' }),
    ).toEqual({
      cause: 'operator-ended-call',
      by: 'operator',
      withWords: true,
    });
  });

  it('leaves out fields that nobody has decided to show', () => {
    const event = { ...facts, type: 'settled', n: 1, heard: 'something', nested: { to: FROM } } as CallEvent;
    expect(timelineDetail(event)).toEqual({ n: 1 });
  });
});
