/**
 * What words of an agent give away about its intentions. Guesses: each is used only where a wrong one costs seconds, never the
 * conversation. Languages in which nothing matches lose the guess and nothing else.
 */

const FAREWELLS = [
  'good ?bye|bye(?:[ -]bye)?|farewell|take care(?! of)|have an? (?:\\p{L}+ )?(?:day|evening|night|weekend|one)|talk to you (?:soon|later)',
  'auf wieder(?:hören|sehen)|tschüss?|tschau|schönen (?:tag|abend) noch|bis (?:bald|dann|später)',
  'au revoir|bonne (?:journée|soirée)|à bientôt',
  'adiós|hasta (?:luego|pronto|mañana)|que tenga (?:un )?buen(?:a|os)? (?:día|tarde|noche)s?',
  'arrivederci|ciao|buona (?:giornata|serata)',
  'tot ziens|fijne dag|dag hoor',
  'adeus|tchau|até (?:logo|breve|mais)|tenha um bom dia',
  'do widzenia|do usłyszenia|на ?все добре|до свидания|до побачення|всего доброго',
];
const FAREWELL = new RegExp(`(?<!\\p{L})(?:${FAREWELLS.join('|')})(?!\\p{L})|再见|さようなら|失礼します`, 'iu');

const PROMISES =
  /(?<!\p{L})(?:let me (?:think|see|check|look)|(?:one|just a) (?:moment|second|sec|minute)|hold on|bear with me|einen moment|moment bitte|un momento|un (?:instant|moment)|even kijken|um momento)(?!\p{L})/iu;

/** The last words say goodbye: in one of the last two sentences, and no question among them. */
export function saysGoodbye(text: string): boolean {
  const last = sentences(text).slice(-2);
  return last.some((sentence) => FAREWELL.test(sentence)) && !last.some(isQuestion);
}

/** The last sentence asks for an answer, or promises that more is coming. */
export function leavesQuestion(text: string): boolean {
  const last = sentences(text).at(-1) ?? '';
  return isQuestion(last) || PROMISES.test(last);
}

function isQuestion(sentence: string): boolean {
  return /[?？؟]/u.test(sentence);
}

function sentences(text: string): string[] {
  return (
    text
      .match(/[^.!?？！。؟…]+[.!?？！。؟…"'”’»)]*/gu)
      ?.map((one) => one.trim())
      .filter((one) => /\p{L}/u.test(one)) ?? []
  );
}
