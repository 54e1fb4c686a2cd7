import { newCallId, type CallId } from '@onhook/contracts';
import { createSeededChance } from '@onhook/service/virtual-time';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createDirectoryArchive } from './adapters/directory/index.js';
import { createMemoryArchive } from './adapters/memory/index.js';
import type { Archive, ArchivedLine } from './port.js';

const NOON = Date.UTC(2026, 10, 22, 12);
const DAY = '2026-11-22';
const chance = createSeededChance(1, { now: () => NOON });
const fresh = (): CallId => newCallId('a', chance.uuidv7());
const entry = (callId: CallId, to: string, createdAt = NOON) => ({ callId, createdAt, body: { to, text: `„${to}“\n and more` } });

const root = mkdtempSync(join(tmpdir(), 'onhook-archive-'));
afterAll(() => rmSync(root, { recursive: true }));
const newDir = (): string => join(mkdtempSync(join(root, 'one-')), 'archive');

async function calls(archive: Archive, day = DAY): Promise<ArchivedLine[]> {
  const found: ArchivedLine[] = [];
  for await (const line of archive.read(day)) found.push(line);
  return found;
}
async function* wav(text: string): AsyncIterable<Uint8Array> {
  for (const letter of text) yield Buffer.from(letter);
}

describe.each([
  ['in memory', createMemoryArchive],
  ['in a directory', () => createDirectoryArchive({ dir: newDir() })],
])('an archive %s', (_where, make: () => Archive) => {
  it('gives each call once, as it was last archived, on the day of its creation', async () => {
    const archive = make();
    const [a, b, c] = [fresh(), fresh(), fresh()];
    expect(await archive.days()).toEqual([]);
    await archive.append([entry(a, 'first'), entry(b, 'second')]);
    await archive.append([entry(a, 'first, later'), entry(c, 'yesterday', NOON - 86_400_000)]);
    expect(await archive.days()).toEqual(['2026-11-21', DAY]);
    expect(new Map((await calls(archive)).map(({ callId, to }) => [callId, to]))).toEqual(
      new Map([
        [a, 'first, later'],
        [b, 'second'],
      ]),
    );
    expect(await calls(archive)).toHaveLength(2);
    expect(await calls(archive, '2026-11-21')).toMatchObject([{ callId: c, to: 'yesterday' }]);
    expect(await calls(archive, '2020-01-01')).toEqual([]);
  });

  it('erases every line of a call and its recordings, again and again, and nothing else', async () => {
    const archive = make();
    const [a, b] = [fresh(), fresh()];
    await archive.append([entry(a, 'canary'), entry(b, 'other')]);
    await archive.append([entry(a, 'canary again')]);
    expect(await archive.erase(a, NOON)).toBe(true);
    expect(await archive.erase(a, null)).toBe(true);
    expect(await archive.erase(fresh(), NOON)).toBe(false);
    expect(await archive.erase(fresh(), null)).toBe(false);
    await archive.append([entry(b, 'other, later')]);
    const left = await calls(archive);
    expect(left).toContainEqual({ callId: a, erased: true });
    expect(left).toContainEqual({ callId: b, to: 'other, later', text: '„other, later“\n and more' });
    expect(left).toHaveLength(2);
  });
});

describe('an archive in a directory', () => {
  it('keeps nothing of what it has erased, in no file', async () => {
    const dir = newDir();
    const archive = createDirectoryArchive({ dir });
    const [a, b] = [fresh(), fresh()];
    const [one, other] = [
      { callId: a, createdAt: NOON },
      { callId: b, createdAt: NOON },
    ];
    await archive.append([entry(a, 'canary'), entry(b, 'other')]);
    await archive.keepRecording(one, 1, () => wav('canary'));
    await archive.keepRecording(other, 1, () => wav('other'));
    const size = statSync(join(dir, `${DAY}.ndjson`)).size;
    await archive.erase(a, null);
    expect(statSync(join(dir, `${DAY}.ndjson`)).size).toBe(size);
    const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
    expect(files.map(({ name }) => name).toSorted()).toEqual([`${DAY}.ndjson`, `${b}-1.wav`].toSorted());
    for (const { parentPath, name } of files) expect(readFileSync(join(parentPath, name), 'utf8')).not.toContain('canary');
  });

  it('keeps a recording once, complete or not at all', async () => {
    const dir = newDir();
    const archive = createDirectoryArchive({ dir });
    const call = { callId: fresh(), createdAt: NOON };
    const place = join(dir, 'recordings', DAY, `${call.callId}-1.wav`);
    async function* breaksOff(): AsyncIterable<Uint8Array> {
      yield Buffer.from('half');
      throw new Error('the disk broke');
    }
    await expect(archive.keepRecording(call, 1, breaksOff)).rejects.toThrow('the disk broke');
    expect(() => statSync(place)).toThrow('ENOENT');
    await archive.keepRecording(call, 1, () => wav('whole'));
    await archive.keepRecording(call, 1, () => wav('another'));
    expect(readFileSync(place, 'utf8')).toBe('whole');
    expect(statSync(place).mode & 0o777).toBe(0o600);
  });

  it('goes on behind a line that a dying process tore, and erases the torn one too', async () => {
    const dir = newDir();
    const archive = createDirectoryArchive({ dir });
    const [a, b] = [fresh(), fresh()];
    await archive.append([entry(a, 'whole')]);
    const file = join(dir, `${DAY}.ndjson`);
    appendFileSync(file, `{"callId":"${b}","to":"canary, torn`);
    await archive.append([entry(b, 'again')]);
    expect(await calls(archive)).toMatchObject([
      { callId: a, to: 'whole' },
      { callId: b, to: 'again' },
    ]);
    await archive.erase(b, NOON);
    expect(readFileSync(file, 'utf8')).not.toContain('canary');
    expect(await calls(archive)).toMatchObject([
      { callId: a, to: 'whole' },
      { callId: b, erased: true },
    ]);
  });

  it('loses no line while several write and one erases', async () => {
    const dir = newDir();
    const archives = Array.from({ length: 4 }, () => createDirectoryArchive({ dir }));
    const ids = Array.from({ length: 120 }, fresh);
    await Promise.all(ids.map((id, i) => archives[i % 4]!.append([entry(id, `number ${i}`)])));
    const erased = ids.filter((_, i) => i % 10 === 0);
    const more = Array.from({ length: 60 }, fresh);
    await Promise.all([
      ...erased.map((id) => archives[0]!.erase(id, NOON)),
      ...more.map((id, i) => archives[i % 4]!.append([entry(id, 'x'.repeat(2_000))])),
    ]);
    const found = await calls(archives[0]!);
    expect(found.map(({ callId }) => callId).toSorted()).toEqual([...ids, ...more].toSorted());
    expect(
      found
        .filter((line) => line.erased)
        .map(({ callId }) => callId)
        .toSorted(),
    ).toEqual(erased.toSorted());
  });

  it('finds a line wherever it stands in a large file', async () => {
    const dir = newDir();
    const archive = createDirectoryArchive({ dir });
    const ids = Array.from({ length: 900 }, fresh);
    await archive.append(ids.map((id, i) => entry(id, `${i} ${'ü'.repeat(1_000)}`)));
    for (const id of [ids[0]!, ids[517]!, ids[899]!]) expect(await archive.erase(id, NOON)).toBe(true);
    const found = await calls(archive);
    expect(found).toHaveLength(900);
    expect(found.filter(({ erased }) => erased)).toHaveLength(3);
  });
});
