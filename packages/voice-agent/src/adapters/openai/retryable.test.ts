import { describe, expect, it } from 'vitest';
import { resumeItems } from './resume-items.js';
import { isRetryable } from './retryable.js';

describe('whether another session may fare better', () => {
  it.each([
    ['a broken line', { code: 1006, reason: 'ECONNRESET', ownReason: null }, true],
    ['a restart there', { code: 1012, reason: '', ownReason: null }, true],
    ['an ordinary close that nobody asked for', { code: 1000, reason: '', ownReason: null }, true],
    ['a session that is over', { code: 1001, reason: '', ownReason: 'session_expired' }, true],
    ['a peer that answers no ping', { code: 1006, reason: 'ping-timeout', ownReason: null }, true],
    ['too many requests', { code: 1006, reason: 'http-429', ownReason: null }, true],
    ['a wrong key', { code: 1006, reason: 'http-401', ownReason: null }, false],
    ['a configuration that is refused', { code: 1000, reason: '', ownReason: 'unknown_parameter' }, false],
    ['the protocol of yesterday', { code: 4000, reason: '', ownReason: null }, false],
    ['a breach of policy', { code: 1008, reason: '', ownReason: null }, false],
  ])('%s', (_, facts, expected) => {
    expect(isRetryable(facts)).toBe(expected);
  });
});

describe('what a new session is told', () => {
  it('is the newest of a conversation that is too long, whole lines, and no empty ones', () => {
    const lines = Array.from(
      { length: 50 },
      (_, i) => ({ role: i % 2 ? 'callee' : 'agent', text: `${i} `.padEnd(1_000, 'x') }) as const,
    );
    const items = resumeItems({ lines: [...lines, { role: 'callee', text: ' ' }], respond: false }) as {
      item: { role: string; content: { text: string }[] };
    }[];
    expect(items).toHaveLength(19);
    expect(items.at(-1)!.item.content[0]!.text).toBe(lines.at(-1)!.text);
    expect(items[0]!.item).toMatchObject({ role: 'user', content: [{ text: lines[31]!.text }] });
  });

  it('ends with a word about the break, if there was one', () => {
    expect(resumeItems({ lines: [], respond: true })).toEqual([]);
    expect(resumeItems({ lines: [], respond: true, afterBreak: true })).toMatchObject([{ item: { role: 'system' } }]);
  });
});
