import { describe, expect, it } from 'vitest';
import { judgeNumber } from './judge-number.js';

const judge = (number: string, allowTestNumbers = false): string => {
  const verdict = judgeNumber(number, { allowTestNumbers });
  return verdict.ok ? 'ok' : verdict.code;
};

describe('numbers', () => {
  it.each([
    '+14155550100',
    '+14155552671',
    '+442079460000',
    '+4930123456',
    '+81312345678',
    '+18005551234',
    '+5215512345678'.replace('521', '52'),
  ])('%s is dialed', (number) => expect(judge(number)).toBe('ok'));

  it.each([
    ['911', 'emergency-number'],
    ['112', 'emergency-number'],
    ['999', 'emergency-number'],
    ['+911', 'emergency-number'],
    ['+112', 'emergency-number'],
    ['+1911', 'emergency-number'],
    ['+44999', 'emergency-number'],
    ['+49112', 'emergency-number'],
    ['9-1-1', 'emergency-number'],
    [' 911 ', 'emergency-number'],
    ['12345', 'short-number'],
    ['741741', 'short-number'],
    ['+14153', 'short-number'],
    ['+1415555', 'short-number'],
    ['+4915', 'emergency-number'],
    ['', 'not-e164'],
    ['+', 'not-e164'],
    ['4155552671', 'not-e164'],
    ['+1 415 555 2671', 'not-e164'],
    ['+1-415-555-2671', 'not-e164'],
    ['tel:+14155552671', 'not-e164'],
    ['+0123456789', 'not-e164'],
    ['+1415555267100000', 'not-e164'],
    ['+14155552671\n', 'not-e164'],
    ['+1415555267１', 'not-e164'],
    ['client:agent', 'not-e164'],
    ['sip:a@example.com', 'not-e164'],
    ['+14155552671,,1', 'not-e164'],
    ['+141555501234', 'not-dialable'],
    ['+19112345678', 'not-dialable'],
    ['+1415555012', 'not-dialable'],
    ['+999123456789', 'not-dialable'],
    ['+19005551234', 'number-type-refused'],
    ['+449098790000', 'number-type-refused'],
    ['+491801234567', 'number-type-refused'],
    ['+881612345678', 'number-type-refused'],
    ['+979123456789', 'number-type-refused'],
    ['+15005550006', 'number-type-refused'],
  ])('%j is refused: %s', (number, code) => expect(judge(number)).toBe(code));

  it("dials the carrier's test numbers only where the carrier is a simulator", () => {
    expect(judge('+15005550006', true)).toBe('ok');
    expect(judge('+15005550006', false)).toBe('number-type-refused');
    expect(judge('+19005551234', true)).toBe('number-type-refused');
    expect(judge('911', true)).toBe('emergency-number');
  });
});
