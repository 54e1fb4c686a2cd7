export { recordingPlace } from './places.js';
export type { Archive, ArchivedCall, ArchivedLine, ArchiveEntry } from './port.js';
