import type { Logger } from '@onhook/service';
import type { Tool } from '@onhook/voice-agent';

/** What an agent may do besides speak. One for each call: the tools know whose call it is, the model never says. */
export interface ToolBox {
  /** What the agent is told at the opening of its session. */
  readonly definitions: readonly Tool[];
  run(call: ToolCall, turn: ToolTurn): void;
}

export interface CallTool {
  readonly definition: Tool;
  /** However often a tool was called before. */
  readonly isAlwaysAllowed?: boolean;
  /** Answers at once, later, or by itself (null). What it throws is told to the model as a plain failure. */
  run(call: ToolCall, turn: ToolTurn): ToolAnswer | Promise<ToolAnswer | null> | null;
}

export interface ToolCall {
  readonly toolCallId: string;
  readonly turnId: string;
  readonly name: string;
  /** Null: not JSON. */
  readonly args: Readonly<Record<string, unknown>> | null;
}

/** The turn in which a tool was called. */
export interface ToolTurn {
  readonly hasAudio: boolean;
  /** The callee has not heard the first words yet. */
  readonly isGreeting: boolean;
}

export interface ToolAnswer {
  readonly output: string;
  /** Let the agent speak about it. */
  readonly respond: boolean;
}

interface ToolBoxDeps {
  readonly tools: readonly CallTool[];
  /** In one call: a model that goes round in circles is stopped there. */
  readonly mostCalls: number;
  readonly answer: (toolCallId: string, answer: ToolAnswer) => void;
  /** Runs what comes later as part of this call. */
  readonly guarded: (run: () => void) => void;
  readonly logger: Logger;
}

export function createToolBox({ tools, mostCalls, answer, guarded, logger }: ToolBoxDeps): ToolBox {
  let calls = 0;
  const byName = new Map(tools.map((tool) => [tool.definition.name, tool]));

  async function later(call: ToolCall, answered: Promise<ToolAnswer | null>): Promise<void> {
    try {
      const found = await answered;
      if (found) guarded(() => answer(call.toolCallId, found));
    } catch (error) {
      logger.warn({ err: error, tool: call.name }, 'tool failed');
      guarded(() => answer(call.toolCallId, { output: 'This tool failed.', respond: true }));
    }
  }

  return {
    definitions: tools.map((tool) => tool.definition),
    run(call, turn) {
      const tool = byName.get(call.name);
      if (!tool) return answer(call.toolCallId, { output: `There is no tool named ${call.name}.`, respond: true });
      if (++calls > mostCalls && !tool.isAlwaysAllowed) {
        if (calls === mostCalls + 1) logger.warn({ mostCalls }, 'agent called too many tools');
        return answer(call.toolCallId, { output: 'No tool can be used any more in this call, except end_call.', respond: true });
      }
      const answered = tool.run(call, turn);
      if (answered instanceof Promise) void later(call, answered);
      else if (answered) answer(call.toolCallId, answered);
    },
  };
}
