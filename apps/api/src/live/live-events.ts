import type { Call } from '@onhook/call';
import type { CallId } from '@onhook/contracts';
import { hasSeen, readFeedPosition, writeFeedPosition, type FeedPosition } from '@onhook/store';
import type { Timers } from '@onhook/service';
import type { Response } from 'express';
import { callMessage } from '../webhooks/message.js';
import { openEventStream, type EventStream } from './event-stream.js';
import { UPDATED, type FeedWatch, type LiveNews, type Watcher } from './feed-watch.js';

export interface LiveEvents {
  readonly isFull: boolean;
  /** Serves one client until it goes. @throws StoreUnavailable before anything was answered */
  stream(response: Response, asked: LiveQuestion): Promise<void>;
  /** Ends all streams: their clients come back to another process. */
  close(): void;
}

export interface LiveQuestion {
  /** As the client sent it; undefined: it begins now. */
  readonly lastEventId: string | undefined;
  readonly wants: (type: string, callId: CallId) => boolean;
  /** Of what is wanted by its type: whether it is of a call that is watched. */
  readonly isWatched?: (call: Call) => boolean;
  /** What a client that begins is told first. */
  readonly snapshot?: { readonly type: string; readonly data: unknown };
  /** What is told beside the news, as long as the stream is open. */
  readonly beside?: (tell: (type: string, data: unknown) => void) => { stop(): void };
}

/** Held back while a client is told what it has missed. */
const MOST_HELD = 2_000;

export function createLiveEvents({
  watch,
  timers,
  mostStreams,
}: {
  watch: FeedWatch;
  timers: Pick<Timers, 'every'>;
  mostStreams: number;
}): LiveEvents {
  const streams = new Set<EventStream>();

  return {
    get isFull() {
      return streams.size >= mostStreams;
    },

    async stream(response, { lastEventId, wants, isWatched = () => true, snapshot, beside }) {
      // There is a stream, and nothing of it was asked for.
      if (response.req.method === 'HEAD') return void response.type('text/event-stream').end();
      const wanted = (news: readonly LiveNews[]): LiveNews[] =>
        news.filter(({ type, news: { callId }, call }) => wants(type, callId) && call !== null && isWatched(call));
      const hold = createHold();
      const watcher: Watcher = { wants, onNews: hold.onNews, onGap: hold.onGap };
      const now = await watch.join(watcher);
      const from = lastEventId === undefined ? now : readFeedPosition(lastEventId);
      let missed: LiveNews[] | null = null;
      try {
        missed = lastEventId === undefined ? [] : from && (await watch.replay(from, now, wants));
      } catch (error) {
        watch.leave(watcher);
        throw error;
      }
      // It may have gone while we looked.
      if (response.destroyed) return watch.leave(watcher);

      let other: { stop(): void } | undefined;
      const stream = openEventStream(response, timers, () => {
        streams.delete(stream);
        watch.leave(watcher);
        other?.stop();
      });
      streams.add(stream);
      if (snapshot && lastEventId === undefined) stream.send(snapshot.type, writeFeedPosition(now), snapshot.data);
      if (missed === null) sendReset(stream, now);
      else sendNews(stream, wanted(missed));
      hold.letGo({
        // What the client saw at another process, which was ahead of this one.
        onNews: (news) => sendNews(stream, wanted(missed === null || !from ? news : news.filter((item) => !hasSeen(from, item)))),
        onGap: (position) => sendReset(stream, position),
      });
      other = beside?.((type, data) => stream.send(type, null, data));
    },

    close() {
      for (const stream of streams) stream.end();
      streams.clear();
    },
  };
}

function sendReset(stream: EventStream, position: FeedPosition): void {
  stream.send('reset', writeFeedPosition(position), {});
}

function sendNews(stream: EventStream, news: readonly LiveNews[]): void {
  for (const { type, call, news: item, position } of coalesced(news)) {
    if (!stream.isOpen) return;
    const { version: sequence, at } = item;
    if (call) stream.send(type, writeFeedPosition(position), callMessage({ type, at, sequence }, call));
  }
}

/** Of one reading each call's last news tells all that `call.updated` could: events with a name of their own are all kept. */
export function coalesced(news: readonly LiveNews[]): LiveNews[] {
  const last = new Map(news.map((item) => [item.news.callId, item]));
  return news.filter((item) => item.type !== UPDATED || last.get(item.news.callId) === item);
}

type Ears = Pick<Watcher, 'onNews' | 'onGap'>;

/** Keeps what comes until somebody listens; too much of it, and it is as if there had been a gap. */
function createHold(): Ears & { letGo(ears: Ears): void } {
  let held: LiveNews[] = [];
  let gap: FeedPosition | null = null;
  let ears: Ears | null = null;
  return {
    onNews(news, position) {
      if (ears) return ears.onNews(news, position);
      if (gap === null && held.length + news.length <= MOST_HELD) return void held.push(...news);
      held = [];
      gap = position;
    },
    onGap(position) {
      if (ears) return ears.onGap(position);
      held = [];
      gap = position;
    },
    letGo(listening) {
      ears = listening;
      if (gap) listening.onGap(gap);
      const last = held.at(-1);
      if (last) listening.onNews(held, last.position);
      held = [];
    },
  };
}
