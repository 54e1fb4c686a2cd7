import type { Request, Response } from 'express';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { refuse } from './problems.js';

/** Something of a known length, any part of which can be read. */
export interface Bytes {
  readonly bytes: number;
  read(from: number, until: number): AsyncIterable<Uint8Array>;
  readonly etag: string;
}

/**
 * 200 with all of it, or 206 with the one part that Range asks for (RFC 9110, 14). Several ranges at once, or one that nobody can read,
 * are answered with all of it, as the RFC allows. Content-Type is the caller's to set. Resolves when all was handed on; a client that goes
 * away is no error.
 */
export async function sendBytes(request: Request, response: Response, { bytes, read, etag }: Bytes): Promise<void> {
  response.setHeader('Accept-Ranges', 'bytes');
  response.setHeader('ETag', etag);
  const wanted = rangeOf(request, bytes, etag);
  if (wanted === 'none of it') {
    for (const name of ['Content-Type', 'ETag']) response.removeHeader(name);
    return refuse(response, 'range-not-satisfiable', { headers: { 'Content-Range': `bytes */${bytes}` } });
  }
  const { from, until } = wanted ?? { from: 0, until: bytes };
  response.status(wanted ? 206 : 200);
  if (wanted) response.setHeader('Content-Range', `bytes ${from}-${until - 1}/${bytes}`);
  response.setHeader('Content-Length', until - from);
  if (request.method === 'HEAD') return void response.end();
  try {
    await pipeline(Readable.from(read(from, until)), response);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}

function rangeOf(request: Request, bytes: number, etag: string): { from: number; until: number } | 'none of it' | null {
  const ifRange = request.get('if-range');
  if (request.get('range') === undefined || (ifRange !== undefined && ifRange !== etag)) return null;
  const ranges = request.range(bytes);
  if (ranges === -1) return 'none of it';
  if (!Array.isArray(ranges) || ranges.type !== 'bytes' || ranges.length !== 1) return null;
  const [{ start, end }] = ranges as unknown as [{ start: number; end: number }];
  return { from: start, until: end + 1 };
}
