import type { HttpMethod } from '../form.js';
import type { DocumentEnd, DocumentHost, Instructions } from '../document.js';

/** What a verb runs with. */
export interface VerbRun {
  host: DocumentHost;
  /** Aborts when something else takes the call over, or it ends. */
  signal: AbortSignal;
  /** Where the document was found; none if it came with the request. */
  place: { url: string; method: HttpMethod } | undefined;
  /** Runs another document, on another call. */
  runDocument(host: DocumentHost, first: Instructions, signal: AbortSignal): Promise<DocumentEnd>;
}

/** `undefined`: go on with the next verb. */
export type Next = DocumentEnd | Instructions | undefined;

export function resolveUrl(url: string, { place }: Pick<VerbRun, 'place'>): string {
  const base = place?.url.split('#', 1)[0];
  return base !== undefined && URL.canParse(url, base) ? new URL(url, base).href : url;
}

/**
 * The request that some verbs make when they are over; its answer is the next document. Without an `action` it goes to the
 * present document's URL. An inline document has none: nothing is requested.
 */
export function actionOf(
  verb: { verb: string; action?: string; method: HttpMethod },
  run: VerbRun,
  params: Record<string, string>,
): Extract<Instructions, { url: string }> | undefined {
  if (verb.action !== undefined) return { url: resolveUrl(verb.action, run), method: verb.method, params };
  if (run.place) return { url: run.place.url, method: verb.method, params };
  run.host.warn(11100, `<${verb.verb}> has no action, and an inline document has no URL of its own`);
  return undefined;
}
