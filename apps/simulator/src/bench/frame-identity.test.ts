import { expect, it } from 'vitest';
import { readIdentities, writeIdentity, type FrameIdentity } from './frame-identity.js';

function framesOf(identities: readonly FrameIdentity[]): Buffer {
  return Buffer.concat(
    identities.map((identity, i) => {
      const audio = Buffer.alloc(160, 0x31 + i);
      writeIdentity(audio, identity);
      return audio;
    }),
  );
}

function read(text: string, maskKey?: Uint8Array): (FrameIdentity & { isNewest: boolean })[] | number {
  const bytes = Buffer.from(`xxx${text}yyy`);
  const to = bytes.length - 3;
  if (maskKey) for (let i = 3; i < to; i++) bytes[i] = bytes[i]! ^ maskKey[(i - 3) & 3]!;
  const seen: (FrameIdentity & { isNewest: boolean })[] = [];
  const count = readIdentities({ bytes, from: 3, to, maskKey }, '"audio":"', (identity, isNewest) =>
    seen.push({ ...identity, isNewest }),
  );
  return count < 0 ? count : seen;
}

const some: FrameIdentity[] = [
  { way: 'to-agent', stream: 0, frame: 0 },
  { way: 'to-carrier', stream: 399, frame: 70_000 },
  { way: 'to-agent', stream: 65_535, frame: 4_000_000_000 },
  { way: 'to-carrier', stream: 256, frame: 1 },
];

it('knows each frame again, alone or several in one message, masked or plain', () => {
  for (const maskKey of [undefined, Buffer.of(1, 200, 33, 97)]) {
    for (let count = 1; count <= some.length; count++) {
      const identities = some.slice(0, count);
      const text = `{"type":"append","audio":"${framesOf(identities).toString('base64')}"}`;
      expect(read(text, maskKey)).toEqual(identities.map((identity, i) => ({ ...identity, isNewest: i === count - 1 })));
    }
  }
});

it('does not take other sound for a frame of the load', () => {
  expect(read(`{"audio":"${Buffer.alloc(160, 0xff).toString('base64')}"}`)).toBe(-1);
  expect(read(`{"audio":"${framesOf(some).subarray(0, 200).toString('base64')}"}`)).toBe(-1);
  expect(read('{"audio":""}')).toBe(-1);
  expect(read('{"type":"session.update"}')).toBe(-1);
  const broken = framesOf(some.slice(0, 1));
  broken[4] = broken[4]! ^ 1;
  expect(read(`{"audio":"${broken.toString('base64')}"}`)).toBe(-1);
});
