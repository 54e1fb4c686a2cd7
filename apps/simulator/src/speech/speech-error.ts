export type SpeechProblem = 'unknown-voice' | 'text-too-long' | 'nothing-to-say' | 'synthesis-failed' | 'closed';

/** Words that could not be made into sound. The message names no word of them. */
export class SpeechError extends Error {
  constructor(
    readonly code: SpeechProblem,
    message: string,
  ) {
    super(message);
    this.name = 'SpeechError';
  }
}
