export { agentLines, calleeLines } from './demo-lines.js';
export { encodeMuLaw, linearOf } from './mu-law.js';
export type { Heard, Listener } from './recogniser.js';
export { createDownsampler, resample } from './resample.js';
export { SpeechError } from './speech-error.js';
export { createSpeech, voices, type Line, type Speech, type VoiceName } from './speech.js';
