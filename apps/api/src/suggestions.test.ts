import { expect, it } from 'vitest';
import { didYouMean } from './suggestions.js';

const FIELDS = ['to', 'from', 'agentId', 'variables', 'metadata', 'schedule', 'limits'];

it.each([
  ['phone_number', 'to'],
  ['phoneNumber', 'to'],
  ['To', 'to'],
  ['caller_id', 'from'],
  ['agent_id', 'agentId'],
  ['assistantId', 'agentId'],
  ['variabels', 'variables'],
  ['meta-data', 'metadata'],
  ['shedule', 'schedule'],
  ['limit', 'limits'],
  ['colour', undefined],
  ['x', undefined],
  ['', undefined],
  ['__proto__', undefined],
  ['constructor', undefined],
  ['t'.repeat(10_000), undefined],
])('%s: did you mean %s?', (given, meant) => expect(didYouMean(given, FIELDS)).toBe(meant));

it('suggests only what is known there', () => {
  expect(didYouMean('phone_number', ['limit', 'cursor'])).toBeUndefined();
});
