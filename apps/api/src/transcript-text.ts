import type { Transcript, TranscriptLine } from '@onhook/contracts';

/** For reading: `[00:01.400] agent: Hello, we are [not heard: open on Monday.]` */
export function transcriptText({ lines, truncated }: Transcript): string {
  const said = lines.map((line) => {
    const cleared = line.cleared === undefined ? [] : [`[not heard: ${oneLine(line.cleared)}]`];
    return `[${clock(line.fromMs)}] ${line.who}: ${[oneLine(line.text), ...cleared].filter((part) => part !== '').join(' ')}\n`;
  });
  return said.join('') + (truncated ? '[the call was longer than what is kept of it]\n' : '');
}

/** WebVTT, in time with the recording. */
export function transcriptVtt({ lines, truncated }: Transcript): string {
  const cues = lines.map((line) => `${hours(line.fromMs)} --> ${hours(endOf(line))}\n<v ${line.who}>${cueText(line)}</v>\n`);
  return [`WEBVTT\n`, ...cues, ...(truncated ? ['NOTE the call was longer than what is kept of it\n'] : [])].join('\n');
}

function cueText({ text, cleared }: TranscriptLine): string {
  const heard = escaped(oneLine(text));
  return cleared === undefined ? heard : `${heard}${heard === '' ? '' : ' '}<c.unheard>${escaped(oneLine(cleared))}</c>`;
}

/** A cue must end after it has begun. */
function endOf({ fromMs, toMs }: TranscriptLine): number {
  return Math.max(toMs, fromMs + 1);
}

/** Words are anybody's: an empty line would end the cue, and a player shows tags as what they say. */
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** What moves a terminal's cursor, or ends a line, is no part of what was said. */
const oneLine = (text: string): string => text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();

function clock(ms: number): string {
  const whole = Math.max(0, Math.round(ms));
  const pad = (value: number, digits: number): string => String(value).padStart(digits, '0');
  return `${pad(Math.floor(whole / 60_000), 2)}:${pad(Math.floor(whole / 1_000) % 60, 2)}.${pad(whole % 1_000, 3)}`;
}

function hours(ms: number): string {
  const whole = Math.max(0, Math.round(ms));
  return `${String(Math.floor(whole / 3_600_000)).padStart(2, '0')}:${clock(whole % 3_600_000)}`;
}
