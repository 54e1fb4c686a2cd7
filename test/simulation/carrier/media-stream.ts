import { STREAM_PARAMETERS } from '@onhook/contracts';
import type { MediaSocket, MediaSocketListener } from '@onhook/gateway';
import type { Timer } from '@onhook/service';
import type { Draw } from '../draw.js';
import type { Scheduler } from '../scheduler.js';
import type { SimProcess } from '../sim-process.js';
import type { Weather } from '../weather.js';
import type { Callee } from './callee.js';
import type { Ledger } from './ledger.js';

/** A gateway process as the network sees it. */
export interface MediaHost {
  readonly process: SimProcess;
  /** False: the upgrade was refused. */
  admit(socket: MediaSocket): boolean;
}

export interface StreamClaim {
  readonly accountSid: string;
  readonly sid: string;
  readonly callId: string;
  readonly attempt: number;
  readonly token: string;
}

export interface MediaStream {
  readonly streamSid: string;
  /** The carrier ends it: `stop`, then the close. */
  stop(): void;
}

export interface MediaStreamDeps {
  readonly scheduler: Scheduler;
  readonly draw: Draw;
  readonly weather: Weather;
  readonly ledger: Ledger;
  readonly host: MediaHost;
  readonly claim: StreamClaim;
  readonly callee: Callee;
  /** Null: not the stream of a leg, but somebody who shows its token once more. */
  readonly onOver: ((by: 'us' | 'broken') => void) | null;
}

/** Real frames are 20 ms; a few of them say the same to everything that is judged here, and cost less. */
const FRAME_MS = 300;
const FRAME_BYTES = FRAME_MS * 8;
const QUIET = Buffer.alloc(FRAME_BYTES, 0xff).toString('base64');
const LOUD = Buffer.alloc(FRAME_BYTES, 0x20).toString('base64');
const ONE_WAY_MS = [1, 25] as const;

