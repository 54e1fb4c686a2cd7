import { expect, it } from 'vitest';
import { readOverrides } from './connection-overrides.js';

it('by default retries once, and only a connection that was never made', () => {
  expect(readOverrides('https://a.example/x')).toMatchObject({ connectMs: 5_000, readMs: 15_000, totalMs: 15_000, retries: 1 });
  expect([...readOverrides('https://a.example/x').retryOn]).toEqual(['ct']);
});

it('reads the overrides of the fragment and ignores what is out of range', () => {
  const overrides = readOverrides('https://a.example/x#rc=3&rp=all&ct=200&rt=99999');
  expect(overrides).toMatchObject({ connectMs: 200, readMs: 15_000, retries: 3 });
  expect([...overrides.retryOn]).toEqual(['4xx', '5xx', 'ct', 'rt']);
  expect([...readOverrides('https://a.example/x#rp=5xx,rt').retryOn]).toEqual(['5xx', 'rt']);
});
