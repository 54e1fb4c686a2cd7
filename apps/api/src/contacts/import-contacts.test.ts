import { createCallingClock, DEFAULT_HOURS, WEEKDAYS } from '@onhook/campaign';
import { newCampaignId } from '@onhook/contracts';
import { systemChance } from '@onhook/service';
import { createVirtualTime } from '@onhook/service/virtual-time';
import type { Contacts } from '@onhook/store';
import { createMemoryContacts, createMemoryDatabase } from '@onhook/store/memory';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readContactCsv, readContactNdjson, type ContactRow } from './contact-rows.js';
import { failuresCsv, importContacts } from './import-contacts.js';
import { createReadContact, type ContactRules } from './read-contact.js';

const RULES: ContactRules = {
  allowTestNumbers: false,
  allowed: { countries: null, numberTypes: null },
  requiredVariables: [],
  fallbackTimeZone: null,
  defaultCountry: null,
};

/** A datastore that does not answer every third time, half of those times after all was done. */
function blinking(contacts: Pick<Contacts, 'add'>): Pick<Contacts, 'add'> {
  let asked = 0;
  return {
    async add(...block) {
      asked += 1;
      if (asked % 3 === 0) {
        if (asked % 2 === 0) await contacts.add(...block);
        throw new Error('no answer');
      }
      return contacts.add(...block);
    },
  };
}

async function load(rows: AsyncIterable<ContactRow>, rules: Partial<ContactRules> = {}, dryRun = false, hours = DEFAULT_HOURS) {
  const database = createMemoryDatabase(createVirtualTime());
  const contacts = createMemoryContacts({ database });
  const id = newCampaignId(systemChance.uuidv7());
  const report = await importContacts(rows, {
    contacts: dryRun ? null : contacts,
    id,
    read: createReadContact({ ...RULES, ...rules }),
    clock: createCallingClock(hours),
    nowMs: database.clock.now(),
    mostFailures: 100,
    isPassing: () => true,
    sleep: async () => {},
    newToken: () => systemChance.uuid(),
  });
  return { report, contacts: await contacts.page(id, { limit: 1_000, after: null }) };
}

/** In pieces that break lines and letters. */
const stream = (text: string, size = 7): Readable => {
  const bytes = Buffer.from(text);
  return Readable.from(
    (function* () {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    })(),
  );
};
const csv = (text: string, mapping: [string, string][] = []) => readContactCsv(stream(text, 64), new Map(mapping));