/** The carrier's end of a media stream: plays at real time, echoes marks, clears, and lets the callee speak. */
export function openMediaStream(deps: MediaStreamDeps): MediaStream | null {
  const { scheduler, draw, weather, ledger, host, claim, callee, onOver } = deps;
  const { process } = host;
  const { sid, callId } = claim;
  const streamSid = `MZ${draw.hex(16)}`;
  let listener: MediaSocketListener | null = null;
  const waiting: (() => void)[] = [];
  let isOpen = true;
  let isClosing = false;
  let sequence = 0;
  let [arrivesAt, leavesAt] = [0, 0];
  let frames: Timer | null = null;
  let queueEndsAt = 0;
  let [sentMs, clearedMs] = [0, 0];
  let marks: { name: string; timer: Timer }[] = [];
  let stalledUntil = 0;
  const person = createPerson(callee, draw);

  /** In order, as one connection delivers. */
  function toGateway(run: (to: MediaSocketListener) => void): void {
    arrivesAt = Math.max(arrivesAt, scheduler.now() + draw.between(...ONE_WAY_MS));
    scheduler.after(arrivesAt - scheduler.now(), () =>
      process.deliver(() => {
        if (listener) run(listener);
        else waiting.push(() => run(listener!));
      }),
    );
  }

  function toCarrier(run: () => void): void {
    leavesAt = Math.max(leavesAt, scheduler.now() + draw.between(...ONE_WAY_MS));
    scheduler.after(leavesAt - scheduler.now(), () => isOpen && run());
  }

  function say(message: Record<string, unknown>): void {
    const bytes = Buffer.from(JSON.stringify({ sequenceNumber: String(++sequence), streamSid, ...message }));
    toGateway((to) => to.onMessage(bytes));
  }

  function echo(name: string): void {
    marks = marks.filter((mark) => mark.name !== name);
    if (!weather.strikes('mark-lost', { callId, sid })) say({ event: 'mark', mark: { name } });
  }

  function carrierHears(text: string): void {
    const message = JSON.parse(text) as { event: string; mark?: { name: string } };
    const now = scheduler.now();
    if (message.event === 'mark') {
      const { name } = message.mark!;
      marks.push({ name, timer: scheduler.after(queueEndsAt - now, () => echo(name)) });
    } else if (message.event === 'clear') {
      clearedMs += Math.max(0, queueEndsAt - now);
      queueEndsAt = now;
      for (const { name, timer } of marks) {
        timer.cancel();
        echo(name);
      }
    }
  }

  function over(by: 'us' | 'carrier' | 'broken'): void {
    if (!isOpen) return;
    isOpen = false;
    frames?.cancel();
    for (const { timer } of marks) timer.cancel();
    if (onOver === null) return;
    const unplayedMs = Math.max(0, queueEndsAt - scheduler.now());
    const playedMs = Math.round(sentMs - clearedMs - unplayedMs);
    ledger.write({
      type: 'stream-closed',
      sid,
      streamSid,
      by,
      sentMs: Math.round(sentMs),
      playedMs,
      clearedMs: Math.round(clearedMs),
      playedUntil: queueEndsAt,
    });
    if (by !== 'carrier') onOver(by);
  }

  const socket: MediaSocket = {
    send: (text) => toCarrier(() => carrierHears(text)),
    sendAudio(_before, audio) {
      const ms = audio.length / 8;
      toCarrier(() => {
        queueEndsAt = Math.max(queueEndsAt, scheduler.now()) + ms;
        sentMs += ms;
      });
    },
    close(code) {
      if (isClosing) return;
      isClosing = true;
      toCarrier(() => {
        over('us');
        toGateway((to) => to.onClosed({ code }));
      });
    },
    bufferedBytes: () => 0,
    takenBytes: () => 0,
    listen(next) {
      listener = next;
      for (const run of waiting.splice(0)) run();
    },
  };

  if (!host.admit(socket)) return null;
  process.onDeath(() => scheduler.after(draw.between(5, 20), () => over('broken')));
  say({ event: 'connected', protocol: 'Call', version: '1.0.0' });
  say({
    event: 'start',
    start: {
      accountSid: claim.accountSid,
      streamSid,
      callSid: sid,
      tracks: ['inbound'],
      mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8_000, channels: 1 },
      customParameters: {
        [STREAM_PARAMETERS.callId]: callId,
        [STREAM_PARAMETERS.attempt]: String(claim.attempt),
        [STREAM_PARAMETERS.token]: claim.token,
      },
    },
  });

  let chunk = 0;
  const tick = (): void => {
    if (!isOpen) return;
    frames = scheduler.after(FRAME_MS, tick);
    const now = scheduler.now();
    if (now < stalledUntil) return;
    chunk++;
    const payload = person.isSpeaking(now, now < queueEndsAt) ? LOUD : QUIET;
    say({
      event: 'media',
      media: { track: 'inbound', chunk: String(chunk), timestamp: String(120 + chunk * FRAME_MS), payload },
    });
  };
  tick();

  if (onOver !== null) {
    if (weather.strikes('stream-broken', { callId, sid })) {
      scheduler.after(draw.between(200, 15_000), () => {
        if (!isOpen) return;
        over('broken');
        toGateway((to) => to.onClosed({ code: 1006 }));
      });
    }
    if (weather.strikes('stream-stalled', { callId, sid })) {
      scheduler.after(draw.between(200, 10_000), () => void (stalledUntil = scheduler.now() + draw.between(4_000, 20_000)));
    }
  }

  return {
    streamSid,
    stop() {
      if (!isOpen) return;
      say({ event: 'stop', stop: { accountSid: claim.accountSid, callSid: sid } });
      over('carrier');
      toGateway((to) => to.onClosed({ code: 1000 }));
    },
  };
}

/** When the callee speaks: after the agent has, into it, or when nobody says anything. */
function createPerson({ speaks, interrupts }: Callee, draw: Draw): { isSpeaking(now: number, agentSpeaks: boolean): boolean } {
  let speaksUntil = 0;
  let quietSince: number | null = null;
  let hasHeard = false;
  let begins = draw.between(300, 900);

  return {
    isSpeaking(now, agentSpeaks) {
      if (!speaks) return false;
      if (now < speaksUntil) return true;
      if (agentSpeaks) {
        hasHeard = true;
        quietSince = null;
        if (interrupts && draw.happens(0.06)) speaksUntil = now + draw.between(400, 1_200);
        return now < speaksUntil;
      }
      quietSince ??= now;
      if (now - quietSince < (hasHeard ? begins : 4_000)) return false;
      [hasHeard, quietSince, begins] = [false, null, draw.between(300, 900)];
      speaksUntil = now + draw.between(600, 1_800);
      return true;
    },
  };
}
