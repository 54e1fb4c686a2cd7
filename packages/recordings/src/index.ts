export { oneSide, type Side } from './one-side.js';
export type { Peaks } from './peaks.js';
export type { Recording, RecordingReader, RecordingRemover, Recordings, RecordingStore, RecordingWriter } from './port.js';
