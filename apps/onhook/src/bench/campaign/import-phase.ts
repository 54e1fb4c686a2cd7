import { createReadStream, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { systemClock, systemTimers } from '@onhook/service';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { askRedis, serverOf } from '../../../setup/resp.mjs';
import type { FaultHouse } from '../fault-house.js';
import { callApi, type BenchCampaign } from './api.js';
import { writeContactFile } from './contact-file.js';

export interface ImportFigures {
  readonly importSeconds: number;
  /** Of the time that `csv-parse` and `libphonenumber-js` alone took for the same file. */
  readonly importRatio: number;
  /** The most that the importing process ever held. */
  readonly importRssMb: number;
  readonly bytesPerContact: number;
  readonly accepted: number;
}

interface Report {
  readonly accepted: number;
  readonly duplicates: number;
  readonly failed: number;
}

/** A file through the API, and beside it the least that anybody could do with that file. */
export async function importPhase(
  house: FaultHouse,
  { contacts, dir, print }: { contacts: number; dir: string; print: (line: string) => void },
) {
  const file = path.join(dir, 'contacts.csv');
  const { rows, bytes } = await writeContactFile(file, contacts);
  print(`  ${rows} rows, ${Math.round(bytes / 1e6)} MB`);
  const aloneSeconds = await alone(file);
  print(`  csv-parse and libphonenumber-js alone: ${aloneSeconds.toFixed(1)} s`);

  const { id } = await callApi<BenchCampaign>(house, 'POST', '/v1/campaigns', { name: 'import', agentId: 'demo' });
  const before = await usedMemory(house);
  const beganAt = systemClock.monotonicMs();
  const answer = await fetch(`${house.apiUrl}/v1/campaigns/${id}/contacts`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${house.apiKey}`, 'Content-Type': 'text/csv' },
    body: Readable.toWeb(createReadStream(file, { highWaterMark: 256 * 1024 })) as unknown as ReadableStream<Uint8Array>,
    duplex: 'half',
  } as RequestInit);
  if (!answer.ok) throw new Error(`the import was answered ${answer.status}: ${await answer.text()}`);
  const report = (await answer.json()) as Report;
  const importSeconds = (systemClock.monotonicMs() - beganAt) / 1_000;
  await systemTimers.sleep(1_000);
  const bytesPerContact = ((await usedMemory(house)) - before) / report.accepted;
  const importRssMb = peakRssMb(house.programs('api')[0]!.pid);
  print(`  imported in ${importSeconds.toFixed(1)} s: ${JSON.stringify({ ...report, failures: undefined })}`);
  if (report.accepted !== contacts) throw new Error(`${report.accepted} of ${contacts} contacts were accepted`);
  rmSync(file);
  const figures: ImportFigures = {
    importSeconds: round(importSeconds),
    importRatio: round(importSeconds / aloneSeconds),
    importRssMb,
    bytesPerContact: Math.round(bytesPerContact),
    accepted: report.accepted,
  };
  return { id, figures };
}

async function alone(file: string): Promise<number> {
  const beganAt = systemClock.monotonicMs();
  let valid = 0;
  const parser = createReadStream(file).pipe(parse({ columns: true, bom: true, relax_column_count: true }));
  for await (const row of parser as AsyncIterable<{ number: string }>) {
    if (parsePhoneNumberFromString(row.number)?.isValid()) valid += 1;
  }
  if (valid === 0) throw new Error('no number was valid');
  return (systemClock.monotonicMs() - beganAt) / 1_000;
}

async function usedMemory({ redisUrl }: FaultHouse): Promise<number> {
  const info = String(await askRedis(serverOf(redisUrl), [['INFO', 'memory']], 10_000));
  return Number(/used_memory:(\d+)/.exec(info)?.[1]);
}

function peakRssMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1_024);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
