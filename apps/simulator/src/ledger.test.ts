import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { silentLogger } from '@onhook/service';
import { createVirtualTime } from '@onhook/service/virtual-time';
import { createLedger } from './ledger.js';

it('keeps every entry, in order, in memory and on disk, with a stamp that no fact overwrites', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'ledger-'));
  const clock = createVirtualTime();
  const ledger = createLedger({ clock, logger: silentLogger, dir });
  const heard: number[] = [];
  ledger.write('rang', { callSid: 'CA1' });
  const stop = ledger.subscribe((entry) => heard.push(entry.seq));
  await clock.advance(5);
  ledger.write('call-state', { callSid: 'CA2', kind: 'forged', seq: 99 });
  stop();
  ledger.write('call-state', { callSid: 'CA1' });
  await ledger.close();

  expect(heard).toEqual([2]);
  expect(ledger.entries({ call: 'CA1' }).map((entry) => entry.seq)).toEqual([1, 3]);
  expect(ledger.entries({ kind: 'call-state', since: 2 }).map((entry) => entry.seq)).toEqual([3]);
  expect(ledger.entries()[1]).toMatchObject({ seq: 2, kind: 'call-state', mono: 5 });
  const lines = readFileSync(join(dir, 'ledger.ndjson'), 'utf8').trim().split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(ledger.entries());
  rmSync(dir, { recursive: true });
});

it('gathers what is written within 20 ms into one write, and loses none of it at the end', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'ledger-'));
  const time = createVirtualTime();
  const ledger = createLedger({ clock: time, timers: time, logger: silentLogger, dir });
  for (let i = 0; i < 3; i++) {
    ledger.write('rang', { i });
    await time.advance(15);
  }
  await ledger.close();
  const lines = readFileSync(join(dir, 'ledger.ndjson'), 'utf8').trim().split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(ledger.entries());
  expect(lines).toHaveLength(3);
  rmSync(dir, { recursive: true });
});
