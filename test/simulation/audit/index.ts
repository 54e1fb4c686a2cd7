import type { Run } from '../run-seed.js';
import {
  agentsGoWithTheCall,
  agentsMeetTheirOwn,
  endsInTime,
  farewellsAreHeard,
  noHealthyCallIsCut,
  transfersAreLeftAlone,
} from './ends.js';
import { gatherFacts, type Statement, type Violation } from './facts.js';
import { dispositionsAgree, everyAnswerHasItsRecord, everyRecordEnds, nothingIsLeft, timelinesReplay } from './records.js';
import {
  legsAreNotTooLong,
  legsHaveEnded,
  noCreateAgain,
  noOverlap,
  noRingTooMany,
  oneLegAnAttempt,
  onlyInTime,
  somebodyToSpeak,
  withinLimits,
} from './rings.js';

/** The audit's statements, by their numbers in the design. */
const STATEMENTS: Readonly<Record<number, Statement>> = {
  1: legsHaveEnded,
  2: endsInTime,
  3: legsAreNotTooLong,
  5: oneLegAnAttempt,
  6: noOverlap,
  7: noRingTooMany,
  8: everyAnswerHasItsRecord,
  9: everyRecordEnds,
  10: dispositionsAgree,
  11: timelinesReplay,
  12: agentsMeetTheirOwn,
  13: agentsGoWithTheCall,
  14: farewellsAreHeard,
  17: noHealthyCallIsCut,
  18: onlyInTime,
  19: withinLimits,
  20: noCreateAgain,
  22: nothingIsLeft,
  26: transfersAreLeftAlone,
  27: somebodyToSpeak,
};

export function audit(run: Run): Violation[] {
  const facts = gatherFacts(run);
  return Object.entries(STATEMENTS).flatMap(([number, statement]) =>
    statement(facts).map((found) => ({ statement: Number(number), seed: run.seed, ...found })),
  );
}
