import type { E164 } from '@onhook/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryDoNotCall } from '@onhook/store/memory';
import { startTestApi, type TestApi } from './testing/test-api.js';

let test: TestApi;
beforeAll(async () => {
  test = await startTestApi();
});
beforeEach(() => test.database.accounts.clear());
afterAll(() => test.stop());

const NUMBER = '+14155552671';
const add = (numbers: string[], note?: string) => test.send('POST', '/v1/do-not-call', { numbers, ...(note && { note }) });
const importCsv = (text: string, type = 'text/csv') =>
  test.send('POST', '/v1/do-not-call/import', text, { 'content-type': type });
const isListed = async (number: string) =>
  (await test.send<{ listed: boolean }>('GET', `/v1/do-not-call/${encodeURIComponent(number)}`)).body.listed;

describe('the do-not-call list', () => {
  it('takes numbers, tells whether one is on it, and gives them back', async () => {
    expect((await add([NUMBER, '+442071838750', NUMBER], 'by letter')).body).toEqual({ added: 2, alreadyListed: 0 });
    expect((await add([NUMBER])).body).toEqual({ added: 0, alreadyListed: 1 });
    const found = await test.send('GET', `/v1/do-not-call/${NUMBER}`);
    expect(found.body).toMatchObject({ number: NUMBER, listed: true, note: 'by letter' });
    expect((await test.send('GET', '/v1/do-not-call/14155552671')).body).toMatchObject({ number: NUMBER, listed: true });
    expect((await test.send('DELETE', `/v1/do-not-call/${NUMBER}`)).status).toBe(204);
    expect((await test.send('DELETE', `/v1/do-not-call/${NUMBER}`)).body.code).toBe('not-found');
    expect((await test.send('GET', `/v1/do-not-call/${NUMBER}`)).body).toEqual({
      number: NUMBER,
      listed: false,
      since: null,
      note: null,
    });
    expect((await test.send('GET', '/v1/do-not-call/nonsense')).body.code).toBe('not-found');
    const wrong = await add(['4155552671']);
    expect([wrong.status, wrong.body.errors?.[0]?.pointer]).toEqual([422, '/numbers/0']);
  });

  it('is listed a page at a time', async () => {
    await add(Array.from({ length: 5 }, (_, i) => `+1415555100${i}`));
    interface Page {
      data: { number: string }[];
      nextCursor: string | null;
    }
    const first = (await test.send<Page>('GET', '/v1/do-not-call?limit=3')).body;
    const second = (await test.send<Page>('GET', `/v1/do-not-call?limit=3&cursor=${first.nextCursor}`)).body;
    expect([...first.data, ...second.data]).toHaveLength(5);
    expect(second.nextCursor).toBeNull();
    const wrong = await test.send('GET', '/v1/do-not-call?cursor=x');
    expect(wrong.body.errors?.[0]?.code).toBe('invalid-cursor');
  });

  it('takes a file, tells which lines it could not read, and may be given it again', async () => {
    const file = `\uFEFFname,Phone,note\r\nAda,+14155552671,"said ""stop"", twice"\r\nBob,4155552672,\r\nEve,1.4155E+10,\r\n\r\nDan,'+14155552673,'=1+1\r\n`;
    const { status, body } = await importCsv(file);
    expect([status, body]).toEqual([
      200,
      {
        added: 2,
        alreadyListed: 0,
        failed: 2,
        failures: [
          { line: 3, code: 'not-e164', message: expect.any(String) },
          { line: 4, code: 'number-lost', message: expect.stringContaining('text') },
        ],
      },
    ]);
    expect(await isListed('+14155552673')).toBe(true);
    expect((await test.send('GET', `/v1/do-not-call/${NUMBER}`)).body).toMatchObject({ note: 'said "stop", twice' });
    expect((await importCsv(file)).body).toMatchObject({ added: 0, alreadyListed: 2 });
    expect((await importCsv('+14155552674\n+14155552675\n')).body).toMatchObject({ added: 2, failed: 0 });
  });

  it('refuses what is no CSV, and bodies without end', async () => {
    expect((await importCsv('a', 'application/json')).body.code).toBe('unsupported-media-type');
    const broken = await importCsv('number\n+14155552671\n"never closed\n');
    expect([broken.status, broken.body.code]).toEqual([422, 'validation-failed']);
    const greedy = await importCsv('x'.repeat(64_000).concat('\n').repeat(600));
    expect([413, 422]).toContain(greedy.status);
  });

  it('comes out as CSV that no spreadsheet runs, and goes in again', async () => {
    const list = createMemoryDoNotCall({ database: test.database });
    const notes = ['=HYPERLINK("http://evil")', '+1', '-1', '@SUM(1)', '\tx', 'plain, with "quotes"'];
    const numbers = notes.map((_, i) => `+1415555200${i}` as E164);
    await list.add(
      'default',
      numbers.map((number, i) => ({ number, note: notes[i]! })),
    );
    const file = await test.send('GET', '/v1/do-not-call/export');
    expect([file.status, file.headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8']);
    const lines = file.text.split('\r\n');
    expect([lines[0], lines.length]).toEqual(['number,since,note', 8]);
    expect(file.text).not.toMatch(/(^|,)"?[=+\-@\t](?!\d{8})/m);
    expect(lines[6]).toContain('"plain, with ""quotes"""');
    test.database.accounts.clear();
    expect((await importCsv(file.text)).body).toMatchObject({ added: 6, failed: 0 });
    expect((await list.find('default', numbers[0]!))?.note).toBe(notes[0]);
  });
});
