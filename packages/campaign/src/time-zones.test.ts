import { describe, expect, it } from 'vitest';
import { chooseZones, isTimeZone, zonesOfNumber } from './time-zones.js';

describe('the time zones of a number', () => {
  it('follow from its prefix', () => {
    expect(zonesOfNumber('+14155550123')).toEqual(['America/Los_Angeles']);
    expect(zonesOfNumber('+12125550123')).toEqual(['America/New_York']);
    expect(zonesOfNumber('+4930123456')).toEqual(['Europe/Berlin']);
    expect(zonesOfNumber('+819012345678')).toEqual(['Asia/Tokyo']);
  });

  it('are several where a prefix does not decide', () => {
    expect(zonesOfNumber('+19075550123')).toEqual(expect.arrayContaining(['America/Anchorage']));
    expect(zonesOfNumber('+447911123456')).toContain('Europe/London');
    expect(zonesOfNumber('+18005550123').length).toBeGreaterThan(20);
  });

  it('are none where nobody knows', () => {
    expect(zonesOfNumber('+9990000')).toEqual([]);
    expect(zonesOfNumber('')).toEqual([]);
  });
});

describe('the zone of a contact', () => {
  it('is its own word, else its number’s, else the campaign’s, else unknown', () => {
    expect(chooseZones('Asia/Tokyo', '+14155550123', 'UTC')).toEqual({ zones: ['Asia/Tokyo'], source: 'contact' });
    expect(chooseZones(null, '+14155550123', 'UTC')).toEqual({ zones: ['America/Los_Angeles'], source: 'number' });
    expect(chooseZones(null, '+9990000', 'UTC')).toEqual({ zones: ['UTC'], source: 'campaign' });
    expect(chooseZones(null, '+9990000', null)).toBeNull();
  });

  it('is an IANA name, and no offset', () => {
    expect(['Europe/Berlin', 'UTC', 'America/Argentina/Ushuaia'].every(isTimeZone)).toBe(true);
    expect(['', '+05:00', 'Mars/Olympus', 'Europe/', 'Berlin Germany'].some(isTimeZone)).toBe(false);
  });
});
