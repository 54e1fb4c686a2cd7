import type { Request, Response } from 'express';
import { fitsFilter, type Ledger, type LedgerEntry, type LedgerFilter } from './ledger.js';

/** A reader that is this far behind is let go: what it has missed is still in the ledger. */
const mostUnreadBytes = 16 * 1024 * 1024;

/**
 * What stands in the ledger, and then what comes: one JSON object a line, or server-sent events for who asks for those
 * (`EventSource`, which comes back with `Last-Event-ID` after a break).
 */
export function followLedger(ledger: Ledger, filter: LedgerFilter, request: Request, response: Response): void {
  const isEvents = request.accepts(['application/x-ndjson', 'text/event-stream']) === 'text/event-stream';
  response.setHeader('Content-Type', isEvents ? 'text/event-stream' : 'application/x-ndjson');
  response.setHeader('Cache-Control', 'no-store');
  response.flushHeaders();

  const write = (entry: LedgerEntry): void => {
    const json = JSON.stringify(entry);
    response.write(isEvents ? `id: ${entry.seq}\ndata: ${json}\n\n` : `${json}\n`);
    if (response.writableLength > mostUnreadBytes) response.destroy();
  };
  for (const entry of ledger.entries({ ...filter, since: sinceWhen(ledger, filter, request) })) {
    if (response.destroyed) return;
    write(entry);
  }
  const fits = fitsFilter(filter);
  const stop = ledger.subscribe((entry) => {
    if (fits(entry)) write(entry);
  });
  response.on('close', stop);
}

function sinceWhen(ledger: Ledger, { since = 0 }: LedgerFilter, request: Request): number {
  const last = Number(request.headers['last-event-id']);
  // A larger number is from before the simulator was started anew.
  return Number.isInteger(last) && last > since && ledger.entries({ since: last - 1 }).length > 0 ? last : since;
}
