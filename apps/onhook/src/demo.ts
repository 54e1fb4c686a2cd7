import { systemChance, systemClock, systemTimers } from '@onhook/service';
import type { CallView } from '@onhook/contracts';
import path from 'node:path';
import { createApiClient, type ApiClient } from './demo/api-client.js';
import { createInOrder } from './demo/in-order.js';
import { judge, type Figures } from './demo/judge.js';
import { countOpenSockets } from './demo/kernel-sockets.js';
import { tailLedger, type LedgerEntry } from './demo/ledger-tail.js';
import { narrateLedger, narrateTimeline } from './demo/narrate.js';
import type { DemoOptions, DemoOutcome, House } from './house.js';

/** The simulator's callee who chats, hears the farewell out and never hangs up first. */
const CHATTY_CALLEE = '+14155550100';
const POLL_EVERY_MS = 100;
const READY_WITHIN_MS = 30_000;
/** How long the last facts may take after the call is over: recording, sockets, last ledger lines. */
const AFTERMATH_WITHIN_MS = 10_000;

/** Places the demonstration call, shows its timeline while it happens, and judges how it ended. */
export async function runDemo(house: House, options: DemoOptions): Promise<DemoOutcome> {
  if (!house.simulatorUrl) throw new Error('the demonstration call needs the simulator');
  const api = createApiClient(house.apiUrl, house.apiKey, options.signal);
  const inOrder = createInOrder({
    timers: systemTimers,
    print: (atMs, line) => options.print(`  ${String(Math.round(atMs)).padStart(7)} ms  ${line}`),
  });
  const print = inOrder.tell;

  if (!(await until(() => api.isReady(), READY_WITHIN_MS, options.signal))) throw new Error('the api did not become ready');
  const ledger: LedgerEntry[] = [];
  const tail = new AbortController();
  let callId = '';
  let carrierCallId = '';
  let placedAt = systemClock.now();
  const isThisCall = (entry: LedgerEntry): boolean =>
    entry.callId === callId || (carrierCallId !== '' && entry.callSid === carrierCallId);
  const tailing = tailLedger(
    house.simulatorUrl,
    (entry) => {
      ledger.push(entry);
      const line = isThisCall(entry) ? narrateLedger(entry, farewell(ledger, callId)) : null;
      if (line) print(entry.at - placedAt, line);
    },
    AbortSignal.any([tail.signal, options.signal]),
  );
  // A ledger that breaks off shows in the verdict; until then it must not end the process as an unhandled rejection.
  tailing.catch((error: unknown) => options.print(`the ledger could not be followed: ${String(error)}`));

  try {
    placedAt = systemClock.now();
    const startedAt = systemClock.monotonicMs();
    const created = await api.placeCall({ to: CHATTY_CALLEE, agentId: 'demo' }, `demo-${systemChance.uuid()}`);
    callId = created.id;
    // The zero of the call's own timeline, so that both sources tell one time.
    placedAt = Date.parse(created.createdAt);
    options.print(`Placed ${created.id}`);

    const call = await follow(
      api,
      created.id,
      options.signal,
      (line, atMs) => print(atMs, line),
      (sid) => (carrierCallId = sid),
    );
    const callMs = Math.round(systemClock.monotonicMs() - startedAt);

    const ports = [house.ports.gateway, house.ports.agent];
    await until(() => !countOpenSockets(ports), AFTERMATH_WITHIN_MS, options.signal);
    const openSockets = countOpenSockets(ports);
    print(systemClock.now() - placedAt, `sockets    ${wordsFor(openSockets)}`);
    await until(async () => (await api.readCall(callId)).recording.status === 'ready', AFTERMATH_WITHIN_MS, options.signal);
    await until(
      () => ledger.some((entry) => isThisCall(entry) && entry.kind === 'carrier-ended'),
      AFTERMATH_WITHIN_MS,
      options.signal,
    );

    const recordingFile = await api.readRecording(callId);
    const { figures, faults } = judge({
      call,
      ledger: ledger.filter(isThisCall),
      recordingFile,
      recordingPath: recordingFile && path.join(house.recordingsDir, `${callId}-${call.attempts.length}.wav`),
      openSockets,
      socketsMustBeCounted: process.platform === 'linux',
      setupMs: house.setupMs,
      callMs,
    });
    inOrder.end();
    summarise(figures, faults, options);
    return {
      passed: faults.length === 0 && !options.signal.aborted,
      report: { ...figures, ...(faults.length > 0 && { faults }) },
    };
  } finally {
    inOrder.end();
    tail.abort();
  }
}

/** What the agent said last before it called end_call, if it has. */
function farewell(ledger: readonly LedgerEntry[], callId: string): string | undefined {
  const spoken = ledger.findLast(
    (entry) => entry.kind === 'agent-spoke' && entry.callId === callId && entry['farewell'] === true,
  );
  return typeof spoken?.['text'] === 'string' ? spoken['text'] : undefined;
}

/** Polls the call and tells each new step of its timeline, until it has ended. */
async function follow(
  api: ApiClient,
  id: string,
  signal: AbortSignal,
  tell: (line: string, atMs: number) => void,
  onCarrierCall: (sid: string) => void,
): Promise<CallView> {
  let told = 0;
  for (;;) {
    const call = await api.readCall(id);
    const sid = call.attempts.at(-1)?.carrierCallId;
    if (sid) onCarrierCall(sid);
    const timeline = call.timeline ?? [];
    for (; told < timeline.length; told++) {
      const entry = timeline[told]!;
      const line = narrateTimeline(entry, timeline[told - 1]);
      if (line) tell(line, entry.atMs);
    }
    if (call.state === 'ended') return call;
    if (signal.aborted) throw new Error(`the demonstration was stopped while the call was ${call.state}`);
    await systemTimers.sleep(POLL_EVERY_MS, signal);
  }
}

function wordsFor(openSockets: number | null): string {
  if (openSockets === null) return 'not counted here';
  return openSockets === 0 ? 'all closed, says the kernel' : `${openSockets} still open`;
}

async function until(holds: () => Promise<boolean> | boolean, withinMs: number, signal: AbortSignal): Promise<boolean> {
  const giveUpAt = systemClock.monotonicMs() + withinMs;
  while (!(await holds())) {
    if (signal.aborted || systemClock.monotonicMs() > giveUpAt) return false;
    await systemTimers.sleep(POLL_EVERY_MS, signal);
  }
  return true;
}

function summarise(figures: Figures, faults: readonly string[], { print }: DemoOptions): void {
  print('');
  print(`  Ended by ${figures.endedBy ?? '?'}, wanted by ${figures.endedParty ?? '?'}: ${figures.cause ?? '?'}.`);
  print(
    `  Goodbye: ${figures.goodbyeGeneratedMs} ms generated, ${figures.goodbyeHeardMs} ms heard, ${figures.goodbyeCutMs} ms cut.`,
  );
  print(`  The carrier ended the call ${figures.endToCarrierEndedMs ?? '?'} ms after the last millisecond of the goodbye.`);
  print(`  Recording: ${figures.recording ?? 'none'}`);
  for (const fault of faults) print(`  WRONG: ${fault}`);
}
