import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { audioBytes } from '@onhook/audio';
import type { OpenSession, VoiceAgent, VoiceAgentSession } from '../port.js';
import { anOpenSession, recordEvents } from './recorded.js';

export { startOpenAiFixture, type ClientEvent, type OpenAiFixture, type OpenAiFixtureSession } from './openai-fixture.js';
export { anOpenSession, recordEvents, type Recorded } from './recorded.js';

/** The provider's end of the session that was opened last, moved by hand. */
export interface ProviderSide {
  /** All µ-law that arrived. */
  heard(): Uint8Array;
  /** What it was asked to say, in order. */
  askedFor(): readonly string[];
  toolResults(): readonly { toolCallId: string; output: string }[];
  /** What it was told in words, as the callee's. */
  told(): readonly string[];
  /** How often it was let to speak in its own words. */
  turnsAskedFor(): number;
  /** What it was told of an earlier session. */
  resumed(): readonly { role: 'agent' | 'callee'; text: string }[];
  startTurn(): void;
  speak(audio: Uint8Array): void;
  endTurn(): void;
  callTool(toolCallId: string, name: string, args: string): void;
  calleeStarts(): void;
  drop(): void;
}

export interface VoiceAgentHarness {
  readonly agent: VoiceAgent;
  readonly provider: ProviderSide;
  /** Lets the session become ready; not before, if `holdReady` was asked for. */
  letReady(): void;
  pass(ms: number): Promise<void>;
  stop(): Promise<void>;
}

