import type { E164, NumberType } from '@onhook/contracts';
import { describe, expect, it } from 'vitest';
import { classifyNumber } from './classify-number.js';

describe('where a call goes', () => {
  it.each<[string, string, NumberType, string]>([
    ['+14155552671', 'US', 'fixed-line-or-mobile', 'California'],
    ['+18765551234', 'JM', 'mobile', 'Jamaica shares +1 and costs many times as much'],
    ['+16135550123', 'CA', 'fixed-line-or-mobile', 'Canada'],
    ['+447400123456', 'GB', 'mobile', 'Britain'],
    ['+447781100000', 'GG', 'mobile', 'Guernsey shares +44'],
    ['+4930123456', 'DE', 'fixed-line', 'Berlin'],
    ['+79161234567', 'RU', 'mobile', 'Russia'],
    ['+77012345678', 'KZ', 'mobile', 'Kazakhstan shares +7'],
    ['+18005551234', 'US', 'toll-free', 'toll-free'],
    ['+19005551234', 'US', 'premium-rate', 'the callee sets the price'],
    ['+882161234567', 'ZZ', 'satellite', 'no country, and many dollars a minute'],
    ['+8816123456', 'ZZ', 'unknown', 'no number that could exist'],
    ['+15553334444', 'ZZ', 'unknown', 'no area code'],
    ['+15005550009', 'US', 'test', 'Twilio’s own'],
    ['+15005550199', 'US', 'test', 'Twilio’s own'],
    ['+15005540006', 'US', 'personal', 'a follow-me number'],
  ])('%s: %s, %s (%s)', (number, country, type) => {
    expect(classifyNumber(number as E164)).toEqual({ country, type });
  });
});
