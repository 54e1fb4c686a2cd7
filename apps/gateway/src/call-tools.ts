import { withDefaults, type Agent } from '@onhook/contracts';
import type { SendGuarded } from '@onhook/outbound';
import type { Clock, Logger, Timers } from '@onhook/service';
import type { CallActs } from './call-acts.js';
import type { Farewell } from './farewell.js';
import type { Playback } from './playback.js';
import type { Speaker } from './speaker.js';
import type { AcceptedStream } from './stream-intake.js';
import { createToolBox, type CallTool, type ToolAnswer, type ToolBox } from './toolbox.js';
import { createEndCallTool } from './tools/end-call.js';
import { createHttpCallTool, type PreparedHttpTool } from './tools/http-tool.js';
import { createSendDtmfTool } from './tools/send-dtmf.js';
import { createTransferCallTool } from './tools/transfer-call.js';
import { createTones } from './tones.js';
import { createTransfer, type Transfer, type TransferDeps } from './transfer.js';

/** What tools need that no call brings along. */
export interface ToolSurroundings {
  /** Where the carrier reaches the api, without a slash at its end. Null: nobody is transferred. */
  readonly publicUrl: string | null;
  /** By agent. */
  readonly httpTools: ReadonlyMap<string, readonly PreparedHttpTool[]>;
  readonly send: SendGuarded;
}

/** What the agent of one call may do besides speak, and what that means for the rest of the call. */
export interface CallTools {
  readonly box: ToolBox;
  turnDone(turnId: string): void;
  calleeSpoke(): void;
  /** A mark came back, and was heard. */
  heard(mark: string): void;
  /** Nobody may speak into what is being played. */
  isFloorTaken(): boolean;
  /** The call is on its way to somebody else, or may be. */
  isTransferring(): boolean;
  /** True: the call cannot be ended now, as a transfer is under way. The wish is done if that fails. */
  holds(wish: () => void): boolean;
  /** True: a transfer was wanted, and goes on without an agent. The wish is done if that fails. */
  agentLost(wish: () => void): boolean;
  stop(): void;
}

interface CallToolsDeps extends Pick<TransferDeps, 'calls' | 'perform' | 'report' | 'carrier'> {
  readonly stream: AcceptedStream;
  readonly agent: Agent | undefined;
  readonly surroundings: ToolSurroundings | null;
  readonly acts: Pick<CallActs, 'play'>;
  readonly farewell: Farewell;
  readonly playback: Playback;
  readonly speaker: Speaker;
  readonly answer: (toolCallId: string, answer: ToolAnswer) => void;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly elapsedMs: () => number;
  readonly isOpen: () => boolean;
  readonly guarded: (run: () => void) => void;
  readonly logger: Logger;
}

export function createCallTools(deps: CallToolsDeps): CallTools {
  const { stream, agent, surroundings, farewell, answer, guarded, logger } = deps;
  const over = new AbortController();
  const tones = createTones(deps);
  const transferTool = agent?.tools.transfer;
  const transfer: Transfer | null =
    transferTool && surroundings?.publicUrl != null
      ? createTransfer({ ...deps, tool: transferTool, publicUrl: surroundings.publicUrl })
      : null;
  const isTransferring = (): boolean => transfer?.isPending() ?? false;
  const box = createToolBox({
    tools: [
      createEndCallTool({ farewell, isTransferring, logger }),
      ...(transferTool && transfer ? [createTransferCallTool(transferTool, transfer)] : []),
      ...(agent?.tools.sendDtmf ? [createSendDtmfTool(tones)] : []),
      ...httpTools(),
    ],
    mostCalls: agent?.limits.toolCalls ?? 0,
    answer,
    guarded,
    logger,
  });

  function httpTools(): CallTool[] {
    if (!agent || !surroundings) return [];
    const variables = withDefaults(agent, stream.call.variables);
    const { callId, attempt } = stream;
    const { send } = surroundings;
    return (surroundings.httpTools.get(agent.id) ?? []).map((prepared) =>
      createHttpCallTool({ prepared, send, callId, attempt, variables, clock: deps.clock, logger, signal: over.signal }),
    );
  }

  return {
    box,
    turnDone: (turnId) => transfer?.turnDone(turnId),
    calleeSpoke: () => transfer?.calleeSpoke(),
    heard(mark) {
      tones.marked();
      transfer?.heard(mark);
    },
    isFloorTaken: tones.areSounding,
    isTransferring,
    holds: (wish) => transfer?.holds(wish) ?? false,
    agentLost: (wish) => transfer?.agentLost(wish) ?? false,
    stop() {
      over.abort();
      tones.stop();
      transfer?.stop();
    },
  };
}