/** What every voice agent adapter promises. */
export function describeVoiceAgent(name: string, open: (options: { holdReady: boolean }) => Promise<VoiceAgentHarness>): void {
  describe(`${name} keeps the promises of a voice agent`, () => {
    let harness: VoiceAgentHarness;
    let session: VoiceAgentSession;
    let record: ReturnType<typeof recordEvents>;
    beforeEach(() => {
      record = recordEvents();
    });
    afterEach(async () => {
      session.close('test over');
      await harness.stop();
    });

    async function begin(
      options: { holdReady: boolean } = { holdReady: false },
      changes: Partial<OpenSession> = {},
    ): Promise<void> {
      harness = await open(options);
      session = harness.agent.open(anOpenSession(changes), record.events);
      if (!options.holdReady) await until(() => record.of('ready').length === 1);
    }

    async function until(condition: () => boolean): Promise<void> {
      for (let i = 0; i < 500; i++) {
        if (condition()) return;
        await harness.pass(10);
      }
      throw new Error('the awaited did not happen within 5 s');
    }
    const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));
    const spoken = (): string => Buffer.concat(record.of('audio').map(([, audio]) => audioBytes(audio))).toString();

    it('is ready first of all, and never inside open', async () => {
      harness = await open({ holdReady: false });
      session = harness.agent.open(anOpenSession(), record.events);
      expect(record.seen).toEqual([]);
      await until(() => record.seen.length > 0);
      expect(record.seen[0]![0]).toBe('ready');
    });

    it('hands over what the agent says, bit by bit, then its end, then the end of the turn', async () => {
      await begin();
      session.say('Hello there.', { exact: true });
      await until(() => harness.provider.askedFor().length === 1);
      expect(harness.provider.askedFor()).toEqual(['Hello there.']);
      harness.provider.speak(bytes('one '));
      harness.provider.speak(bytes('two'));
      harness.provider.endTurn();
      await until(() => record.of('turnDone').length === 1);
      expect(spoken()).toBe('one two');
      const [, , { turnId, itemId }] = record.of('audio')[0]!;
      expect(record.seen.slice(-2)).toEqual([
        ['audioDone', { turnId, itemId }],
        ['turnDone', { turnId, status: 'completed' }],
      ]);
    });

    it('keeps what is heard before it is ready, and passes it on in order', async () => {
      await begin({ holdReady: true });
      session.hear(bytes('early '));
      session.hear(bytes('bird '));
      harness.letReady();
      await until(() => record.of('ready').length === 1);
      session.hear(bytes('sings'));
      await until(() => harness.provider.heard().length === 16);
      expect(Buffer.from(harness.provider.heard()).toString()).toBe('early bird sings');
    });

    it('says what it is asked for only when the turn before is over', async () => {
      await begin();
      harness.provider.startTurn();
      harness.provider.speak(bytes('first'));
      await until(() => spoken() === 'first');
      session.say('Second.', { exact: true });
      await harness.pass(50);
      harness.provider.endTurn();
      await until(() => record.of('turnDone').length === 1);
      await until(() => harness.provider.askedFor().length === 1);
      harness.provider.speak(bytes(' second'));
      harness.provider.endTurn();
      await until(() => record.of('turnDone').length === 2);
      expect(spoken()).toBe('first second');
      const [first, second] = record.of('turnDone').map(([, turn]) => turn.turnId);
      expect(first).not.toBe(second);
    });

    it('says last words instead of all that it was about to say', async () => {
      await begin();
      session.say('First.', { exact: true });
      session.say('Second.', { exact: true });
      await until(() => harness.provider.askedFor().length >= 1);
      await harness.pass(50);
      session.say('Last.', { exact: true, last: true });
      harness.provider.speak(bytes('first'));
      harness.provider.endTurn();
      await until(() => harness.provider.askedFor().at(-1) === 'Last.');
      await harness.pass(50);
      harness.provider.speak(bytes('last'));
      harness.provider.endTurn();
      await until(() => record.of('turnDone').length === 1);
      expect(spoken()).toBe('last');
      expect(record.of('audio')[0]![2].turnId).toBe(record.of('turnDone')[0]![1].turnId);
    });

    it('says last words after a turn that was being said, which is told to its end', async () => {
      await begin();
      harness.provider.startTurn();
      harness.provider.speak(bytes('first'));
      await until(() => spoken() === 'first');
      session.say('Last.', { exact: true, last: true });
      await harness.pass(50);
      harness.provider.endTurn();
      await until(() => record.of('turnDone').length === 1);
      await until(() => harness.provider.askedFor().at(-1) === 'Last.');
      await harness.pass(50);
      harness.provider.speak(bytes(' last'));
      harness.provider.endTurn();
      await until(() => record.of('turnDone').length === 2);
      expect(spoken()).toBe('first last');
    });

    it('speaks when it is let to, about whatever was said last', async () => {
      await begin();
      session.respond();
      await until(() => harness.provider.turnsAskedFor() === 1);
      harness.provider.speak(bytes('well'));
      harness.provider.endTurn();
      await until(() => record.of('turnDone').length === 1);
      expect(spoken()).toBe('well');
    });

    it('hears in words what the callee did and did not speak, and answers', async () => {
      await begin();
      session.tell('[The caller pressed 1 2 3]');
      await until(() => harness.provider.turnsAskedFor() === 1);
      expect(harness.provider.told()).toEqual(['[The caller pressed 1 2 3]']);
      harness.provider.speak(bytes('yes'));
      harness.provider.endTurn();
      await until(() => record.of('turnDone').length === 1);
      expect(spoken()).toBe('yes');
    });

    it('tells each tool call once, with its arguments or without any', async () => {
      await begin();
      harness.provider.startTurn();
      harness.provider.callTool('call_1', 'end_call', '{"reason":"done"}');
      harness.provider.callTool('call_1', 'end_call', '{"reason":"done"}');
      harness.provider.callTool('call_2', 'end_call', 'no json');
      harness.provider.endTurn();
      await until(() => record.of('turnDone').length === 1);
      const { turnId } = record.of('turnDone')[0]![1];
      expect(record.of('toolCall').map(([, call]) => call)).toEqual([
        { toolCallId: 'call_1', turnId, name: 'end_call', args: { reason: 'done' } },
        { toolCallId: 'call_2', turnId, name: 'end_call', args: null },
      ]);
      session.toolResult('call_1', '{"ok":true}', { respond: false });
      await until(() => harness.provider.toolResults().length === 1);
      expect(harness.provider.toolResults()).toEqual([{ toolCallId: 'call_1', output: '{"ok":true}' }]);
    });

    it('says nothing more of a turn that was interrupted', async () => {
      await begin();
      harness.provider.startTurn();
      harness.provider.speak(bytes('heard'));
      await until(() => spoken() === 'heard');
      harness.provider.calleeStarts();
      await until(() => record.of('calleeStartedSpeaking').length === 1);
      session.interrupt({ itemId: record.of('audio')[0]![2].itemId, heardMs: 0 });
      harness.provider.speak(bytes('late'));
      harness.provider.endTurn();
      await until(() => record.of('turnDone').length === 1);
      expect(spoken()).toBe('heard');
    });

    it('closes when it is told to, once, and says nothing after', async () => {
      await begin();
      harness.provider.startTurn();
      session.close('call ended');
      session.close('call ended again');
      harness.provider.speak(bytes('late'));
      await until(() => record.of('closed').length === 1);
      await harness.pass(50);
      expect(record.of('audio')).toEqual([]);
      expect(record.seen.at(-1)).toEqual(['closed', expect.objectContaining({ opened: true, byUs: true, reason: 'call ended' })]);
      expect(record.of('closed')).toHaveLength(1);
      session.hear(bytes('x'));
      session.say('x', { exact: true });
      session.tell('x');
      session.toolResult('call_1', 'x', { respond: true });
      session.interrupt({ itemId: 'item', heardMs: 1 });
    });

    it('closes before it was ever ready', async () => {
      await begin({ holdReady: true });
      session.close('callee hung up');
      await until(() => record.of('closed').length === 1);
      expect(record.seen).toEqual([['closed', expect.objectContaining({ opened: false, byUs: true })]]);
    });

    it('tells when the provider goes away, and that it may be tried again', async () => {
      await begin();
      harness.provider.drop();
      await until(() => record.of('closed').length === 1);
      expect(record.seen.at(-1)).toEqual(['closed', expect.objectContaining({ opened: true, byUs: false, retryable: true })]);
    });

    it.each([false, true])('goes on with the conversation of an earlier session, speaking first: %s', async (respond) => {
      const lines = [
        { role: 'agent', text: 'Hello, is this Kim?' },
        { role: 'callee', text: 'Yes.' },
        { role: 'agent', text: 'Good. I call' },
      ] as const;
      await begin({ holdReady: false }, { resume: { lines, respond, afterBreak: true } });
      session.hear(bytes('on'));
      await until(() => harness.provider.heard().length === 2);
      expect(harness.provider.resumed()).toEqual(lines);
      expect(harness.provider.turnsAskedFor()).toBe(respond ? 1 : 0);
    });
  });
}
