import type { Policy } from '@onhook/call';
import type { AnsweredBy, VoicemailAction } from '@onhook/contracts';
import type { Logger } from '@onhook/service';
import type { CallActs } from './call-acts.js';

/** What a call does when the carrier has found out who answered. The record has the fact before this is asked. */
export interface AnsweredByPolicy {
  /** The first verdict counts. */
  told(who: AnsweredBy): void;
  /** True: a message is being left, and nobody is to be greeted. */
  agentReady(): boolean;
}

interface AnsweredByDeps {
  readonly policy: Policy;
  /** What the record knew already when the stream came. */
  readonly known: AnsweredBy | null;
  /** Null: there is none to leave. */
  readonly message: string | null;
  readonly acts: Pick<CallActs, 'sayAndEnd' | 'end'>;
  readonly isAgentReady: () => boolean;
  readonly logger: Logger;
}

export function createAnsweredBy({ policy, known, message, acts, isAgentReady, logger }: AnsweredByDeps): AnsweredByPolicy {
  let verdict = known;

  function leavesMessage(): boolean {
    return verdict !== null && message !== null && actionFor(verdict, policy) === 'leave-message';
  }

  function leaveMessage(): void {
    if (message !== null) acts.sayAndEnd(message, { cause: 'voicemail-message-left', by: 'platform' });
  }

  return {
    told(who) {
      if (verdict !== null) return;
      verdict = who;
      const action = actionFor(who, policy);
      logger.info({ who, action }, 'carrier told who answered');
      // The record has ended the call by itself; its order may be late.
      if (action === 'hang-up') acts.end('voicemail', 'platform');
      else if (leavesMessage() && isAgentReady()) leaveMessage();
    },
    agentReady() {
      if (!leavesMessage()) return false;
      leaveMessage();
      return true;
    },
  };
}

/** A human is always spoken with, a fax machine never, unless everybody is. */
function actionFor(who: AnsweredBy, { voicemail, unknownAnswer = 'continue' }: Policy): VoicemailAction {
  switch (who) {
    case 'human':
      return 'continue';
    case 'machine':
      return voicemail;
    case 'fax':
      return voicemail === 'continue' ? 'continue' : 'hang-up';
    case 'unknown':
      return unknownAnswer;
  }
}
