import { describe, expect, it } from 'vitest';
import { endCallBody } from './call-changes.js';
import { createCallBody } from './new-call-body.js';
import { CAUSE_GROUPS, CAUSES } from '../causes.js';
import { CARRIER_STATUSES, isTerminal, STATES, STATUS_OF, STATUSES } from '../words.js';

describe('the body of POST /v1/calls', () => {
  it("needs a number only; what it does not say of the limits is the agent's to say", () => {
    expect(createCallBody.parse({ to: '+14155552671' })).toEqual({
      to: '+14155552671',
      variables: {},
      metadata: {},
      schedule: {},
      limits: {},
    });
    expect(createCallBody.parse({ to: '+14155552671', limits: { maxDurationSeconds: 60 } }).limits).toEqual({
      maxDurationSeconds: 60,
    });
  });

  it.each([
    { phone_number: '+14155552671' },
    { to: '+14155552671', extra: 1 },
    { to: 14155552671 },
    { to: '+14155552671', limits: { ringTimeoutSeconds: 4 } },
    { to: '+14155552671', limits: { maxDurationSeconds: 29 } },
    { to: '+14155552671', limits: { maxDurationSeconds: 30.5 } },
    { to: '+14155552671', schedule: { earliestAt: 'tomorrow' } },
    { to: '+14155552671', schedule: { earliestAt: '2026-11-22T10:00:00' } },
    { to: '+14155552671', variables: { deep: { er: 1 } } },
    { to: '+14155552671', variables: { long: 'x'.repeat(1_001) } },
  ])('%j is refused', (body) => expect(createCallBody.safeParse(body).success).toBe(false));
});

describe('the words', () => {
  it('last words have 1 to 500 characters', () => {
    expect(endCallBody.safeParse({}).success).toBe(true);
    expect(endCallBody.safeParse({ message: '' }).success).toBe(false);
    expect(endCallBody.safeParse({ message: 'x'.repeat(501) }).success).toBe(false);
  });

  it('every state has a status, and every status a state', () => {
    expect(new Set(STATES.map((state) => STATUS_OF[state]))).toEqual(new Set(STATUSES));
  });

  it('every cause has a group and a hint', () => {
    for (const [cause, { group, hint }] of Object.entries(CAUSES)) {
      expect(cause).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(CAUSE_GROUPS).toContain(group);
      expect(hint).toMatch(/\.$/);
    }
  });

  it('knows which words of the carrier are its last', () => {
    expect(CARRIER_STATUSES.filter(isTerminal)).toEqual(['completed', 'busy', 'no-answer', 'failed', 'canceled']);
  });
});
