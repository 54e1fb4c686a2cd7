import { describe, expect, it } from 'vitest';
import { parseRedisUrl } from './address.js';

describe('a Redis URL', () => {
  it('names one server', () => {
    expect(parseRedisUrl('redis://localhost')).toEqual({
      nodes: [{ host: 'localhost', port: 6379 }],
      isCluster: false,
      sentinelName: undefined,
      isTls: false,
      username: undefined,
      password: undefined,
      db: 0,
    });
    expect(parseRedisUrl('rediss://ann:p%40ss%3A@example.org:7000/3')).toMatchObject({
      nodes: [{ host: 'example.org', port: 7000 }],
      isTls: true,
      username: 'ann',
      password: 'p@ss:',
      db: 3,
    });
    expect(parseRedisUrl('redis://:secret@[::1]:7000')).toMatchObject({
      nodes: [{ host: '::1', port: 7000 }],
      username: undefined,
      password: 'secret',
    });
  });

  it('names a cluster, by several hosts or by saying so', () => {
    expect(parseRedisUrl('redis://a:1,b:2,c')).toMatchObject({
      isCluster: true,
      nodes: [
        { host: 'a', port: 1 },
        { host: 'b', port: 2 },
        { host: 'c', port: 6379 },
      ],
    });
    expect(parseRedisUrl('redis://a:1?cluster=1')).toMatchObject({ isCluster: true, nodes: [{ host: 'a', port: 1 }] });
    expect(() => parseRedisUrl('redis://a:1/2?cluster=1')).toThrow('database 0');
  });

  it('names sentinels, and what they watch', () => {
    expect(parseRedisUrl('redis://:pw@a:1,b:2/3?sentinel=onhook')).toMatchObject({
      isCluster: false,
      sentinelName: 'onhook',
      nodes: [
        { host: 'a', port: 1 },
        { host: 'b', port: 2 },
      ],
      password: 'pw',
      db: 3,
    });
  });

  it('that cannot be read is refused without being repeated', () => {
    for (const url of ['', 'localhost:6379', 'http://localhost', 'redis://', 'redis://secret@host:port']) {
      expect(() => parseRedisUrl(url)).toThrow(/^the Redis URL (?!.*secret@)/);
    }
  });
});