describe('an import of CSV', () => {
  it('finds the columns by their names, and makes variables of all others', async () => {
    const { report, contacts } = await load(
      csv(
        '\ufeffPhone Number,Name,External ID,Time Zone,Visit Slot,empty\r\n' +
          '+1 (415) 555-2671,"Ada, Countess",a1,,3 pm,\r\n' +
          '\'+493012345678,Grete,a2,Europe/Vienna,"4 ""pm""",\r\n',
      ),
    );
    expect(report).toMatchObject({ accepted: 2, failed: 0, duplicates: 0, stopped: null });
    expect(contacts).toMatchObject([
      {
        to: '+14155552671',
        name: 'Ada, Countess',
        externalId: 'a1',
        zones: ['America/Los_Angeles'],
        variables: { Visit_Slot: '3 pm' },
      },
      { to: '+493012345678', timeZone: 'Europe/Vienna', zones: ['Europe/Vienna'], variables: { Visit_Slot: '4 "pm"' } },
    ]);
  });

  it('is told which column is what where their names do not say, and reads semicolons', async () => {
    const { contacts } = await load(
      csv('Kunde;Rufnummer;Termin\nAda;+493012345678;3 Uhr\n', [
        ['Rufnummer', 'to'],
        ['Kunde', 'name'],
        ['Termin', 'slot'],
      ]),
    );
    expect(contacts).toMatchObject([{ to: '+493012345678', name: 'Ada', variables: { slot: '3 Uhr' } }]);
  });

  it('tells of each bad row its line, column, value and code, and takes the others', async () => {
    const { report, contacts } = await load(
      csv(
        'to,timezone,slot\n1.4155E+10,,a\n=+14155552671,,b\n911,,c\n,,d\n+14155552671,Mars/Olympus,e\n+14155552672,,\n' +
          '+14155552673,,f\n4155552671,,g\n+19005551234,,h\n+14155552673,,again\n',
      ),
      { requiredVariables: ['slot'] },
    );
    expect(report.failures.map(({ line, column, value, code }) => [line, column, value, code])).toEqual([
      [2, 'to', '1.4155E+10', 'number-lost'],
      [3, 'to', '=+14155552671', 'formula'],
      [4, 'to', '911', 'emergency-number'],
      [5, 'to', '', 'missing-number'],
      [6, 'timeZone', 'Mars/Olympus', 'unknown-time-zone'],
      [7, 'slot', '', 'missing-variable'],
      [9, 'to', '4155552671', 'not-e164'],
      [10, 'to', '+19005551234', 'number-type-refused'],
    ]);
    expect(report).toMatchObject({ accepted: 1, duplicates: 1, failed: 8 });
    expect(contacts.map(({ to }) => to)).toEqual(['+14155552673']);
    expect(failuresCsv(report.failures).split('\r\n').slice(1, 3)).toEqual([
      expect.stringMatching(/^2,to,1\.4155E\+10,number-lost,/),
      expect.stringMatching(/^3,to,'=\+14155552671,formula,/),
    ]);
  });

  it('reads numbers as people of a country write them, if told which', async () => {
    const { contacts, report } = await load(csv('phone\n(415) 555-2671\n4155552672\n+493012345678\n'), { defaultCountry: 'US' });
    expect(report.failed).toBe(0);
    expect(contacts.map(({ to }) => to)).toEqual(['+14155552671', '+14155552672', '+493012345678']);
  });

  it('that has no column of numbers, or is no CSV, is stopped with a reason', async () => {
    expect((await load(csv('name,age\nAda,36\n'))).report).toMatchObject({ accepted: 0, stopped: { code: 'no-number-column' } });
    expect((await load(csv(''))).report).toMatchObject({ stopped: { code: 'empty-file' } });
    expect((await load(csv('to\n+14155552671\n"never closed\n'))).report).toMatchObject({
      accepted: 1,
      stopped: { code: 'not-csv' },
    });
    expect((await load(csv('to\n+14155552671\n', [['nummer', 'to']]))).report.stopped).toMatchObject({ code: 'unknown-column' });
    expect((await load(csv('to,a b,a_b\n+14155552671,1,2\n'))).report.stopped).toMatchObject({ code: 'double-column' });
  });

  it('counts who is never in a window', async () => {
    const hours = { windows: [{ days: WEEKDAYS, start: '09:00', end: '10:00' }], excludeDates: [] };
    const tollFree = await load(csv('to\n+18005551234\n+14155552671\n'), {}, false, hours);
    expect(tollFree.report).toMatchObject({ accepted: 2, windowNeverOpens: 1, failed: 0 });
    const everywhere = { allowed: { countries: null, numberTypes: null }, allowTestNumbers: true };
    expect((await load(csv('to\n+15005550006\n'), everywhere)).contacts).toMatchObject([{ state: 'pending' }]);
  });

  it('takes thousands of rows of many zones, and a dry run none of them', async () => {
    const lines = Array.from(
      { length: 3_000 },
      (_, i) => `+1${['415', '212', '312', '907'][i % 4]}555${String(2_000 + i).padStart(4, '0')},n${i}`,
    );
    const text = `to,name\n${lines.join('\n')}\n`;
    const { report, contacts } = await load(readContactCsv(stream(text, 5_000), new Map()));
    expect(report).toMatchObject({ accepted: 3_000, failed: 0 });
    expect(new Set(contacts.map(({ to }) => to)).size).toBe(1_000);
    const dry = await load(csv(text), {}, true);
    expect(dry.report.accepted).toBe(3_000);
    expect(dry.report.memoryBytes).toBeGreaterThan(60_000);
    expect(dry.contacts).toEqual([]);
  });
});

describe('an import while the datastore blinks', () => {
  it('tries again, and neither loses nor doubles anybody', async () => {
    const database = createMemoryDatabase(createVirtualTime());
    const contacts = createMemoryContacts({ database });
    const id = newCampaignId(systemChance.uuidv7());
    const lines = Array.from({ length: 2_000 }, (_, i) => `+1415555${2_000 + i}`);
    const deps = {
      id,
      read: createReadContact(RULES),
      clock: createCallingClock(DEFAULT_HOURS),
      nowMs: database.clock.now(),
      mostFailures: 100,
      isPassing: () => true,
      sleep: async () => {},
      newToken: () => systemChance.uuid(),
    };
    const report = await importContacts(readContactCsv(stream(`to\n${lines.join('\n')}\n`, 1_000), new Map()), {
      ...deps,
      contacts: blinking(contacts),
    });
    expect(report).toMatchObject({ accepted: 2_000, duplicates: 0, failed: 0 });
    expect((await contacts.counts(id)).ledger.contacts).toBe(2_000);
    const fails: Pick<Contacts, 'add'> = { add: () => Promise.reject(new Error('never again')) };
    const again = importContacts(readContactCsv(stream('to\n+14155552000\n'), new Map()), {
      ...deps,
      contacts: fails,
      isPassing: () => false,
    });
    await expect(again).rejects.toThrow('never again');
  });
});

describe('an import of NDJSON', () => {
  it('reads one object a line, also where letters are broken over pieces', async () => {
    const text =
      '{"to":"+14155552671","name":"Zoë","variables":{"n":3,"vip":true}}\n\n{"to":7}\nno json\n{"to":"+14155552672","externalId":"x"}';
    const { report, contacts } = await load(readContactNdjson(stream(text, 3)));
    expect(contacts).toMatchObject([
      { to: '+14155552671', name: 'Zoë', variables: { n: 3, vip: true } },
      { to: '+14155552672', externalId: 'x' },
    ]);
    expect(report.failures.map(({ line, code }) => [line, code])).toEqual([
      [3, 'invalid-row'],
      [4, 'invalid-row'],
    ]);
  });
});
