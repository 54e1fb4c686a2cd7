import { doNotCallRoutes, type E164 } from '@onhook/contracts';
import type { DoNotCallAddition, DoNotCallEntry, DoNotCallList } from '@onhook/store';
import type { Request, Response } from 'express';
import { once } from 'node:events';
import { Transform } from 'node:stream';
import type { ApiDeps } from '../api-deps.js';
import { csvLine, harmless } from '../csv-text.js';
import { NotCsv, readNumbersCsv, type NumberLine } from '../read-numbers-csv.js';
import { ANSWERED, refusal, type Serve } from '../serve.js';
import type { Within } from '../within.js';

export type DoNotCallDeps = Pick<ApiDeps, 'settings' | 'logger'> & {
  readonly doNotCall: Omit<DoNotCallList, 'adopt'>;
  readonly within: Within;
};

const ADDED_AT_ONCE = 500;
const WRITTEN_AT_ONCE = 1_000;
const MOST_BYTES = 32 * 1_024 * 1_024;
const TOLD_FAILURES = 100;

/** `/v1/do-not-call…` */
export function addDoNotCallRoutes(serve: Serve, { doNotCall, settings, logger, within }: DoNotCallDeps): void {
  const { account } = settings;

  serve(doNotCallRoutes.list, async ({ query: { limit, cursor = null } }) => {
    try {
      const { entries, nextCursor } = await within(doNotCall.page(account, { limit, cursor }));
      return { body: { data: entries.map(viewOf), nextCursor } };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'bad-cursor')) throw error;
      return refusal('validation-failed', {
        errors: [{ pointer: '/cursor', code: 'invalid-cursor', message: 'No page has given this cursor' }],
      });
    }
  });

  serve(doNotCallRoutes.add, async ({ body: { numbers, note = null } }) => {
    const unique = [...new Set(numbers)];
    const added = await add(unique.map((number) => ({ number, note })));
    logger.info({ added }, 'numbers were put on the do-not-call list');
    return { body: { added, alreadyListed: unique.length - added } };
  });

  serve(doNotCallRoutes.exportCsv, async ({ response }): Promise<typeof ANSWERED> => {
    response.status(200).type('text/csv').setHeader('Content-Disposition', 'attachment; filename="do-not-call.csv"');
    await writeAll(response);
    return ANSWERED;
  });

  serve(doNotCallRoutes.importCsv, async ({ request, response }) => {
    if (!request.is('text/csv') || request.headers['content-encoding'] !== undefined) return refusal('unsupported-media-type');
    try {
      const report = await importCsv(request);
      logger.info({ added: report.added, failed: report.failed }, 'numbers were put on the do-not-call list from a file');
      return { body: report };
    } catch (error) {
      // The rest of the file is not read: what is not read cannot be answered on the same connection.
      response.setHeader('Connection', 'close');
      if (error instanceof TooLarge) return refusal('payload-too-large');
      if (!(error instanceof NotCsv)) throw error;
      return refusal('validation-failed', {
        errors: [
          { pointer: '', code: 'invalid-format', message: `Line ${error.line} is no CSV; the lines before it were taken` },
        ],
      });
    }
  });

  serve(doNotCallRoutes.check, async ({ params: { number } }) => {
    const entry = await within(doNotCall.find(account, number));
    const { since = null, note = null } = entry ? viewOf(entry) : {};
    return { body: { number, listed: entry !== null, since, note } };
  });

  serve(doNotCallRoutes.remove, async ({ params: { number } }) => {
    if ((await within(doNotCall.remove(account, [number]))) === 0) return refusal('not-found');
    logger.warn({}, 'a number was taken off the do-not-call list');
    return {};
  });

  function add(entries: readonly DoNotCallAddition[]): Promise<number> {
    return within(doNotCall.add(account, entries));
  }

  /** A page at a time, and no faster than it is read. */
  async function writeAll(response: Response): Promise<void> {
    response.write(csvLine(['number', 'since', 'note']));
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof doNotCall.page>> = await within(
        doNotCall.page(account, { limit: WRITTEN_AT_ONCE, cursor }),
      );
      const lines = page.entries.map(viewOf).map(({ number, since, note }) => csvLine([number, since, harmless(note ?? '')]));
      if (response.destroyed) return;
      if (!response.write(lines.join(''))) await Promise.race([once(response, 'drain'), once(response, 'close')]);
      cursor = page.nextCursor;
    } while (cursor !== null);
    response.end();
  }

  async function importCsv(request: Request) {
    const report = { added: 0, alreadyListed: 0, failed: 0, failures: [] as { line: number; code: string; message: string }[] };
    let batch = new Map<E164, DoNotCallAddition>();
    const flush = async (): Promise<void> => {
      const added = await add([...batch.values()]);
      report.added += added;
      report.alreadyListed += batch.size - added;
      batch = new Map();
    };
    const take = (line: NumberLine): void => {
      if (line.ok) {
        batch.set(line.number, { number: line.number, note: line.note ?? null });
        return;
      }
      report.failed++;
      if (report.failures.length < TOLD_FAILURES)
        report.failures.push({ line: line.line, code: line.code, message: line.message });
    };
    const measured = request.pipe(upTo(MOST_BYTES));
    for await (const line of readNumbersCsv(measured)) {
      take(line);
      if (batch.size >= ADDED_AT_ONCE) await flush();
    }
    if (batch.size > 0) await flush();
    return report;
  }
}

class TooLarge extends Error {}

function upTo(bytes: number): Transform {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      if (seen > bytes) return done(new TooLarge());
      done(null, chunk);
    },
  });
}

function viewOf({ number, since, note }: DoNotCallEntry): { number: string; since: string; note: string | null } {
  return { number, since: new Date(since).toISOString(), note };
}
