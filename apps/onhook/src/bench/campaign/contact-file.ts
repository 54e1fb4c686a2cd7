import { createWriteStream } from 'node:fs';
import { once } from 'node:events';

/** Valid numbers of several time zones, so many that a million rows need none twice. */
const AREAS = ['415', '212', '312', '303', '907', '808', '713', '617', '404', '206'];
const DOCTORS = ['Okafor', 'Lindqvist', 'Moreau', 'Tanaka', 'Silva'];
const CITIES = ['Springfield', 'Riverside', 'Fairview', 'Georgetown', 'Salem'];

/** 1 % of the rows cannot be used, 1 % were there before; a tenth says its own zone. */
export async function writeContactFile(path: string, contacts: number): Promise<{ rows: number; bytes: number }> {
  const file = createWriteStream(path);
  file.write('number,name,external_id,timezone,slot,doctor,city\n');
  let rows = 0;
  for (let i = 0; i < contacts; i++) {
    const lines = [rowOf(i)];
    if (i % 100 === 50) lines.push(badRow(i));
    if (i % 100 === 99) lines.push(rowOf(i - 60));
    rows += lines.length;
    if (!file.write(`${lines.join('\n')}\n`)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
  return { rows, bytes: file.bytesWritten };
}

function rowOf(i: number): string {
  const number = `+1${AREAS[i % AREAS.length]}${2_000_000 + Math.floor(i / AREAS.length) * 7}`;
  const zone = i % 10 === 3 ? 'America/Denver' : '';
  const name = `${NAMES[i % NAMES.length]} ${SURNAMES[Math.floor(i / 7) % SURNAMES.length]}`;
  return `${number},${name},customer-${100_000_000 + i},${zone},${i % 12} o'clock on day ${i % 365},${DOCTORS[i % 5]},${CITIES[i % 5]}`;
}

const NAMES = ['Ada', 'Grace', 'Alan', 'Edsger', 'Barbara', 'Donald', 'Radia', 'Ken', 'Frances', 'Niklaus', 'Margaret'];
const SURNAMES = [
  'Lovelace',
  'Hopper',
  'Turing',
  'Dijkstra',
  'Liskov',
  'Knuth',
  'Perlman',
  'Thompson',
  'Allen',
  'Wirth',
  'Hamilton',
];

function badRow(i: number): string {
  return `${['1.4155E+10', '=+14155552671', '911', '+1415', 'unknown'][Math.floor(i / 100) % 5]},Nobody,,,,,`;
}
